"""Numbers of people and things: `c. 60,500 (2025)`, `3,167 (average, 2021)`, `51-200`, `10,001+`, `12k`."""

from __future__ import annotations

import re

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct
from patchbook.accounts.values.money import parse_money

_RANGE = re.compile(r"^\s*(\d[\d,.' ]*)\s*(?:-|–|—|to|bis|à)\s*(\d[\d,.' ]*)(?:\s+\D+)?$", re.IGNORECASE)


def parse_count(text: str) -> int | None:
    """
    The first whole number the text names, or None; a range counts as its middle.

    Examples
    --------
    >>> parse_count("c. 60,500 (2025)"), parse_count("3,167 (average, 2021)"), parse_count("12k")
    (60500, 3167, 12000)
    >>> parse_count("51-200"), parse_count("10,001+"), parse_count("many")
    (125, 10001, None)
    """
    spread = _RANGE.match(text)
    if spread:
        low, high = parse_count(spread.group(1)), parse_count(spread.group(2))
        # A range runs upwards; "555-4729" is a telephone number, and nobody's head count.
        return (low + high) // 2 if low is not None and high is not None and 0 <= low <= high else None
    money = parse_money(text)
    if money is None or money.currency is not None or abs(money.amount) >= 1e15:
        return None
    return round(money.amount)


def read_counts(texts: pl.Series) -> Cleaned:
    """A column of whole numbers: what Polars can cast as it stands, then the rest one distinct text at a time."""
    expected = "a whole number such as 420"
    if texts.dtype.is_integer():
        return Cleaned(values=texts.cast(pl.Int64), expected=expected)
    if texts.dtype.is_numeric():
        decimals = texts.cast(pl.Float64)
        sensible = decimals.is_finite() & (decimals.abs() < 1e15)
        values = decimals.set(~sensible, None).round().cast(pl.Int64)
        return Cleaned(values=values, refused=decimals.is_not_null() & values.is_null(), expected=expected)
    values = texts.cast(pl.Int64, strict=False)
    doubtful = texts.is_not_null() & values.is_null()
    if not doubtful.any():
        return Cleaned(values=values, expected=expected)
    values = values.scatter(doubtful.arg_true(), by_distinct(texts.filter(doubtful), parse_count, pl.Int64))
    return Cleaned(values=values, refused=texts.is_not_null() & values.is_null(), rewritten=doubtful, expected=expected)
