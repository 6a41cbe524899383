"""Plain numbers as people and their programs write them: `1,234.5`, `1.234,5`, `1 234,5`, `(1,200)`, `−3`."""

from __future__ import annotations

import math
import re
from typing import Literal

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct, where

DecimalMark = Literal[".", ","]

_DIGITS = re.compile(r"\d+(?:[.,'’]\d+|[ \u2009\u202f\u00a0]\d{3}(?!\d))*")
_PLAIN = re.compile(r"[-+−–]?\s*(\d[\d.,'’\u2009\u202f\u00a0 ]*|\.\d+)([eE][-+]?\d+)?")
_GROUPS_OF_THREE = r"^\(?[-+]?\d{1,3}(\.\d{3})+\)?$"


def parse_number(text: str, *, decimal: DecimalMark | None = None) -> float | None:
    """
    The number the whole text stands for, or None. Infinity and NaN are not numbers here.

    Examples
    --------
    >>> parse_number("1,234.5"), parse_number("1.234,5"), parse_number("(1 200)"), parse_number("12 boxes")
    (1234.5, 1234.5, -1200.0, None)
    """
    body, negative = unbracketed(text.strip())
    match = _PLAIN.fullmatch(body)
    if match is None:
        return None
    sign = -1.0 if body[0] in "-−–" else 1.0
    digits = body.lstrip("-+−– ")
    exponent = match.group(2) or ""
    number = read_digits(digits[: len(digits) - len(exponent)], decimal=decimal)
    if number is None:
        return None
    value = sign * (float(f"{number}{exponent}") if exponent else number)
    return None if not math.isfinite(value) else -value if negative else value


def read_digits(digits: str, *, decimal: DecimalMark | None = None, three_are_thousands: bool = False) -> float | None:
    """
    The number written with these digits and separators.

    Where both marks occur the last one is the decimal mark; a mark that occurs twice groups thousands. One
    mark alone is a decimal mark, except a comma before exactly three digits — and a point too when
    `three_are_thousands`, as in amounts of money, which have no third decimal.
    """
    bare = re.sub(r"['’\s\u2009\u202f\u00a0]", "", digits)
    points, commas = bare.count("."), bare.count(",")
    if decimal == ",":
        bare = bare.replace(".", "").replace(",", ".") if commas <= 1 else bare.replace(",", "")
    elif decimal == ".":
        bare = bare.replace(",", "")
    elif points and commas:
        last_is_comma = bare.rfind(",") > bare.rfind(".")
        bare = bare.replace(".", "").replace(",", ".") if last_is_comma else bare.replace(",", "")
    elif commas > 1:
        bare = bare.replace(",", "")
    elif points > 1:
        bare = bare.replace(".", "")
    elif commas == 1:
        groups = re.fullmatch(r"\d{1,3},\d{3}", bare)
        bare = bare.replace(",", "" if groups and not bare.startswith("0") else ".")
    elif points == 1 and three_are_thousands and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", bare):
        bare = bare.replace(".", "")
    try:
        return float(bare)
    except ValueError:
        return None


def unbracketed(text: str) -> tuple[str, bool]:
    """The text inside an accountant's brackets, and whether it had them: `(1,200)` is minus 1,200."""
    if len(text) > 2 and text[0] == "(" and text[-1] == ")" and text.count("(") == 1:
        return text[1:-1].strip(), True
    return text, False


def first_number(text: str) -> re.Match[str] | None:
    """Where the first run of digits with its separators stands in the text."""
    return _DIGITS.search(text)


def decimal_mark(texts: pl.Series) -> DecimalMark | None:
    """
    The decimal mark the column as a whole uses, or None where single values must speak for themselves.

    `1.200` alone could be either; beside `3.400,50`, or in a column where every point stands before exactly
    three digits, it is one thousand two hundred.
    """
    has_comma = texts.str.contains(",", literal=True).any()
    if has_comma and texts.str.contains(r"\d,\d{1,2}\)?$|\d\.\d{3},\d").any():
        return ","
    with_point = texts.str.contains(".", literal=True)
    if not with_point.any():
        return None
    if not has_comma:
        pointed = texts.filter(with_point)
        # A few cells tell most columns apart, so the rest is looked at only where they do not.
        if pointed.len() > 1 and all(
            some.str.contains(_GROUPS_OF_THREE).all() for some in (pointed.head(100), pointed)
        ):
            return ","
    plain = r"\d,\d{3}\.\d|^\d*\.\d{1,2}$"
    return "." if any(some.str.contains(plain).any() for some in (texts.head(1000), texts)) else None


def read_numbers(texts: pl.Series) -> Cleaned:
    """A column of numbers: what Polars can cast as it stands, then the rest one distinct text at a time."""
    if texts.dtype.is_numeric():
        values = texts.cast(pl.Float64)
        unbounded = values.is_not_null() & ~values.is_finite()
        return Cleaned(
            values=where(unbounded, pl.Series([None], dtype=pl.Float64).new_from_index(0, texts.len()), values),
            refused=unbounded,
            expected="a finite number such as 1234.5",
        )
    mark = decimal_mark(texts)
    values = texts.cast(pl.Float64, strict=False)
    values = values.set(~values.is_finite(), None) if not values.is_finite().all() else values
    # With a decimal comma a text with a point casts to the wrong number, so it must be read again.
    doubtful = texts.is_not_null() & values.is_null()
    if mark == ",":
        doubtful |= texts.is_not_null() & texts.str.contains(".", literal=True)
    if not doubtful.any():
        return Cleaned(values=values, expected="a number such as 1234.5")
    rest = texts.filter(doubtful)
    read = by_distinct(rest, lambda text: parse_number(text, decimal=mark), pl.Float64)
    values = values.scatter(doubtful.arg_true(), read)
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=doubtful,
        expected="a number such as 1234.5",
    )
