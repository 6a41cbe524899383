"""What is worth a second look in a rule that can be meant: a value that nobody has, and the one that was meant."""

from __future__ import annotations

import polars as pl

from patchbook.rules.computed import Computed
from patchbook.rules.context import Context
from patchbook.rules.parse import written_values
from patchbook.rules.schema import Schema
from patchbook.rules.source import nearest, shorten

MOST_VALUES = 5_000
"""A field with more different values is no choice among few, and a new value in it is nothing to wonder at."""

MOST_NOTICES = 20


class KnownValues:
    """The texts that a field, or a column of a look-up table, has."""

    def __init__(self, frame: pl.DataFrame, context: Context) -> None:
        self._frame = frame
        self._context = context
        self._known: dict[str, frozenset[str]] = {}

    def of(self, field: str) -> frozenset[str]:
        """The different texts of a field; none where it has too many, or other values."""
        if field not in self._known:
            self._known[field] = self._found(field)
        return self._known[field]

    def _found(self, field: str) -> frozenset[str]:
        if isinstance(field, Computed):
            if field.call.function != "lookup":
                return frozenset()
            _, name, *column = field.call.arguments
            table = self._context.tables.get(str(name).partition("@")[0])
            if table is None:
                return frozenset()
            values = table.frame[str(column[0])] if column else table.frame.to_series(1)
        elif field in self._frame.columns:
            values = self._frame[field]
        else:
            return frozenset()
        if values.dtype not in (pl.String, pl.Categorical, pl.Enum):
            return frozenset()
        distinct = values.cast(pl.String).drop_nulls().unique()
        return frozenset(distinct) if len(distinct) <= MOST_VALUES else frozenset()


def unknown_values(text: str, schema: Schema, known: KnownValues) -> tuple[str, ...]:
    """
    A sentence for each value in a rule that nobody has, where a value that somebody has is near.

    Examples
    --------
    >>> accounts = pl.DataFrame({"industry": ["Retail", "Energy"]})
    >>> [notice] = unknown_values("industry = 'Retial'", {"industry": "text"}, KnownValues(accounts, Context()))
    >>> print(notice)
    At character 12 of "industry = 'Retial'": nobody has the industry 'Retial'; did you mean 'Retail'?
    """
    found: list[str] = []
    for written in written_values(text, schema):
        values = known.of(written.field)
        if not values or written.value in values or len(found) == MOST_NOTICES:
            continue
        near = nearest(written.value, values)
        if near is not None:
            problem = f"nobody has the {written.field} {written.value!r}; did you mean {near!r}?"
            found.append(f"At character {written.position} of {shorten(text)!r}: {problem}")
    return tuple(found)
