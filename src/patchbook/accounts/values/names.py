"""The part of a company's name that tells it from others: without legal form, accents, case and punctuation."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

_WRITTEN_FORMS = """
inc incorporated llc llp lp ltd limited corp corporation co company companies plc pllc pc gmbh ag kg kgaa ohg ug se
ev eg mbh sa sas sarl sasu eurl sl slu sau sc srl spa sapi sab cv bv nv vof oy oyj ab
aktiebolag as asa aps kk pty pte bhd sdn jsc pjsc ooo zao doo dd kft zrt rt spol sro sp zoo
"""
LEGAL_FORMS = tuple(_WRITTEN_FORMS.split())
"""Words at the end of a name that say what kind of company it is, not which."""

_FORMS = "|".join(sorted(LEGAL_FORMS, key=lambda form: (-len(form), form)))
_ENDINGS = rf"(?:\s+(?:and|und|et|y)?\s*(?:{_FORMS}))+$"


def name_key(name: str) -> str:
    """
    The key two spellings of one company share.

    Examples
    --------
    >>> name_key("ACME Industries, L.L.C."), name_key("Acme Industries Inc")
    ('acme industries', 'acme industries')
    >>> name_key("Müller & Söhne GmbH & Co. KG"), name_key("The Home Depot, Inc.")
    ('muller and sohne', 'home depot')
    """
    if name and max(name) > _LAST_LATIN:
        return str(name_keys(pl.Series([name]))[0])
    # The plain twin of `name_keys`, which takes a hundred times as long for one name.
    text = name.lower().replace("ß", "ss")
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if unicodedata.category(sign)[0] != "M")
    for pattern, instead in _STEPS:
        text = pattern.sub(instead, text)
    words = text.strip().removeprefix("the ")
    return _ENDING.sub("", words) or words


_LAST_LATIN = "\u024f"
"""Beyond it Python's and Polars' editions of Unicode may differ."""

_ENDING = re.compile(_ENDINGS)
_STEPS = (
    (re.compile(r"\(.*?\)"), " "),
    (re.compile(r"[.'’`]"), ""),
    (re.compile(r"\s*[&+]\s*"), " and "),
    (re.compile(r"[\W_]+"), " "),
)


def name_keys(names: pl.Series) -> pl.Series:
    """The keys of a column of names, worked out once for each distinct name."""
    distinct = names.drop_nulls().unique()
    text = pl.col("name").str.to_lowercase()
    if distinct.len() and not distinct.str.contains(r"^[\x00-\x7f]*$").all():
        text = text.str.replace_all("ß", "ss", literal=True).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    words = (
        text.str.replace_all(r"\(.*?\)", " ")
        .str.replace_all(r"[.'’`]", "")
        .str.replace_all(r"\s*[&+]\s*", " and ")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
        .str.replace(r"^the ", "")
    )
    key = words.str.replace(_ENDINGS, "")
    # "AG" or "SE" alone is a name after all.
    keys = pl.DataFrame({"name": distinct}).select(pl.when(key == "").then(words).otherwise(key)).to_series()
    if distinct.len() == 0:
        return pl.Series([None], dtype=pl.String).new_from_index(0, names.len())
    return names.replace_strict(distinct, keys, default=None, return_dtype=pl.String)
