"""Names of places as keys: what is left of a spelling once accents, case, dots and "Saint" against "St" are gone."""

from __future__ import annotations

import polars as pl

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = {
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ʻ": "",
    "’": "",
}
_WORDS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}


def name_key(column: pl.Expr) -> pl.Expr:
    """
    The spelling without accents, case and punctuation, words parted by one space; null when nothing is left.

    Examples
    --------
    >>> pl.select(name_key(pl.lit("  SÃO  Paulo. "))).item()
    'sao paulo'
    """
    plain = (
        column.str.normalize("NFKD")
        .str.replace_all(r"\p{M}+", "")
        .str.to_lowercase()
        .str.replace_many(list(_LETTERS), list(_LETTERS.values()))
        .str.replace_all(r"['.`]", "")
        .str.replace_all(r"[^\p{L}\p{N}&]+", " ")
        .str.strip_chars()
    )
    return pl.when(plain != "").then(plain)


def place_key(column: pl.Expr) -> pl.Expr:
    """
    The key two spellings of one town share.

    Examples
    --------
    >>> pl.select(place_key(pl.lit("St. Paul"))).item() == pl.select(place_key(pl.lit("SAINT PAUL"))).item()
    True
    """
    key = name_key(column).str.replace_all("&", "and", literal=True)
    for word, short in _WORDS.items():
        key = key.str.replace_all(rf"\b{word}\b", short)
    return key
