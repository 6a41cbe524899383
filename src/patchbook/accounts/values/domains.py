"""The domain of a company from what people paste: a URL, an e-mail address, `www.` and a path."""

from __future__ import annotations

import re

import polars as pl

from patchbook.accounts.values.column import Cleaned

_WRITTEN_FREE_MAIL = """
gmail.com googlemail.com hotmail.com outlook.com live.com yahoo.com aol.com icloud.com gmx.de gmx.net web.de
t-online.de orange.fr free.fr wanadoo.fr proton.me protonmail.com mail.ru qq.com 163.com
"""
FREE_MAIL = frozenset(_WRITTEN_FREE_MAIL.split())
"""Domains of mail for everybody: they say nothing about a company, so they never join two accounts."""

_DOMAIN = r"^([\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]{1,62}$"


_PLAIN = re.compile(
    r"(?>(?:https?://)?)(?>(?:[a-z0-9._+-]+@)?)(?>(?:www\d?\.)?)((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62})"
)
"""What `read_domains` gives as it stands; a test holds the two equal."""


def parse_domain(text: str) -> str | None:
    """
    The bare domain, or None where the text holds none.

    Examples
    --------
    >>> parse_domain("HTTPS://WWW.ALBERTSONS.COM/#1"), parse_domain("ann@acme.co.uk"), parse_domain("Official website")
    ('albertsons.com', 'acme.co.uk', None)
    """
    # Nearly all are plain, and reading one through a column of one takes a hundred times as long.
    if (plain := _PLAIN.fullmatch(text)) is not None:
        return plain[1]
    value = read_domains(pl.Series([text])).values[0]
    return None if value is None else str(value)


def read_domains(texts: pl.Series) -> Cleaned:
    """A column of domains in lower case, without scheme, `www.`, port, path and mail name."""
    frame = pl.DataFrame({"text": texts.cast(pl.String)})
    bare = (
        pl.col("text")
        .str.to_lowercase()
        .str.replace(r"^\s*[a-z][a-z0-9+.-]*://", "")
        .str.replace(r"^(mailto:)?[^/@\s]*@", "")
        .str.replace(r"^www\d?\.", "")
        .str.replace(r"[/?#:\s,;].*$", "")
        .str.strip_chars(". ")
    )
    values = frame.select(pl.when(bare.str.contains(_DOMAIN)).then(bare)).to_series()
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=texts.is_not_null() & values.is_not_null() & (texts.cast(pl.String).str.to_lowercase() != values),
        expected="a domain such as acme.com",
    )
