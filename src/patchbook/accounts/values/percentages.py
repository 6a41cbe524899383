"""Shares: `15%`, `15 %`, `0.15`, `7,5 Prozent` become fractions, 0.15 for fifteen in a hundred."""

from __future__ import annotations

import re

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct
from patchbook.accounts.values.numbers import parse_number, read_numbers

_SIGN = re.compile(r"\s*(%|percent|per cent|pct|prozent|pour cent|por ciento)\.?$", re.IGNORECASE)


def parse_percentage(text: str) -> float | None:
    """
    The fraction the text stands for, or None. Without a sign the number is taken as the fraction itself.

    Examples
    --------
    >>> parse_percentage("15%"), parse_percentage("7,5 Prozent"), parse_percentage("0.15"), parse_percentage("some")
    (0.15, 0.075, 0.15, None)
    """
    bare = _SIGN.sub("", text.strip())
    number = parse_number(bare)
    if number is None:
        return None
    return round(number / 100, 12) if bare != text.strip() else number


def read_percentages(texts: pl.Series) -> Cleaned:
    """A column of shares. Where no cell has a sign and most are above 1.5, the column is in hundredths."""
    expected = "a share such as 15% or 0.15"
    if texts.dtype.is_numeric() or not texts.str.contains("%|(?i)p[eo]r|pct|proz").any():
        plain = read_numbers(texts)
        middle = plain.values.abs().median()
        if isinstance(middle, float) and middle > 1.5:
            return Cleaned(
                values=plain.values / 100,
                refused=plain.refused,
                rewritten=plain.values.is_not_null() if texts.dtype == pl.String else None,
                expected=expected,
                notes=("Shares without a sign are mostly above 1.5, so the column is read as hundredths: 15 is 15 %.",),
            )
        return Cleaned(values=plain.values, refused=plain.refused, rewritten=plain.rewritten, expected=expected)
    values = by_distinct(texts, parse_percentage, pl.Float64)
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=texts.is_not_null(),
        expected=expected,
    )
