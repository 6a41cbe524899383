"""The bars of the report: what each territory carries against its fair share, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from patchbook.plans.out.tables import measure_names
from patchbook.plans.report import words
from patchbook.plans.result import Result

MOST_BARS = 60
"""Bars on one side before the list refers to its file."""
WIDEST = 3.0
"""Bars end at three times the fair share; a longer one is cut and says so by its figure."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One territory, or one previous owner."""

    name: str
    off_by: str
    width: float
    """Percent of the panel's width."""
    is_off: bool
    colour: int | None = None
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One side: all bars, from most to least."""

    title: str
    bars: tuple[Bar, ...]
    hidden: int
    file: str


@dataclass(frozen=True, kw_only=True)
class Balance:
    """One measure, before and after, on one scale."""

    title: str
    tolerance: str | None
    band_from: float
    band_width: float
    fair_at: float
    """Percent of the panel's width where the fair share lies."""
    before: Panel | None
    after: Panel


def balances(result: Result, colours: Sequence[int]) -> tuple[Balance, ...]:
    """Each measure of the plan that has targets."""
    found = (_balance(result, name, colours) for name in measure_names(result.territories))
    return tuple(balance for balance in found if balance.after.bars)


def _balance(result: Result, name: str, colours: Sequence[int]) -> Balance:
    tolerance = next((measure.tolerance for measure in result.plan.measures if measure.name == name), None)
    off = f"{name}_deviation"
    after = result.territories.with_row_index("row").drop_nulls(off).sort(off, "territory", descending=[True, False])
    has_before = result.before.height > 0 and off in result.before.columns
    before = result.before.drop_nulls(off).sort(off, "previous_owner", descending=[True, False]) if has_before else None
    largest = max(
        [1.0 + float(value) for frame in (after, before) if frame is not None for value in frame[off]] or [1.0]
    )
    scale = 100.0 / min(max(largest, 1.2), WIDEST)
    limit = tolerance if tolerance is not None else 0.0
    return Balance(
        title=name.replace("_", " ").capitalize(),
        tolerance=words.percent(tolerance) if tolerance is not None else None,
        band_from=round(max(0.0, 1.0 - limit) * scale, 2),
        band_width=round((min(1.0 + limit, WIDEST) - max(0.0, 1.0 - limit)) * scale, 2),
        fair_at=round(scale, 2),
        before=None if before is None else _panel("Before", before, "previous_owner", off, limit, scale, "before.csv"),
        after=_panel("After", after, "territory", off, limit, scale, "territories.csv", colours),
    )


def _panel(
    title: str,
    frame: pl.DataFrame,
    label: str,
    off: str,
    limit: float,
    scale: float,
    file: str,
    colours: Sequence[int] | None = None,
) -> Panel:
    bars = []
    for record in frame.head(MOST_BARS).iter_rows(named=True):
        row = record["row"] if colours is not None else None
        bars.append(
            Bar(
                name=record[label],
                off_by=words.percent(record[off], signed=True),
                width=round(min(1.0 + record[off], WIDEST) * scale, 2),
                is_off=abs(record[off]) > limit + 1e-9,
                colour=colours[row] if colours is not None and row is not None else None,
                row=row,
            )
        )
    return Panel(title=title, bars=tuple(bars), hidden=frame.height - len(bars), file=file)
