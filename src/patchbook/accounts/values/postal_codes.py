"""Postal codes in the spelling of their country, with the leading zeros a spreadsheet took given back."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from patchbook.accounts.values.column import Cleaned

DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("US", "PR", "DE", "FR", "ES", "IT", "MX", "FI", "EE", "HR", "TR", "UA", "MY", "TH", "ID"), 5),
    **dict.fromkeys(("AT", "CH", "BE", "DK", "NO", "AU", "NZ", "HU", "SI", "BG", "LU", "ZA", "PH"), 4),
    **dict.fromkeys(("IN", "SG", "CN", "RO", "RU", "CO"), 6),
}
"""How many digits a postal code has, where it is all digits."""


_CLEAN = re.compile(r"[0-9]{5}")


def parse_postal_code(text: str, *, country: str | None = None) -> str | None:
    """
    The code as its country writes it, or None where it cannot be one.

    Examples
    --------
    >>> parse_postal_code("2139", country="US"), parse_postal_code("02139-4307", country="US")
    ('02139', '02139')
    >>> parse_postal_code("sw1a1aa", country="GB"), parse_postal_code("k1a0b1", country="CA")
    ('SW1A 1AA', 'K1A 0B1')
    """
    # Nearly all are clean, and reading one through a column of one takes a hundred times as long.
    if country in ("US", "PR") and _CLEAN.fullmatch(text) and text > _BEFORE_THE_FIRST:
        return text
    value = read_postal_codes(pl.Series([text]), pl.Series([country], dtype=pl.String)).values[0]
    return None if value is None else str(value)


def read_postal_codes(texts: pl.Series, countries: pl.Series | None = None) -> Cleaned:
    """A column of postal codes; `countries` are the two-letter codes of the same rows."""
    country = countries if countries is not None else pl.Series([None], dtype=pl.String).new_from_index(0, texts.len())
    frame = pl.DataFrame({"text": texts.cast(pl.String), "country": country.cast(pl.String)})
    # Most files hold five clean digits and little else, and the branches below cost on a million rows.
    clean = pl.col("country").is_in(("US", "PR")) & pl.col("text").str.contains(r"^\d{5}$")
    clean = clean & (pl.col("text") > _BEFORE_THE_FIRST)
    doubtful = frame.select((~clean).fill_null(True) & pl.col("text").is_not_null()).to_series()
    if not doubtful.any():
        return Cleaned(values=frame["text"], expected=_EXPECTED)
    read = frame.filter(doubtful).select(_as_written(pl.col("text"), pl.col("country"))).to_series()
    values = frame["text"].scatter(doubtful.arg_true(), read)
    return Cleaned(
        values=values,
        refused=frame["text"].is_not_null() & values.is_null(),
        rewritten=values.is_not_null() & (frame["text"] != values),
        expected=_EXPECTED,
    )


_BEFORE_THE_FIRST = "00500"
"""The lowest ZIP in use is 00501; 00000 and its like stand for not knowing."""

_EXPECTED = "a postal code of the account's country, such as 02139 in the US"


def _as_written(text: pl.Expr, country: pl.Expr) -> pl.Expr:
    """The code as its country writes it, null where it cannot be one."""
    # A spreadsheet that took a code for a number may also have given it decimals.
    code = text.str.strip_chars().str.replace(r"\.0+$", "").str.to_uppercase()
    us = country.is_in(("US", "PR"))
    squeezed = code.str.replace_all(r"[\s-]", "")
    digits = code.str.extract(r"^(\d+)$")
    needed = country.replace_strict(list(DIGITS), list(DIGITS.values()), default=None, return_dtype=pl.UInt32)
    short = digits.is_not_null() & (digits.str.len_bytes() < needed) & (digits.str.len_bytes() + 2 >= needed)
    return (
        pl.when(us & code.str.contains(r"^\d{5}(-?\d{4})?$") & (code.str.head(5) <= _BEFORE_THE_FIRST))
        .then(None)
        .when(us & code.str.contains(r"^\d{5}(-?\d{4})?$"))
        .then(code.str.head(5))
        .when(us & code.str.contains(r"^\d{3,4}-\d{4}$"))
        .then(code.str.extract(r"^(\d+)-").str.zfill(5))
        .when(us & code.str.contains(r"^\d{7,8}$"))
        .then(code.str.zfill(9).str.head(5))
        .when(short)
        .then(digits.str.zfill(needed))
        .when(us)
        .then(None)
        .when((country == "CA") & squeezed.str.contains(r"^[A-Z]\d[A-Z]\d[A-Z]\d$"))
        .then(pl.concat_str(squeezed.str.head(3), pl.lit(" "), squeezed.str.tail(3)))
        .when((country == "GB") & squeezed.str.contains(r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$"))
        .then(pl.concat_str(squeezed.str.head(-3), pl.lit(" "), squeezed.str.tail(3)))
        .when(code.str.contains(r"^[A-Z0-9][A-Z0-9 .-]{1,11}$") & code.str.contains(r"\d|^[A-Z]{3}$"))
        .then(code)
    )
