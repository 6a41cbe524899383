"""The frontier as a picture: where each point lies, how large it is, and the line through the best. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from patchbook.carving.unbeaten import best
from patchbook.plans.frontier import Point

WIDTH, HEIGHT = 560.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 18.0, 36.0, 50.0
SMALLEST, LARGEST = 5.0, 11.0
"""The radius of the point with the least travel and with the most."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line of the grid, and what stands at it."""

    at: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One point as it is drawn."""

    point: Point
    x: float
    y: float
    radius: float
    is_best: bool
    """Whether no other is at least as good in disruption, balance and travel together."""

    @property
    def of(self) -> str:
        """What the mean way to a centre is of."""
        return "unlikeness" if self.point.travel_km is None else "travel"

    @property
    def says(self) -> str:
        """The point in one sentence, for those who do not see it."""
        moved, off = self.point.moved_share or 0.0, self.point.deviation or 0.0
        changes = f"of {self.point.by} changes owner" if self.point.by else "change owner"
        told = f"{self.point.tuning.says}: {moved:.1%} {changes}, furthest from its share {off:.1%}"
        if self.point.way is not None:
            way = self.point.way
            told += f", mean {self.of} {f'{way:,.0f} km' if self.of == 'travel' else f'{way:.2f}'}"
        return told + (", one of the best" if self.is_best else "")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """All that is drawn."""

    dots: tuple[Dot, ...]
    line: str
    """The path through what is best in disruption and balance."""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    now: tuple[float, float] | None
    """Where the draft is as it stands."""
    of: str
    """What the size of a point shows: travel, or unlikeness."""
    least: float | None
    most: float | None
    """The least and the most of it, in km where it is travel; None where there is none."""
    digits: int
    """Behind the point, of these."""
    unit: str
    """What stands behind them."""
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def chart(points: Sequence[Point], now: tuple[float, float] | None = None) -> Chart:
    """
    The points by what they disrupt, to the right, and how far they are from balance, upwards.

    Parameters
    ----------
    now
        Disruption and balance of the draft as it stands.
    """
    places = [point.figures[:2] for point in points] + ([now] if now else [])
    xs, ys = ([place[axis] for place in places] for axis in (0, 1))
    across, up = _ticks(min(xs, default=0.0), max(xs, default=1.0)), _ticks(0.0, max(ys, default=1.0))

    def at(place: tuple[float, float]) -> tuple[float, float]:
        share = (place[0] - across[0]) / (across[-1] - across[0])
        high = (place[1] - up[0]) / (up[-1] - up[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - high * (HEIGHT - TOP - BOTTOM)

    travels = [point.way for point in points if point.way is not None]
    of = "travel" if any(point.travel_km is not None for point in points) else "unlikeness"
    least, most = min(travels, default=None), max(travels, default=None)
    met = [point for point in points if point.is_feasible]
    is_best = dict(zip([point.tuning.key for point in met], best([point.figures for point in met]), strict=True))
    dots = []
    for point in points:
        x, y = at(point.figures[:2])
        radius = _radius(point.way, least, most)
        dots.append(Dot(point=point, x=x, y=y, radius=radius, is_best=is_best.get(point.tuning.key, False)))
    outline = [point.figures[:2] for point, wins in zip(met, best([p.figures[:2] for p in met]), strict=True) if wins]
    return Chart(
        # The large ones first, so that none hides another.
        dots=tuple(sorted(dots, key=lambda dot: -dot.radius)),
        line="".join(
            f"{'L' if number else 'M'}{x:.1f},{y:.1f}" for number, (x, y) in enumerate(map(at, sorted(outline)))
        ),
        across=tuple(Tick(at=at((value, 0.0))[0], label=f"{value:.0%}") for value in across),
        up=tuple(Tick(at=at((across[0], value))[1], label=_percent(value, up[1] - up[0])) for value in up),
        now=at(now) if now else None,
        of=of,
        least=least,
        most=most,
        digits=0 if of == "travel" else 2,
        unit=" km" if of == "travel" else "",
    )


def _radius(travel: float | None, least: float | None, most: float | None) -> float:
    if travel is None or least is None or most is None or most - least < 1e-9:
        return (SMALLEST + LARGEST) / 2 if travel is None else SMALLEST
    return SMALLEST + (LARGEST - SMALLEST) * (travel - least) / (most - least)


def _ticks(low: float, high: float) -> list[float]:
    """
    Round numbers from below the lowest to above the highest, four to nine of them.

    Examples
    --------
    >>> [round(tick, 2) for tick in _ticks(0.36, 0.47)]
    [0.34, 0.36, 0.38, 0.4, 0.42, 0.44, 0.46, 0.48]
    """
    room = max(high - low, 0.01)
    step = 10 ** math.floor(math.log10(room / 4))
    step *= next(times for times in (1, 2, 5, 10) if room / (step * times) <= 7)
    first = math.floor(low / step + 1e-9) - (1 if low > step and low / step % 1 < 0.1 else 0)
    last = math.ceil(high / step - 1e-9)
    last += 1 if last <= first else 0
    return [tick * step for tick in range(max(first, 0), last + 1)]


def _percent(value: float, step: float) -> str:
    return f"{value:.1%}" if step < 0.01 - 1e-9 else f"{value:.0%}"
