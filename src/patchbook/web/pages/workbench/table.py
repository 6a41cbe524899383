"""The accounts of a plan as a table: searched, filtered, sorted and cut into pages on the server. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import polars as pl

from patchbook.web.planned import Planned

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


def wanted(planned: Planned, asked: Asked, *, segments: pl.Series | None = None) -> pl.DataFrame:
    """The accounts as asked, in no order: `row` and what they are sorted by."""
    frame = planned.state.assignments.with_row_index("row")
    keep: list[pl.Expr] = []
    if asked.territories:
        names = [name for name in asked.territories if name != UNPLACED]
        inside = pl.col("territory").is_in(names)
        keep.append(
            inside | pl.col("territory").is_null() if UNPLACED in asked.territories else inside.fill_null(False)
        )
    if asked.only == "locked":
        keep.append(pl.col("locked"))
    elif asked.only == "moved":
        keep.append(pl.col("reason").str.starts_with("Moved by ").fill_null(False))
    elif asked.only == "leaving":
        keep.append(pl.col("previous_owner").is_not_null() & pl.col("person").ne_missing(pl.col("previous_owner")))
    if asked.segment and segments is not None:
        frame = frame.with_columns(segments.alias("_segment"))
        keep.append(pl.col("_segment") == asked.segment)
    if text := asked.search.strip().lower():
        columns = [name for name in ("account_id", "name") if name in frame.columns]
        keep.append(
            pl.any_horizontal(
                pl.col(name).str.to_lowercase().str.contains(text, literal=True).fill_null(False) for name in columns
            )
        )
    return frame.filter(*keep) if keep else frame


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
    last = max(1, -(-found.height // ROWS))
    asked = replace(asked, page=max(1, min(asked.page, last)))
    start = (asked.page - 1) * ROWS
    if asked.sort == "account_id" and found.height == planned.state.assignments.height:
        order = planned.order[::-1] if asked.down else planned.order
        shown = planned.state.assignments[order[start : start + ROWS]]
    else:
        shown = _sorted(found, asked).slice(start, ROWS)
    called = people({one for name in ("person", "previous_owner") for one in shown[name].drop_nulls()})
    return Table(
        asked=asked,
        total=found.height,
        of=planned.state.assignments.height,
        rows=tuple(_row(planned, row, called) for row in shown.iter_rows(named=True)),
        measures=planned.state.measures,
    )


def ids(planned: Planned, asked: Asked, *, segments: pl.Series | None = None) -> list[str]:
    """The ids of all accounts as asked."""
    return wanted(planned, asked, segments=segments)["account_id"].to_list()


def _sorted(found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    column = asked.sort if asked.sort in found.columns else "account_id"
    return found.sort(column, "account_id", descending=[asked.down, False], nulls_last=True)


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
        is_moved=bool(row["reason"] and row["reason"].startswith("Moved by ")),
        leaves=people.get(before, before) if before and before != person else None,
        reason=row["reason"],
    )
