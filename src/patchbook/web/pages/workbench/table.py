"""The accounts of a plan as a table: searched, filtered, sorted and cut into pages on the server. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.plans.journal import MOVED_BY
from patchbook.web.planned import NOBODY, Planned

ROWS = 100
UNPLACED = "-"
"""Stands for no territory in the filter."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which accounts somebody wants to see, in which order, and which page of them."""

    search: str = ""
    territories: tuple[str, ...] = ()
    only: str = ""
    """locked, moved (by hand), leaving (another owner than today), or nothing."""
    segment: str = ""
    sort: str = "account_id"
    down: bool = False
    page: int = 1

    def query(self, **other: object) -> str:
        """These wishes for an address, with some changed."""
        told = {
            "q": self.search,
            "territory": list(self.territories),
            "only": self.only,
            "segment": self.segment,
            "sort": "" if self.sort == "account_id" else self.sort,
            "down": "yes" if self.down else "",
            "page": "" if self.page == 1 else self.page,
            **other,
        }
        return urlencode([(name, value) for name, value in told.items() if value], doseq=True)

    def sorted_by(self, column: str) -> str:
        """The address of the same accounts in another order; the other way round where they are in this one."""
        down = not self.down if self.sort == column else column.startswith("measure_")
        return self.query(sort=column, down="yes" if down else "", page="")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One account."""

    account_id: str
    name: str | None
    territory: str | None
    index: int | None
    colour: int | None
    person: str | None
    measures: tuple[float | None, ...]
    is_locked: bool
    is_moved: bool
    """Whether a person put it where it is."""
    leaves: str | None
    """Who has it today, where somebody else would."""
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One page of accounts."""

    asked: Asked
    total: int
    """How many accounts are as asked."""
    of: int
    """How many the plan has."""
    rows: tuple[Row, ...]
    measures: tuple[str, ...]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // ROWS))

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return (self.asked.page - 1) * ROWS + 1


def wanted(planned: Planned, asked: Asked, *, segments: pl.Series | None = None) -> pl.Series:
    """The rows of the accounts as asked, in no order."""
    frame = planned.state.assignments
    keep: list[pl.Expr] = []
    if asked.territories:
        indexes = [planned.index_of[name] for name in asked.territories if name in planned.index_of]
        inside = np.isin(planned.owners, [*indexes, *([NOBODY] if UNPLACED in asked.territories else [])])
        keep.append(pl.lit(pl.Series(inside)))
    if asked.only == "locked":
        keep.append(pl.col("locked"))
    elif asked.only == "moved":
        keep.append(pl.col("reason").str.starts_with(MOVED_BY).fill_null(False))
    elif asked.only == "leaving":
        keep.append(pl.col("previous_owner").is_not_null() & pl.col("person").ne_missing(pl.col("previous_owner")))
    if asked.segment and segments is not None:
        keep.append(pl.lit(segments) == asked.segment)
    if text := asked.search.strip().lower():
        columns = [name for name in ("account_id", "name") if name in frame.columns]
        keep.append(
            pl.any_horizontal(
                pl.col(name).str.to_lowercase().str.contains(text, literal=True).fill_null(False) for name in columns
            )
        )
    if not keep:
        return pl.Series(np.arange(frame.height))
    return frame.select(pl.all_horizontal(keep).arg_true()).to_series()


def table(
    planned: Planned,
    asked: Asked,
    *,
    people: Callable[[Collection[str]], Mapping[str, str]],
    segments: pl.Series | None = None,
) -> Table:
    """
    The page of accounts asked for.

    Parameters
    ----------
    people
        What people of these ids are called.
    """
    found = wanted(planned, asked, segments=segments)
    last = max(1, -(-len(found) // ROWS))
    asked = replace(asked, page=max(1, min(asked.page, last)))
    shown = planned.state.assignments[_in_order(planned, asked, found)[(asked.page - 1) * ROWS :][:ROWS]]
    called = people({one for name in ("person", "previous_owner") for one in shown[name].drop_nulls()})
    return Table(
        asked=asked,
        total=len(found),
        of=planned.state.assignments.height,
        rows=tuple(_row(planned, row, called) for row in shown.iter_rows(named=True)),
        measures=planned.state.measures,
    )


def ids(planned: Planned, asked: Asked, *, segments: pl.Series | None = None) -> list[str]:
    """The ids of all accounts as asked."""
    found: list[str] = planned.state.assignments["account_id"][wanted(planned, asked, segments=segments)].to_list()
    return found


def _in_order(planned: Planned, asked: Asked, found: pl.Series) -> npt.NDArray[np.int64]:
    """The rows found in the order asked for; those that are alike by their ids."""
    rows = found.to_numpy()
    frame = planned.state.assignments
    rank = planned.rank[rows]
    if asked.sort not in frame.columns or asked.sort == "account_id":
        by_id = rows[np.argsort(rank, kind="stable")]
        return by_id[::-1] if asked.down else by_id
    if len(rows) == frame.height and asked.sort == "territory":
        by = pl.Series(_places(planned)[planned.owners], dtype=pl.Int32)
    else:
        by = frame[asked.sort][found]
    told = pl.DataFrame({"by": by, "rank": rank, "row": rows})
    sorted_rows = told.sort("by", "rank", descending=[asked.down, False], nulls_last=True)["row"].to_numpy()
    return np.asarray(sorted_rows, dtype=np.int64)


def _places(planned: Planned) -> npt.NDArray[np.int32]:
    """Index of a territory → its place among all by name; nobody's last."""
    places = np.full(NOBODY + 1, len(planned.names), dtype=np.int32)
    places[sorted(range(len(planned.names)), key=lambda index: planned.names[index])] = np.arange(len(planned.names))
    return places


def _row(planned: Planned, row: Mapping[str, Any], people: Mapping[str, str]) -> Row:
    index = planned.index_of.get(row["territory"])
    person, before = row["person"], row["previous_owner"]
    return Row(
        account_id=row["account_id"],
        name=row.get("name"),
        territory=row["territory"],
        index=index,
        colour=None if index is None else planned.colours[index],
        person=people.get(person, person) if person else None,
        measures=tuple(row[f"measure_{name}"] for name in planned.state.measures),
        is_locked=bool(row["locked"]),
        is_moved=bool(row["reason"] and row["reason"].startswith(MOVED_BY)),
        leaves=people.get(before, before) if before and before != person else None,
        reason=row["reason"],
    )
