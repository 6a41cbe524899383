"""Postal codes as people and spreadsheets leave them, to the keys of the shipped tables. Polars expressions."""

from __future__ import annotations

import polars as pl

# How many digits a code has where it is all digits; a spreadsheet drops the zeros at its front.
_DIGITS = {
    "AT": 4, "AU": 4, "BE": 4, "CH": 4, "DE": 5, "DK": 4, "ES": 5, "FI": 5, "FR": 5, "IT": 5, "NL": 4, "NO": 4, "NZ": 4,
    "PL": 5, "SE": 5,
}  # fmt: skip
_MAY_START_WITH_ZERO = ("AU", "DE", "ES", "FI", "FR", "IT", "NO", "NZ", "PL")


def zip_key(postal_code: pl.Expr) -> pl.Expr:
    """
    The five digits of a US ZIP: lost leading zeros put back, the four digits of ZIP+4 and a spreadsheet's `.0` dropped.

    Null where the text is no ZIP.

    Examples
    --------
    >>> frame = pl.DataFrame({"zip": ["2138", "02138-1234", "21381234", "2138.0", "80331 München"]})
    >>> frame.select(zip_key(pl.col("zip")))["zip"].to_list()
    ['02138', '02138', '02138', '02138', None]
    """
    text = postal_code.str.strip_chars().str.replace(r"\.0+$", "")
    short = text.str.extract(r"^(\d{3,5})(?:[- ]\d{4})?$", 1).str.zfill(5)
    long = text.str.extract(r"^(\d{7,9})$", 1).str.zfill(9).str.slice(0, 5)
    return pl.coalesce(short, long)


def postal_key(postal_code: pl.Expr, country: pl.Expr) -> pl.Expr:
    """
    The key of a postal code outside the US: no spaces, no country prefix, only digits.

    Great Britain has its outward code, Canada its forward sortation area, Ireland its routing key.

    Examples
    --------
    >>> frame = pl.DataFrame({"code": ["SW1A 1AA", "k1a-0b1", "D-80331", "1067"], "country": ["GB", "CA", "DE", "DE"]})
    >>> frame.select(postal_key(pl.col("code"), pl.col("country")))["code"].to_list()
    ['SW1A', 'K1A', '80331', '01067']
    """
    plain = postal_code.str.to_uppercase().str.replace(r"\.0+$", "").str.replace_all(r"[^0-9A-Z]", "")
    outward = pl.when(plain.str.len_chars() >= 5).then(plain.str.head(-3)).otherwise(plain)
    letters = pl.when(country == "GB").then(outward).otherwise(plain.str.slice(0, 3))
    digits = plain.str.replace_all(r"[^0-9]", "")
    wanted = country.replace_strict(_DIGITS, default=0, return_dtype=pl.Int32)
    padded = (
        pl.when(country.is_in(_MAY_START_WITH_ZERO) & (digits.str.len_chars() == wanted - 1))
        .then(pl.concat_str(pl.lit("0"), digits))
        .otherwise(digits)
        .str.slice(0, wanted)
    )
    has_letters = country.is_in(["GB", "CA", "IE"])
    is_whole = (wanted > 0) & (padded.str.len_chars() == wanted)
    return pl.when(has_letters & (letters != "")).then(letters).when(is_whole).then(padded)
