"""Find an account by what one knows of it: its id, name, domain, telephone number, postal code or town. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import polars as pl

SHOWN = ("account_id", "name", "domain", "phone", "postal_code", "city", "state", "country")
"""What is known of an account that is found."""

FEWEST_DIGITS = 5
"""A telephone number is looked for from so many digits on."""

FEWEST_SIGNS = 2
"""Shorter texts find only what begins with them."""

BY = ("id", "domain", "name", "phone", "postal code", "name", "domain", "id", "name", "phone", "name")
"""What each rank was found by: whole, then from its beginning, then anywhere."""

EXACT = 1
"""Up to this rank there is no doubt which account is meant."""


@dataclass(frozen=True, kw_only=True)
class FoundAccount:
    """An account that fits what was asked for."""

    account_id: str
    name: str | None
    domain: str | None = None
    phone: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    rank: int
    """0 fits best; the place in `BY`."""

    @property
    def by(self) -> str:
        """What it was found by."""
        return BY[self.rank]

    @property
    def is_exact(self) -> bool:
        """Whether its id or domain is what was asked for."""
        return self.rank <= EXACT

    @property
    def called(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.account_id

    @property
    def place(self) -> str:
        """Where it is, as far as that is known."""
        return ", ".join(part for part in (self.city, self.state, self.country) if part)


def folded(text: str) -> str:
    """
    A text as it is compared: without capitals, accents and further blanks.

    Examples
    --------
    >>> folded("  Société  GÉNÉRALE ")
    'societe generale'
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(plain.split())


def domain_in(text: str) -> str | None:
    """
    The domain that a web or an e-mail address holds, or None where the text is neither.

    Examples
    --------
    >>> domain_in("https://www.Acme.com/about?x=1"), domain_in("ann@acme.com"), domain_in("acme")
    ('acme.com', 'acme.com', None)
    """
    bare = re.sub(r"^[a-z]+://", "", text.strip().lower())
    bare = re.split(r"[/?#]", bare.rsplit("@", 1)[-1], maxsplit=1)[0].removeprefix("www.").rstrip(".")
    return bare if re.fullmatch(r"[^\s.,]+(\.[^\s.,]+)+", bare) else None


class AccountFinder:
    """
    The accounts of one snapshot, ready to be found. Nothing in it changes; a new snapshot is a new finder.

    Examples
    --------
    >>> finder = AccountFinder(pl.DataFrame({"account_id": ["a1", "a2"], "name": ["Acme Inc", "Café Noir"]}))
    >>> [(one.account_id, one.by) for one in finder.find("cafe")]
    [('a2', 'name')]
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        absent = [pl.lit(None, dtype=pl.String).alias(name) for name in SHOWN if name not in frame.columns]
        shown = frame.with_columns(absent).select(pl.col(name).cast(pl.String) for name in SHOWN)
        texts = {name: _folded(pl.col(name)) for name in ("account_id", "name", "domain", "postal_code", "city")}
        self._shown = shown
        self._keys = shown.select(
            *(text.alias(name) for name, text in texts.items()),
            pl.concat_str([pl.lit(" "), *texts.values()], separator="\n").alias("text"),
            pl.col("phone").fill_null("").str.replace_all(r"\D", "").alias("digits"),
        )

    def __len__(self) -> int:
        """How many accounts it has."""
        return self._shown.height

    def find(self, asked: str, limit: int = 20) -> list[FoundAccount]:
        """
        The accounts that hold every word of a text, the best first: whole ids and domains, then names, then the rest.

        A telephone number may be written in any way; of an address on the web or by e-mail the domain counts.
        """
        wanted = folded(asked)
        if not wanted:
            return []
        domain = domain_in(asked) or ""
        digits = re.sub(r"\D", "", asked) if re.fullmatch(r"[\d\s()+./-]+", asked.strip()) else ""
        digits = digits.lstrip("0") if len(digits.lstrip("0")) >= FEWEST_DIGITS else ""
        fits = self._fits(wanted, domain, digits)
        rows = self._keys.lazy().with_row_index("row").filter(fits)
        ranked = rows.with_columns(rank=_rank(wanted, domain, digits), length=pl.col("name").str.len_chars())
        best = (
            ranked.select("row", "rank", "length", "account_id")
            .sort("rank", "length", "account_id")
            .head(limit)
            .collect()
        )
        found = self._shown[best["row"].to_list()]
        return [
            FoundAccount(**row, rank=rank) for row, rank in zip(found.iter_rows(named=True), best["rank"], strict=True)
        ]

    def _fits(self, wanted: str, domain: str, digits: str) -> pl.Expr:
        text = pl.col("text")
        words = wanted.split(" ")
        # One sign alone stands in nearly every name, so a word has to begin with it; asked alone, a line of the text.
        begins = ("\n",) if len(words) == 1 else ("\n", " ")
        fits = [
            text.str.contains(word, literal=True)
            if len(word) >= FEWEST_SIGNS
            else pl.any_horizontal(text.str.contains(before + word, literal=True) for before in begins)
            for word in words
        ]
        found = pl.all_horizontal(fits)
        if domain and domain != wanted:
            found |= pl.col("domain") == domain
        if digits:
            found |= pl.col("digits").str.contains(digits, literal=True)
        return found


def _folded(column: pl.Expr) -> pl.Expr:
    """As `folded` says, for a column."""
    plain = column.fill_null("").str.normalize("NFKD").str.to_lowercase().str.replace_all(r"\p{M}", "")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def _rank(wanted: str, domain: str, digits: str) -> pl.Expr:
    """How well a row fits: the place in `BY`."""
    key, name, web = pl.col("account_id"), pl.col("name"), pl.col("domain")
    phone = pl.col("digits")
    tests = [
        key == wanted,
        web == (domain or wanted),
        name == wanted,
        phone.str.ends_with(digits) if digits else pl.lit(False),
        pl.col("postal_code").str.replace_all(" ", "") == wanted.replace(" ", ""),
        name.str.starts_with(wanted),
        web.str.starts_with(wanted),
        key.str.starts_with(wanted),
        name.str.contains(f" {wanted}", literal=True),
        phone.str.contains(digits, literal=True) if digits else pl.lit(False),
    ]
    rank = pl.lit(len(tests))
    for place, test in reversed(list(enumerate(tests))):
        rank = pl.when(test).then(pl.lit(place)).otherwise(rank)
    return rank
