"""Templates: autoescaped, strict about what they are given, and with the words and figures every page needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from patchbook.period import BEGINNING, FOREVER
from patchbook.web.static_files import static_url
from patchbook.words import counted, listed

_DATED = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d\+00:00)?(?![\w-])", re.ASCII)
"""A day or an instant as sentences of the record tell them."""


@cache
def environment() -> Environment:
    """Where templates are found, and what each may use."""
    made = Environment(
        loader=PackageLoader("patchbook.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"when": when, "day": day, "dated": dated, "number": number, "percent": percent, "usd": usd}
    made.globals |= {"static": static_url, "counted": counted, "listed": listed}
    made.globals["ui"] = made.get_template("ui.html").module
    return made


def rendered(template: str, values: Mapping[str, Any], *, block: str | None = None) -> str:
    """The template filled in; with `block` only that part of it, so that a page and its parts cannot differ."""
    found = environment().get_template(template)
    if block is None:
        return found.render(values)
    return "".join(found.blocks[block](found.new_context(dict(values))))


def when(at: datetime | None) -> Markup:
    """
    An instant; the browser shows it in the viewer's zone and locale.

    Examples
    --------
    >>> when(datetime(2027, 2, 1, 9, 30, tzinfo=UTC))
    Markup('<time datetime="2027-02-01T09:30:00Z">1 Feb 2027, 09:30 UTC</time>')
    """
    if at is None or at in (FOREVER, BEGINNING):
        return Markup("–")
    told = at.astimezone(UTC)
    text = f"{told.day} {told:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(told.strftime("%Y-%m-%dT%H:%M:%SZ"), text)


def day(on: date | datetime | None) -> Markup:
    """
    A day, which is the same in every zone.

    Examples
    --------
    >>> day(date(2027, 2, 1)), day(None)
    (Markup('<time datetime="2027-02-01">1 Feb 2027</time>'), Markup('–'))
    """
    if on is None or on in (FOREVER, BEGINNING):
        return Markup("–")
    told = on.astimezone(UTC).date() if isinstance(on, datetime) else on
    return Markup('<time datetime="{}">{}</time>').format(told.isoformat(), f"{told.day} {told:%b %Y}")


def dated(sentence: str) -> Markup:
    """
    A sentence of the record, its days and instants as the browser shows them.

    Examples
    --------
    >>> dated("Ann & Bo are away from 2027-02-01.")
    Markup('Ann &amp; Bo are away from <time datetime="2027-02-01">1 Feb 2027</time>.')
    """
    parts: list[Markup] = []
    end = 0
    for found in _DATED.finditer(sentence):
        try:
            at = datetime.fromisoformat(found[0])
        except ValueError:
            continue
        parts += [escape(sentence[end : found.start()]), day(at.date()) if found[1] is None else when(at)]
        end = found.end()
    return Markup("").join([*parts, escape(sentence[end:])])


def number(value: float | None, digits: int = 0) -> Markup:
    """
    A number; the browser groups it as the viewer's locale does.

    Examples
    --------
    >>> number(1234.56, 1), number(None)
    (Markup('<data value="1234.56" data-digits="1">1,234.6</data>'), Markup('–'))
    """
    if value is None:
        return Markup("–")
    return Markup('<data value="{}" data-digits="{}">{}</data>').format(value, digits, f"{value:,.{digits}f}")


def percent(share: float | None, digits: int = 1, signed: bool = False) -> Markup:
    """
    A share of one as a percentage.

    Examples
    --------
    >>> percent(0.5, 0, signed=True)
    Markup('<data value="0.5" data-percent="0" data-signed>+50 %</data>')
    """
    if share is None:
        return Markup("–")
    sign = Markup(" data-signed") if signed else ""
    text = f"{100 * share:{'+' if signed else ''}.{digits}f} %"
    return Markup('<data value="{}" data-percent="{}"{}>{}</data>').format(share, digits, sign, text)


def usd(value: float | None) -> Markup:
    """
    An amount in US dollars, without cents.

    Examples
    --------
    >>> usd(1250000.0)
    Markup('<data value="1250000.0" data-currency="USD">$1,250,000</data>')
    """
    if value is None:
        return Markup("–")
    return Markup('<data value="{}" data-currency="USD">{}</data>').format(value, f"${value:,.0f}")
