"""What rules may refer to beside a record: today, lists, look-up tables, areas, and who belongs under whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from patchbook.accounts.hierarchy import Hierarchy
from patchbook.errors import BadInput
from patchbook.geography.areas import Area


class BadTable(BadInput):
    """A list or look-up table cannot be used as it is; the message says why."""


@dataclass(frozen=True, eq=False)
class ValueList:
    """Values that a rule can ask for at once, as `in_list(domain, 'targets')` does."""

    values: frozenset[str]

    @classmethod
    def of(cls, values: Iterable[object]) -> ValueList:
        """The list of these values; empty ones are left out."""
        return cls(frozenset(str(value) for value in values if value is not None and str(value) != ""))

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits of its content, whatever the order."""
        return _digest(sorted(self.values))

    @cached_property
    def numbers(self) -> frozenset[float]:
        """The values that are numbers."""
        return frozenset(number for number in map(as_number, self.values) if number is not None)


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A value for each key, as `lookup(postal_code, 'zips') = 'East'` asks for."""

    frame: pl.DataFrame
    """The keys in the first column, each once and none empty; what they stand for in the others."""

    def __post_init__(self) -> None:
        key = self.frame.to_series(0)
        if self.frame.width < 2:
            raise BadTable(f"it has one column, {key.name!r}; a look-up table has a key and at least one value")
        if key.has_nulls() or key.is_duplicated().any():
            raise BadTable(f"its key {key.name!r} is empty or twice in some row; each key stands once")

    @classmethod
    def of(cls, values: Mapping[str, object], *, key: str = "key", value: str = "value") -> LookupTable:
        """The table with one value for each key."""
        return cls(pl.DataFrame({key: list(values), value: list(values.values())}, strict=False))

    @property
    def columns(self) -> tuple[str, ...]:
        """What can be looked up."""
        return tuple(self.frame.columns[1:])

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits of its content, whatever the order of its rows."""
        rows = self.frame.sort(self.frame.columns[0]).cast(pl.String).rows()
        return _digest([*self.frame.columns, *(f"{cell!r}" for row in rows for cell in row)])


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """What rules may refer to beside a record."""

    today: date | None = None
    lists: Mapping[str, ValueList] = field(default_factory=dict)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    hierarchy: Hierarchy | None = None
    """Of all accounts; without it, a record's own account_id, parent_id and family_id are all that is known."""


NOTHING = Context()
"""No date, no list, no table: enough for rules that look at a record alone."""


def as_number(text: str) -> float | None:
    """The number a text is, if it is one."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None


def _digest(parts: Iterable[str]) -> str:
    told = hashlib.sha256()
    for part in parts:
        told.update(part.encode("utf-8", "surrogatepass"))
        told.update(b"\0")
    return told.hexdigest()[:12]
