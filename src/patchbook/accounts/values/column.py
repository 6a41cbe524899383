"""What every column parser gives back, and the two steps they share: empty words, and one look a distinct text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

NULL_WORDS = (
    "",
    "-",
    "--",
    "---",
    "–",
    "—",
    ".",
    "?",
    "#n/a",
    "#na",
    "#value!",
    "#ref!",
    "#null!",
    "n/a",
    "n.a.",
    "n.a",
    "n/v",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "(null)",
    "(none)",
    "(blank)",
    "(empty)",
    "\\n",
    "not available",
    "not applicable",
    "not provided",
    "not set",
    "not specified",
    "no data",
    "unknown",
    "undefined",
    "missing",
    "tbd",
    "tba",
    "k.a.",
    "k. a.",
    "keine angabe",
    "unbekannt",
    "inconnu",
    "non disponible",
    "no disponible",
    "desconocido",
)
"""Words that mean a cell is empty, in lower case."""

AMBIGUOUS_NULL_WORDS = ("na", "none", "nil", "null")
"""Short words that are also somebody's value: Namibia's code is NA. Not taken as empty in country and state."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """A column after its parser: typed values, which cells were rewritten, and which could not be read."""

    values: pl.Series
    refused: pl.Series | None = None
    """True where there was a text and no value could be read from it."""
    rewritten: pl.Series | None = None
    """True where the value says more than the same text typed: the original is worth keeping beside."""
    expected: str = ""
    """What would have been right, for the refused cells."""
    beside: Mapping[str, pl.Series] = field(default_factory=dict)
    """Further columns the parser found, by the suffix of their name: {"currency": …}."""
    notes: tuple[str, ...] = ()
    """What a person should know of how the column was read."""


def emptied(column: pl.Expr, *, words: tuple[str, ...] = NULL_WORDS) -> pl.Expr:
    """The text without surrounding blanks, null where it says nothing (`N/A`, `NOT AVAILABLE`, `-`)."""
    return unless_empty(column.str.strip_chars(), words=words)


def unless_empty(stripped: pl.Expr, *, words: tuple[str, ...] = NULL_WORDS) -> pl.Expr:
    """A text already stripped, null where it says nothing."""
    # Lower-casing a million texts costs more than looking for each word in the spellings people use.
    spellings = {spelling for word in words for spelling in (word, word.upper(), word.title(), word.capitalize())}
    return pl.when(~stripped.is_in(pl.Series(sorted(spellings)).implode())).then(stripped)


def is_empty_word(text: str) -> bool:
    """Whether a person who wrote this meant nothing."""
    return text.strip().lower() in NULL_WORDS


def by_distinct(texts: pl.Series, parse: Callable[[str], Any], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """The column parsed with one call for each distinct text, null where the parser gives None."""
    distinct = texts.drop_nulls().unique()
    if distinct.len() == 0:
        return pl.Series(texts.name, [None] * texts.len(), dtype=dtype)
    parsed = pl.Series(texts.name, [parse(text) for text in distinct.to_list()], dtype=dtype)
    places = pl.int_range(distinct.len(), dtype=pl.UInt32, eager=True)
    return parsed.gather(texts.replace_strict(distinct, places, default=None, return_dtype=pl.UInt32))


def where(mask: pl.Series, then: pl.Series, otherwise: pl.Series) -> pl.Series:
    """One series or the other, cell by cell."""
    return then.zip_with(mask, otherwise) if mask.any() else otherwise
