"""Plain text, lists of words, and yes or no."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct

BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0", "x", "✓", "on", "ja", "j", "wahr", "oui", "vrai"), True),
    **dict.fromkeys(("si", "sí", "verdadero", "sim"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0", "off", "nein", "falsch", "non", "faux", "falso"), False),
}
"""Words for yes and no, in lower case."""


def parse_boolean(text: str) -> bool | None:
    """
    Yes or no, or None where the text says neither.

    Examples
    --------
    >>> parse_boolean("Yes"), parse_boolean("nein"), parse_boolean("perhaps")
    (True, False, None)
    """
    return BOOLEANS.get(text.strip().lower())


def read_booleans(texts: pl.Series) -> Cleaned:
    """A column of yes and no."""
    if texts.dtype == pl.Boolean:
        return Cleaned(values=texts)
    values = by_distinct(texts.cast(pl.String), parse_boolean, pl.Boolean)
    return Cleaned(values=values, refused=texts.is_not_null() & values.is_null(), expected="yes or no")


def read_texts(texts: pl.Series) -> Cleaned:
    """A column of text, runs of blanks made one."""
    untidy = texts.str.contains(r"\s\s|[\t\r\n]")
    if not untidy.any():
        return Cleaned(values=texts)
    return Cleaned(values=texts.str.replace_all(r"\s+", " "))


def parse_list(text: str) -> list[str]:
    """
    The words of a list written with `;`, `|` or, where neither occurs, `,`.

    Examples
    --------
    >>> parse_list("de; en;fr"), parse_list("EDR|SIEM"), parse_list("")
    (['de', 'en', 'fr'], ['EDR', 'SIEM'], [])
    """
    for mark in ("|", ";"):
        if mark in text:
            return [word for part in text.split(mark) if (word := part.strip())]
    return [word for part in text.split(",") if (word := part.strip())]


def read_lists(texts: pl.Series) -> Cleaned:
    """A column of lists of words."""
    if isinstance(texts.dtype, pl.List):
        return Cleaned(values=texts.cast(pl.List(pl.String)))
    return Cleaned(values=by_distinct(texts, parse_list, pl.List(pl.String)))
