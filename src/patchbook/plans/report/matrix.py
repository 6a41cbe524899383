"""What takes the place of the map where a plan has no places: which segment lies in which territory."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from patchbook.plans.plan import CarveLayer
from patchbook.plans.result import Result

MOST_SEGMENTS = 24
MOST_TERRITORIES = 30


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One territory: how many accounts of each segment, and how dark to draw each (0 to 5)."""

    territory: str
    row: int
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Territories down, segments across."""

    field: str
    segments: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    hidden: int


def matrix(result: Result) -> Matrix | None:
    """Accounts by segment and territory, by the field a layer keeps together; nothing without one."""
    known = result.accounts.schema
    carves = [layer for layer in result.plan.layers if isinstance(layer, CarveLayer)]
    fields = [field for layer in carves for field in (layer.by, *layer.similar) if field and field in known]
    field = next((name for name in fields if not known[name].is_numeric()), None)
    if field is None:
        return None
    segment = pl.col(field).cast(pl.String).fill_null("(none)").alias("segment")
    counted = (
        result.accounts.select("account_id", segment)
        .join(result.assignments.select("account_id", "territory"), on="account_id")
        .drop_nulls("territory")
        .group_by("territory", "segment")
        .len("accounts")
    )
    totals = (
        counted.group_by("segment").agg(pl.col("accounts").sum()).sort("accounts", "segment", descending=[True, False])
    )
    segments = totals["segment"].head(MOST_SEGMENTS).to_list()
    number = {(territory, name): count for territory, name, count in counted.iter_rows()}
    largest = max(number.values(), default=1)
    names = result.territories["territory"].to_list()
    rows = tuple(
        MatrixRow(
            territory=name,
            row=row,
            cells=tuple((count, _shade(count, largest)) for count in (number.get((name, s), 0) for s in segments)),
        )
        for row, name in enumerate(names[:MOST_TERRITORIES])
    )
    return Matrix(
        field=field.replace("_", " "), segments=tuple(segments), rows=rows, hidden=max(0, len(names) - MOST_TERRITORIES)
    )


def _shade(count: int, largest: int) -> int:
    return 0 if count == 0 else max(1, round(5 * (count / largest) ** 0.5))
