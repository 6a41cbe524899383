"""Amounts of money as people write them: `US$ 24.9 billion`, `€3,91 Mrd`, `(1.200)`, `1.2M`, `¥ 12 million yen`.

No rate of exchange is invented: the currency is kept beside the amount, and only rates the caller gives convert it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct
from patchbook.accounts.values.numbers import DecimalMark, decimal_mark, first_number, read_digits

SCALES: Mapping[str, float] = {
    "hundred": 1e2,
    **dict.fromkeys(("k", "thousand", "thousands", "tsd", "tausend", "t€", "mil", "mille", "miles"), 1e3),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 1e5),
    **dict.fromkeys(("crore", "crores", "cr"), 1e7),
    **dict.fromkeys(
        ("m", "mm", "mn", "mln", "mio", "mill", "million", "millions", "millionen", "millones", "millón"), 1e6
    ),
    **dict.fromkeys(
        (
            "b",
            "bn",
            "bln",
            "billion",
            "billions",
            "mrd",
            "md",
            "mds",
            "milliard",
            "milliards",
            "milliarde",
            "milliarden",
            "mil millones",
        ),
        1e9,
    ),
    **dict.fromkeys(("t", "tn", "trn", "trillion", "trillions", "bio", "billionen", "billones"), 1e12),
    "万": 1e4,
    "億": 1e8,
    "兆": 1e12,
}
"""Words behind a number that multiply it. German and Spanish `Billion` words mean a million millions."""

CURRENCIES: Mapping[str, str] = {
    "us$": "USD",
    "$us": "USD",
    "us $": "USD",
    "jp¥": "JPY",
    "usd": "USD",
    "u.s. dollars": "USD",
    "us dollars": "USD",
    "united states dollar": "USD",
    "dollars": "USD",
    "dollar": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "hk$": "HKD",
    "s$": "SGD",
    "nz$": "NZD",
    "nt$": "TWD",
    "r$": "BRL",
    "mx$": "MXN",
    "$": "USD",
    "€": "EUR",
    "euros": "EUR",
    "euro": "EUR",
    "£": "GBP",
    "pounds": "GBP",
    "cn¥": "CNY",
    "rmb": "CNY",
    "yuan": "CNY",
    "¥": "JPY",
    "￥": "JPY",
    "円": "JPY",
    "yen": "JPY",
    "fr.": "CHF",
    "sfr": "CHF",
    "swiss francs": "CHF",
    "francs": "CHF",
    "₹": "INR",
    "rs.": "INR",
    "₩": "KRW",
    "won": "KRW",
    "zł": "PLN",
    "₽": "RUB",
    "₺": "TRY",
    "₪": "ILS",
    **{
        code.lower(): code
        for code in (  # noqa: SIM905 — a row of words
            "EUR GBP JPY CHF CAD AUD NZD CNY HKD SGD INR KRW TWD BRL MXN SEK NOK DKK PLN CZK HUF RON TRY ILS ZAR "
            "RUB THB IDR MYR PHP VND AED SAR EGP NGN KES CLP COP PEN ARS UAH BGN ISK"
        ).split()
    },
}
"""Signs and words that name a currency. A bare dollar sign is read as US dollars."""

_ABOUT = re.compile(
    r"^(c|ca|circa|approx|approximately|about|around|over|under|almost|nearly|more|less|than|above|est|estimated|"
    r"rund|etwa|über|env|environ|aprox|fy|total|consolidated|group|:|~|≈|>|<|≥|≤|\+|[.:]|\s)*$",
    re.IGNORECASE,
)
_SCALE = re.compile(
    r"\s*(mil millones|" + "|".join(sorted(map(re.escape, SCALES), key=len, reverse=True)) + r")(?![^\W\d_])\.?",
    re.IGNORECASE,
)
_SCALE_BEFORE = re.compile(r"\b([A-Za-z]{3}|[€£$¥])\s?(m|mn|mio|bn|k)\b\s*(\d[\d.,]*)", re.IGNORECASE)
_CURRENCY = re.compile(
    "|".join(
        rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" if word[-1].isalpha() else re.escape(word)
        for word in sorted(CURRENCIES, key=len, reverse=True)
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Money:
    """An amount, and its currency where the text named one."""

    amount: float
    currency: str | None = None


def parse_money(text: str, *, decimal: DecimalMark | None = None) -> Money | None:
    """
    The first amount the text names, or None where it names none.

    Examples
    --------
    >>> parse_money("US$ 24.9 billion (2025)")
    Money(amount=24900000000.0, currency='USD')
    >>> parse_money("€3,91 Mrd")
    Money(amount=3910000000.0, currency='EUR')
    >>> parse_money("(1.200)")
    Money(amount=-1200.0, currency=None)
    >>> parse_money("¥ 12 million yen")
    Money(amount=12000000.0, currency='JPY')
    >>> parse_money("see annual report") is None
    True
    """
    body, negative = _without_remarks(_SCALE_BEFORE.sub(r"\1 \3 \2", text.strip()))
    found = first_number(body)
    if found is None:
        return None
    currency = _CURRENCY.search(body)
    before = _CURRENCY.sub(" ", body[: found.start()]).strip()
    minus = before.endswith(("-", "−", "–")) or before.startswith(("-", "−", "–"))
    if not _ABOUT.match(before.strip("-−– ")):
        return None
    after = body[found.end() :]
    scale = _SCALE.match(after) or _SCALE.match(_CURRENCY.sub(" ", after, count=1))
    # "12M€" and "12 k€": the scale stands between number and sign, without a blank.
    number = read_digits(found.group(), decimal=decimal if scale is None else None, three_are_thousands=scale is None)
    if number is None or (after[:1].isalpha() and scale is None and not _CURRENCY.match(after)):
        return None
    amount = number * (SCALES[scale.group(1).lower()] if scale else 1.0)
    # 24.9 × 1e9 is 24899999999.999996 in floating point; nobody wrote that.
    amount = round(amount, 2)
    return Money(-amount if negative or minus else amount, CURRENCIES[currency.group().lower()] if currency else None)


def read_money(texts: pl.Series, *, rates: Mapping[str, float] | None = None) -> Cleaned:
    """
    A column of amounts in US dollars, with the currency of each beside it where any text names one.

    An amount in another currency is converted by `rates` (US dollars for one unit: `{"EUR": 1.08}`). Without a
    rate the amount is kept as it is and its currency says so: nothing here knows today's rates.
    """
    if texts.dtype.is_numeric():
        from patchbook.accounts.values.numbers import read_numbers

        return read_numbers(texts)
    values = texts.cast(pl.Float64, strict=False)
    if not values.is_finite().all():
        values = values.set(~values.is_finite(), None)
    mark = decimal_mark(texts)
    doubtful = texts.is_not_null() & (values.is_null() | (texts.str.contains(".", literal=True) & (mark == ",")))
    expected = "an amount of money such as 1234.5, $1.2M or € 3,4 Mio"
    if not doubtful.any():
        return Cleaned(values=values, expected=expected)
    rest = texts.filter(doubtful)
    read: dict[str, Money | None] = {text: parse_money(text, decimal=mark) for text in rest.unique().to_list()}
    known = {"USD": 1.0, **(rates or {})}

    def dollars(text: str) -> float | None:
        money = read[text]
        return None if money is None else money.amount * known.get(money.currency or "USD", 1.0)

    def currency_left(text: str) -> str | None:
        money = read[text]
        if money is None or money.currency is None:
            return None
        return "USD" if money.currency in known else money.currency

    values = values.scatter(doubtful.arg_true(), by_distinct(rest, dollars, pl.Float64))
    currency = pl.Series([None], dtype=pl.String).new_from_index(0, texts.len())
    currency = currency.scatter(doubtful.arg_true(), by_distinct(rest, currency_left, pl.String))
    foreign = currency.drop_nulls().value_counts(sort=True).rows()
    left = [(code, count) for code, count in foreign if code != "USD"]
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=doubtful,
        expected=expected,
        beside={"currency": currency} if foreign else {},
        notes=tuple(
            f"{count:,} amounts are in {code} and are kept as they are; give a rate for {code} to convert them."
            for code, count in left
        ),
    )


def _without_remarks(text: str) -> tuple[str, bool]:
    """The text without remarks in brackets; brackets around the amount itself mean a loss."""
    loss = re.fullmatch(r"(\D{0,4})\(\s*([^()]*\d[^()]*)\)(\D{0,12})", text)
    if loss and not re.fullmatch(r"\s*(19|20)\d\d\s*", loss.group(2)):
        return f"{loss.group(1)} {loss.group(2)} {loss.group(3)}".strip(), True
    return re.sub(r"\([^()]*\)|\[[^\]]*\]", " ", text).strip(), False
