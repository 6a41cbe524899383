"""Where a plan is not divided by places: its segments against its territories, with what is in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.imports import snapshots
from patchbook.plans import results
from patchbook.plans.plan import CarveLayer
from patchbook.web.planned import NOBODY, Planned

MOST_SEGMENTS = 24
MOST_TERRITORIES = 60
MOST_VALUES = 200
"""A field with more values than this makes no grid."""
UNKNOWN = "(none)"
USUAL = ("segment", "industry", "vertical", "tier", "state", "country")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The accounts of one segment in one territory."""

    segment: str
    accounts: int
    amount: float
    """How much of the plan's first measure they have."""
    shade: int
    """0 for none, up to 5 for most."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One territory of the grid."""

    name: str
    index: int
    colour: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Territories down, segments across."""

    field: str
    fields: tuple[str, ...]
    """What else the accounts could be divided by."""
    measure: str | None
    segments: tuple[str, ...]
    hidden_segments: int
    lines: tuple[Line, ...]
    hidden_territories: int


def fields(tx: Connection, planned: Planned) -> tuple[str, ...]:
    """The fields accounts can be divided by, the plan's own first."""
    carves = [layer for layer in planned.document.layers if isinstance(layer, CarveLayer)]
    own = [field for layer in carves for field in (layer.by, *layer.similar) if field]
    return tuple(dict.fromkeys(name for name in (*own, *USUAL) if name in _columns(tx, planned)))


def segments(tx: Connection, planned: Planned, field: str) -> pl.Series | None:
    """The segment of each account, in the order of the assignments; nothing where accounts do not have the field."""
    if field not in _columns(tx, planned):
        return None
    folder, result_id = record_of(tx).folder, str(planned.plan.result_id)
    return _segments(folder, result_id, _snapshot(tx, planned), field)


def grid(tx: Connection, planned: Planned, field: str) -> Grid | None:
    """The grid of the plan by this field."""
    found = segments(tx, planned, field)
    if found is None:
        return None
    totals = found.value_counts(sort=True)
    names = totals[found.name].to_list()[:MOST_SEGMENTS]
    column = {name: at for at, name in enumerate(names)}
    across = found.replace_strict(column, default=len(names), return_dtype=pl.Int64).to_numpy()
    width, height = len(names) + 1, len(planned.names)
    held = planned.owners != NOBODY
    place = planned.owners[held].astype(np.int64) * width + across[held]
    measure = next(iter(planned.state.measures), None)
    counts = np.bincount(place, minlength=width * height).reshape(height, width)
    each = 0.0 if measure is None else planned.state.assignments[f"measure_{measure}"].fill_null(0).to_numpy()
    weights = np.broadcast_to(each, len(planned.owners))[held].astype(float)
    amounts = np.bincount(place, weights, minlength=width * height).reshape(height, width).astype(float)
    largest = max(1, int(counts[:, : len(names)].max(initial=0)))
    shown = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_TERRITORIES])
    return Grid(
        field=field,
        fields=fields(tx, planned),
        measure=measure,
        segments=tuple(names),
        hidden_segments=len(totals) - len(names),
        lines=tuple(
            Line(
                name=planned.names[row],
                index=int(row),
                colour=planned.colours[row],
                cells=tuple(
                    Cell(
                        segment=name,
                        accounts=int(counts[row, at]),
                        amount=float(amounts[row, at]),
                        shade=_shade(int(counts[row, at]), largest),
                    )
                    for name, at in column.items()
                ),
            )
            for row in shown
        ),
        hidden_territories=max(0, height - MOST_TERRITORIES),
    )


def _shade(count: int, largest: int) -> int:
    return 0 if count == 0 else max(1, round(5 * (count / largest) ** 0.5))


def _snapshot(tx: Connection, planned: Planned) -> Path:
    return record_of(tx).folder / snapshots.FOLDER / f"{planned.plan.snapshot_id}.parquet"


def _columns(tx: Connection, planned: Planned) -> tuple[str, ...]:
    path = _snapshot(tx, planned)
    return _dividing(path) if path.is_file() else ()


@lru_cache(maxsize=16)
def _dividing(path: Path) -> tuple[str, ...]:
    """The columns of a snapshot with few enough values."""
    there = pl.read_parquet_schema(path)
    texts = [
        name for name, kind in there.items() if kind in (pl.String, pl.Categorical, pl.Enum) and name != "account_id"
    ]
    counts = pl.scan_parquet(path).select(pl.col(texts).n_unique()).collect() if texts else pl.DataFrame()
    return tuple(name for name in texts if 2 <= counts[name][0] <= MOST_VALUES)


@lru_cache(maxsize=16)
def _segments(folder: Path, result_id: str, path: Path, field: str) -> pl.Series:
    known = pl.read_parquet(path, columns=["account_id", field]).with_columns(pl.col(field).cast(pl.String))
    ids = results.read(folder, result_id).assignments.select("account_id")
    joined = ids.join(known.unique("account_id", keep="first"), on="account_id", how="left", maintain_order="left")
    return joined[field].fill_null(UNKNOWN)
