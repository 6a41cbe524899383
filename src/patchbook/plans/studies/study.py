"""What a study has to offer: a question about a plan's carve, and an answer in sentences, tables and charts. Pure.

A study shows what the engine knows beyond the carve itself: what a lock costs, where the next seat is worth most, how
the carve stands among others. One renderer shows every study on a page, in the terminal, as CSV and as JSON, so a study
is one file here and one line in `STUDIES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, Protocol, TypeAlias

import polars as pl

from patchbook.accounts import Accounts
from patchbook.carving.solution import Progress
from patchbook.errors import BadInput
from patchbook.people.person import Person
from patchbook.plans.plan import Plan
from patchbook.plans.result import Result

Cell: TypeAlias = str | int | float | bool | None
Unit: TypeAlias = Literal["text", "count", "share", "km", "money", "number", "seconds", "yes_no"]
"""How a column's cells are written: a share of 0.031 as 3.1 %."""


class BadChoice(BadInput):
    """A study has no such choice, or it cannot be what was asked for."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    """Its heading in a CSV file: small letters and underscores, with the unit where there is one (`travel_km`)."""
    says: str
    """Its heading for people: a few plain words."""
    unit: Unit = "text"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows to read, to sort, and to take along as CSV."""

    name: str
    """Its name in files and addresses: small letters and underscores."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Most important first."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One point, bar or interval of a chart."""

    label: str
    x: float
    y: float = 0.0
    low: float | None = None
    """Where its interval begins on the y axis, where it has one."""
    high: float | None = None
    kind: Literal["plain", "best", "now"] = "plain"
    """Whether it stands out: one of the best, or the carve as it is."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture of figures that people would rather look at than read; a table holds the same."""

    name: str
    title: str
    kind: Literal["points", "bars", "histogram", "lines"]
    across: str
    """What the x axis shows, with its unit."""
    up: str
    """What the y axis shows, with its unit."""
    marks: tuple[Mark, ...]
    across_unit: Unit = "number"
    up_unit: Unit = "number"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something whoever asks may set."""

    name: str
    says: str
    """What it is, in a few plain words."""
    default: str
    """As it would be typed; "" is nothing."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a study is asked about."""

    plan: Plan
    accounts: Accounts | None = None
    people: Sequence[Person] | None = None
    """Accounts and people that were read already; otherwise the plan's files are read."""
    deals: pl.DataFrame | None = None
    """Every opportunity that closed, as the record has them: account, amount_usd, closed and won; None without one."""
    result: Result | None = None
    """The plan's carve where it was just made, with its `carved_layers`; else the study carves it itself, the same."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What was set, by the names of the study's choices; what is missing is at its default."""
    tell: Callable[[Progress], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False
    """Asked now and then; true ends the study, which tells what it has found so far."""

    def carved(self) -> Result:
        """The plan's carve with its `carved_layers`, made now where it is not at hand."""
        if self.result is not None and self.result.carved_layers:
            return self.result
        from patchbook.plans.carve import carve

        return carve(self.plan, accounts=self.accounts, people=self.people, progress=self.tell, stop=self.stop)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A study's answer."""

    says: tuple[str, ...]
    """The answer in plain sentences, the most important first; also what it rests on and what it cannot say."""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    was_stopped: bool = False

    def table(self, name: str) -> Table | None:
        """The table of that name, where there is one."""
        return next((table for table in self.tables if table.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """In the kinds JSON has; what is no finite number is null."""
        told: dict[str, Any] = _plain(asdict(self))
        return told

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Found:
        """What `to_dict` told."""
        return cls(
            says=tuple(told["says"]),
            tables=tuple(
                Table(
                    name=table["name"],
                    title=table["title"],
                    columns=tuple(Column(**column) for column in table["columns"]),
                    rows=tuple(map(tuple, table["rows"])),
                )
                for table in told["tables"]
            ),
            charts=tuple(
                Chart(**{**chart, "marks": tuple(Mark(**mark) for mark in chart["marks"])}) for chart in told["charts"]
            ),
            was_stopped=told["was_stopped"],
        )


class Study(Protocol):
    """One question about a plan's carve."""

    @property
    def name(self) -> str:
        """In addresses and commands: one or two small words with a hyphen."""

    @property
    def title(self) -> str:
        """A word or two, as a heading."""

    @property
    def question(self) -> str:
        """What it answers, as a planner would ask it."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What whoever asks may set; empty where there is nothing."""

    def run(self, asked: Asked) -> Found:
        """
        The answer.

        Raises
        ------
        BadInput
            A choice is not what it may be; the message says what would be right.
        """


def settled(study: Study, told: Mapping[str, str]) -> dict[str, str]:
    """
    Every choice of a study: what was told, and the rest at its default.

    Raises
    ------
    BadChoice
        The study has no choice of that name; the message has those it has.
    """
    names = [choice.name for choice in study.choices]
    for name in told:
        if name not in names:
            near = get_close_matches(name, names, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'none'}."
            raise BadChoice(f"The study {study.name!r} has no choice {name!r}; {meant}")
    return {choice.name: told.get(choice.name, "").strip() or choice.default for choice in study.choices}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value  # a number of NumPy's
