"""Telephone numbers in one international spelling: `+12025550143`."""

from __future__ import annotations

import re

import polars as pl

from patchbook.accounts.values.column import Cleaned, where

_NORTH_AMERICA = ("US", "CA", "PR")


def parse_phone(text: str, *, country: str | None = None) -> str | None:
    """
    The number in E.164, or None where it cannot be one. Without a `+` the country says how to read it.

    Where neither says it, the digits alone are kept: still good for telling whether two accounts share a number.

    Examples
    --------
    >>> parse_phone("(202) 555-0143", country="US"), parse_phone("030-0074321", country="DE")
    ('+12025550143', '+49300074321')
    >>> parse_phone("(202) 555-0143"), parse_phone("ask Ann", country="US")
    ('2025550143', None)
    """
    import phonenumbers

    if country is None and not text.lstrip().startswith(("+", "00")):
        digits = re.sub(r"[\s().·/-]", "", text)
        return digits if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 else None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_phones(texts: pl.Series, countries: pl.Series | None = None) -> Cleaned:
    """
    A column of telephone numbers; `countries` are the two-letter codes of the same rows.

    North American numbers are ten digits and are read by Polars; every other number is read once for each
    distinct text and country by the phonenumbers library.
    """
    country = countries if countries is not None else pl.Series([None], dtype=pl.String).new_from_index(0, texts.len())
    texts = texts.cast(pl.String)
    frame = pl.DataFrame({"text": texts, "country": country.cast(pl.String), "digits": _without_marks(texts)})
    is_long = (pl.col("digits").str.len_chars() == 11) & pl.col("digits").str.starts_with("1")
    digits = pl.when(is_long).then(pl.col("digits").str.slice(1)).otherwise("digits")
    is_plain = pl.col("country").is_in(_NORTH_AMERICA) & digits.str.contains(r"^[2-9]\d{9}$")
    frame = frame.with_columns(value=pl.when(is_plain).then(pl.concat_str(pl.lit("+1"), digits)))
    rest = frame.filter(pl.col("value").is_null() & pl.col("text").is_not_null())
    values = frame["value"]
    if rest.height:
        distinct = rest.select("text", "country").unique(maintain_order=True)
        read = distinct.with_columns(
            read=pl.Series([parse_phone(text, country=code) for text, code in distinct.iter_rows()], dtype=pl.String)
        )
        found = frame.select("text", "country").join(
            read, on=["text", "country"], how="left", nulls_equal=True, maintain_order="left"
        )["read"]
        values = where(values.is_null(), found, values)
    return Cleaned(
        values=values,
        refused=frame["text"].is_not_null() & values.is_null(),
        rewritten=values.is_not_null() & (frame["text"] != values),
        expected="a telephone number, with + and the country's code where it is not the account's own country",
    )


def _without_marks(texts: pl.Series) -> pl.Series:
    """The texts without what people part digits with; most have hyphens alone, and the rest is looked at again."""
    digits = texts.str.replace_all("-", "", literal=True)
    others = digits.str.contains(r"\D").fill_null(False).arg_true()
    return digits.scatter(others, digits.gather(others).str.replace_all(r"[\s().·/+-]", "")) if others.len() else digits
