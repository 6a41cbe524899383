"""A study's chart as SVG, the same on a page and in a file; what it looks like is told by classes. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from patchbook.plans.report import words
from patchbook.plans.studies.cells import shown
from patchbook.plans.studies.study import Chart, Mark, Unit

WIDTH, HEIGHT = 640.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 20.0, 36.0, 52.0
NAMES = 232.0
"""Room for names beside bars, which lie on their side so that names can be read."""
BAR, BETWEEN = 16.0, 7.0
MOST_BARS = 30
"""Bars that are drawn, the first; the table beside a chart has all."""
MOST_LETTERS = 30
"""Characters of a name beside a bar; the whole name is told where the bar is pointed at."""

STYLE = """
svg { background: #fff } text { font: 12px system-ui, sans-serif; fill: #555 }
.axis { fill: #222 } .grid { stroke: #ddd } .zero { stroke: #888 }
.pointer { fill: #222 } .mark { fill: #8aa4c8 } .mark.best { fill: #0b62c4 } .mark.now { fill: #c2410c }
.line, .interval { fill: none; stroke: #0b62c4; stroke-width: 1.5 } .interval { stroke: #555 }
@media (prefers-color-scheme: dark) {
  svg { background: #16181d } text { fill: #aab } .axis { fill: #eee } .grid { stroke: #333 } .zero { stroke: #888 }
  .pointer { fill: #eee } .mark { fill: #5b7398 } .mark.best { fill: #69a7ff } .mark.now { fill: #ff9966 }
  .line { stroke: #69a7ff } .interval { stroke: #aab }
}
"""
"""The looks of a chart in a file of its own; a page has them in its style sheet."""


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Where values lie along one axis."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def told(self, tick: float, unit: Unit) -> str:
        """
        A step of the axis, with as many digits as tell it from the next, and the same number at each.

        Examples
        --------
        >>> axis = _scale([0.048, 0.0502], 0.0, 100.0)
        >>> print(*(axis.told(tick, "share") for tick in axis.ticks), sep=", ")
        4.80 %, 4.85 %, 4.90 %, 4.95 %, 5.00 %, 5.05 %
        """
        step = min((b - a for a, b in pairwise(self.ticks)), default=1.0)
        if unit in ("share", "km", "seconds"):
            times, after = {"share": (100.0, "%"), "km": (1.0, "km"), "seconds": (1.0, "s")}[unit]
            digits = max(0, -math.floor(math.log10(step * times) + 1e-9))
            # A step of 2.5 or 0.05 has a digit more than its size says.
            digits += round(step * times * 10**digits, 6) % 1 > 1e-6
            value = round(tick * times, digits) + 0.0
            return f"{words.MINUS if value < 0 else ''}{abs(value):,.{digits}f}{words.SPACE}{after}"
        return words.amount(float(f"{tick:.10g}") + 0.0) if unit != "count" else shown(tick, unit)


def svg_of(chart: Chart) -> str:
    """The chart to put into a page; its sentence for those who do not see it is its label."""
    return (
        f'<svg class="study-chart" viewBox="0 0 {WIDTH:.0f} {_height(chart):.0f}" role="img"'
        f' aria-label="{escape(says(chart))}">{"".join(_parts(chart))}</svg>'
    )


def file_of(chart: Chart) -> str:
    """The chart as a file that any browser opens."""
    height = f"{_height(chart):.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height}"'
        f' viewBox="0 0 {WIDTH:.0f} {height}" role="img" aria-label="{escape(says(chart))}">'
        f"<title>{escape(chart.title)}</title><style>{STYLE}</style>{''.join(_parts(chart))}</svg>\n"
    )


def says(chart: Chart) -> str:
    """
    The chart in a sentence or two: what its axes are, where it begins and ends, what stands out.

    Examples
    --------
    >>> marks = (Mark(label="West", x=0, y=3.0), Mark(label="East", x=1, y=5.0, kind="best"))
    >>> says(Chart(name="a", title="Accounts", kind="bars", across="Territory", up="Accounts", marks=marks))
    'Accounts. Territory across, Accounts up, from 3 to 5 in 2 bars. Best: East, 5.'
    """
    chart = _upright(chart)
    marks = _finite(chart.marks)
    if not marks:
        return f"{chart.title}. Nothing to draw."
    low, high = min(mark.y for mark in marks), max(mark.y for mark in marks)
    things = {"points": "points", "lines": "points", "bars": "bars", "histogram": "steps"}[chart.kind]
    told = (
        f"{chart.title}. {chart.across} across, {chart.up} up, from {shown(low, chart.up_unit)} to"
        f" {shown(high, chart.up_unit)} in {len(marks)} {things}."
    )
    for kind, called in (("best", "Best"), ("now", "As it is")):
        named = [f"{mark.label}, {shown(mark.y, chart.up_unit)}" for mark in marks if mark.kind == kind]
        if named:
            told += f" {called}: {'; '.join(named[:3])}{' and more' if len(named) > 3 else ''}."
    return told


def _upright(chart: Chart) -> Chart:
    """The same with values in y, also where bars are told with names up and values across."""
    if chart.kind != "bars" or chart.up_unit != "text":
        return chart
    marks = tuple(replace(mark, x=float(number), y=mark.x) for number, mark in enumerate(chart.marks))
    return replace(chart, marks=marks, across=chart.up, up=chart.across, across_unit="text", up_unit=chart.across_unit)


def _height(chart: Chart) -> float:
    bars = min(len(_finite(_upright(chart).marks)), MOST_BARS)
    return TOP + BOTTOM + bars * (BAR + BETWEEN) if chart.kind == "bars" and bars else HEIGHT


def _parts(chart: Chart) -> Iterator[str]:
    chart = _upright(chart)
    marks = _finite(chart.marks)
    if not marks:
        yield f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT / 2:.0f}" text-anchor="middle">Nothing to draw</text>'
        return
    if chart.kind == "bars":
        yield from _bars(chart, marks[:MOST_BARS], len(marks))
        return
    up = _scale(_heights(marks), HEIGHT - BOTTOM, TOP, wanted_zero=chart.kind == "histogram")
    yield from _up_axis(up, chart.up_unit)
    yield from _histogram(marks, up, chart) if chart.kind == "histogram" else _points(chart, marks, up)
    if up.low < 0 < up.high:
        yield f'<line class="zero" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up.at(0):.1f}" y2="{up.at(0):.1f}"/>'
    yield f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(chart.across)} →</text>'
    yield f'<text class="axis" x="4" y="16">↑ {escape(chart.up)}</text>'


def _heights(marks: Sequence[Mark]) -> list[float]:
    ends = [mark.low for mark in marks] + [mark.high for mark in marks]
    return [mark.y for mark in marks] + [end for end in ends if end is not None and math.isfinite(end)]


def _up_axis(up: _Scale, unit: Unit) -> Iterator[str]:
    for tick in up.ticks:
        y = up.at(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(up.told(tick, unit))}</text>'


def _bars(chart: Chart, marks: Sequence[Mark], of: int) -> Iterator[str]:
    """Bars on their side, the first at the top; spans from low to high where only those differ."""
    is_spans = len({mark.y for mark in marks}) == 1 and all(mark.low is not None for mark in marks) and len(marks) > 1
    across = _scale(_heights(marks), NAMES, WIDTH - RIGHT - 30, wanted_zero=not is_spans)
    bottom = TOP + len(marks) * (BAR + BETWEEN)
    for tick in across.ticks:
        x = across.at(tick)
        looks = "zero" if abs(tick) < 1e-12 and across.low < 0 else "grid"
        yield f'<line class="{looks}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{bottom}"/>'
        told = escape(across.told(tick, chart.up_unit))
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{told}</text>'
    from_x = across.at(max(across.low, min(0.0, across.high)))
    for number, mark in enumerate(marks):
        y = TOP + number * (BAR + BETWEEN)
        low, high = mark.low, mark.high
        start, end = from_x, across.at(mark.y)
        if is_spans and low is not None and high is not None:
            start, end = across.at(low), across.at(high)
        left, right = sorted((start, end))
        drawn = (
            f'<rect class="{_looks(mark)}" x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 0.5):.1f}"'
            f' height="{BAR}"/>'
        )
        if low is not None and high is not None and not is_spans:
            middle, ends = y + BAR / 2, (across.at(low), across.at(high))
            drawn += f'<path class="interval" d="M{ends[0]:.1f},{middle:.1f}H{ends[1]:.1f}"/>'
        yield _told(mark, drawn, chart.up_unit)
        name = escape(_short(mark.label, MOST_LETTERS))
        yield f'<text class="axis" x="{NAMES - 8}" y="{y + BAR - 4:.1f}" text-anchor="end">{name}</text>'
    more = f" ({of - len(marks):,} more in the table)" if of > len(marks) else ""
    names = escape(_short(chart.across, MOST_LETTERS))
    yield f'<text class="axis" x="{NAMES - 8}" y="16" text-anchor="end">{names}{more}</text>'
    yield (f'<text class="axis" x="{WIDTH - RIGHT}" y="{bottom + 40}" text-anchor="end">{escape(chart.up)} →</text>')


def _histogram(marks: Sequence[Mark], up: _Scale, chart: Chart) -> Iterator[str]:
    """Steps side by side, each around its x."""
    ordered = sorted(marks, key=lambda mark: mark.x)
    step = min((b.x - a.x for a, b in pairwise(ordered) if b.x > a.x), default=1.0)
    across = _scale([ordered[0].x - step / 2, ordered[-1].x + step / 2], LEFT, WIDTH - RIGHT, is_tight=True)
    width = across.at(step) - across.at(0.0)
    for mark in ordered:
        yield _bar(mark, across.at(mark.x), max(width - 1, 0.5), up, chart.up_unit)
    yield from _across_axis(across, chart.across_unit)


def _bar(mark: Mark, middle: float, width: float, up: _Scale, unit: Unit) -> str:
    top, bottom = sorted((up.at(mark.y), up.at(max(up.low, min(0.0, up.high)))))
    pointer = ""  # what stands out is pointed at, also where nothing else is there
    if mark.kind != "plain":
        pointer = f'<path class="pointer" d="M{middle:.1f},{top - 3:.1f}l-5,-9h10z"/>'
    return _told(
        mark,
        f'<rect class="{_looks(mark)}" x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}"'
        f' height="{max(bottom - top, 0.5):.1f}"/>{pointer}{_interval(mark, middle, up)}',
        unit,
    )


def _points(chart: Chart, marks: Sequence[Mark], up: _Scale) -> Iterator[str]:
    across = _scale([mark.x for mark in marks], LEFT + 8, WIDTH - RIGHT - 8)
    yield from _across_axis(across, chart.across_unit)
    if chart.kind == "lines":
        ordered = sorted(marks, key=lambda mark: mark.x)
        path = "L".join(f"{across.at(mark.x):.1f},{up.at(mark.y):.1f}" for mark in ordered)
        yield f'<path class="line" d="M{path}"/>'
    plain_first: Callable[[Mark], int] = lambda mark: ("plain", "best", "now").index(mark.kind)  # noqa: E731
    for mark in sorted(marks, key=plain_first):
        x, y = across.at(mark.x), up.at(mark.y)
        radius = 5.0 if mark.kind == "plain" else 7.0
        drawn = f'{_interval(mark, x, up)}<circle class="{_looks(mark)}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
        yield _told(mark, drawn, chart.up_unit, chart.across_unit)


def _across_axis(across: _Scale, unit: Unit) -> Iterator[str]:
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}"/>'
        told = escape(across.told(tick, unit))
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{told}</text>'


def _interval(mark: Mark, x: float, up: _Scale) -> str:
    if mark.low is None or mark.high is None:
        return ""
    low, high = up.at(mark.low), up.at(mark.high)
    return (
        f'<path class="interval" d="M{x:.1f},{low:.1f}V{high:.1f}M{x - 4:.1f},{low:.1f}h8M{x - 4:.1f},{high:.1f}h8"/>'
    )


def _told(mark: Mark, drawn: str, unit: Unit, across: Unit | None = None) -> str:
    """A mark with what is told where it is pointed at."""
    at = f"{shown(mark.x, across)}, " if across is not None else ""
    return f"<g><title>{escape(f'{mark.label}: {at}{shown(mark.y, unit)}')}</title>{drawn}</g>"


def _looks(mark: Mark) -> str:
    return "mark" if mark.kind == "plain" else f"mark {mark.kind}"


def _finite(marks: Sequence[Mark]) -> list[Mark]:
    return [mark for mark in marks if _is_finite(mark.x) and _is_finite(mark.y)]


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _scale(
    values: Sequence[float], start: float, end: float, *, wanted_zero: bool = False, is_tight: bool = False
) -> _Scale:
    """
    Round steps that hold every value.

    Examples
    --------
    >>> _scale([3.0, 5.0], 0.0, 100.0, wanted_zero=True).ticks
    (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    """
    low, high = min(values), max(values)
    if wanted_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12 * max(1.0, abs(high), abs(low)):
        low, high = (low - 0.5, high + 0.5) if not wanted_zero else (0.0, max(high, 1.0))
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= 7)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(number * step for number in range(first, last + 1))
    if is_tight:
        ticks = tuple(tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9)
    else:
        low, high = first * step, last * step
    return _Scale(low=low, high=high, start=start, end=end, ticks=ticks)
