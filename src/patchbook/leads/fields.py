"""The fields a lead came with, cleaned and typed as those of an account are; what cannot be read is told, not kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import polars as pl

from patchbook.accounts.fields import FIELDS, Field, FieldType
from patchbook.accounts.mapping import field_name
from patchbook.accounts.values.column import AMBIGUOUS_NULL_WORDS, is_empty_word
from patchbook.accounts.values.counts import parse_count
from patchbook.accounts.values.dates import parse_date
from patchbook.accounts.values.domains import parse_domain
from patchbook.accounts.values.money import parse_money
from patchbook.accounts.values.numbers import parse_number
from patchbook.accounts.values.percentages import parse_percentage
from patchbook.accounts.values.phones import parse_phone
from patchbook.accounts.values.places import read_countries, read_states
from patchbook.accounts.values.postal_codes import parse_postal_code
from patchbook.accounts.values.words import parse_boolean
from patchbook.errors import BadInput
from patchbook.routing.lead import Value

OWN: Mapping[str, FieldType] = {
    "email": "text",
    "contact": "text",
    "language": "text",
    "product": "text",
    "amount_usd": "money",
}
"""What a lead may have beside the fields of an account."""

PERSONAL = frozenset({"email", "contact", "phone"})
"""Fields about the person behind a lead, which erasing it takes away."""

MOST_FIELDS = 200
LONGEST = 10_000
"""Characters of a value."""

_STANDARD: Mapping[str, Field] = {field.name: field for field in FIELDS}
_CALLED: Mapping[str, str] = {
    **{field_name(word): field.name for field in FIELDS for word in field.synonyms},
    "e_mail": "email",
    "email_address": "email",
    "mail": "email",
    "work_email": "email",
    "amount": "amount_usd",
    "full_name": "contact",
    "contact_name": "contact",
    "last_name": "contact",
    "preferred_language": "language",
    **{name: name for name in (*_STANDARD, *OWN)},
}
OF_THE_COMPANY = (_STANDARD.keys() | OWN.keys()) - PERSONAL
"""What stays of a lead that is erased; fields of somebody's own, such as `first_name`, may be about the person too."""
_FIRST = "country"
"""What others are read by."""


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A field whose value could not be read, and what would have been right."""

    field: str
    found: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """The fields of a lead that could be read, and those that could not."""

    fields: Mapping[str, Value | None]
    unread: tuple[Unread, ...] = ()


def read_fields(sent: Mapping[str, Any]) -> Read:
    """
    The fields of a lead by the names rules use.

    Examples
    --------
    >>> read_fields({"Company": "Acme", "Website": "https://www.acme.com/", "Employees": "1,200"}).fields
    {'name': 'Acme', 'domain': 'acme.com', 'employees': 1200}
    """
    if len(sent) > MOST_FIELDS:
        raise BadInput(f"The lead has {len(sent)} fields; it may have up to {MOST_FIELDS}.")
    named: dict[str, Any] = {}
    for key, value in sent.items():
        name = field_name(storable(str(key)))[:200]
        named.setdefault(_CALLED.get(name, name), value)
    done: dict[str, Value | None] = {}
    unread: list[Unread] = []
    for name in sorted(named, key=lambda one: one != _FIRST):
        value, expected = _read(name, named[name], done.get("country"))
        if value is not None:
            done[name] = value
        elif expected:
            unread.append(Unread(field=name, found=_shown(named[name]), expected=expected))
    return Read(fields={name: done[name] for name in named if name in done}, unread=tuple(unread))


def storable(text: str) -> str:
    """
    A text without what no database keeps: zeros, and halves of pairs that JSON may hold.

    Examples
    --------
    >>> storable("Ac\\0me \\ud800")
    'Ac me ?'
    """
    return text.replace("\0", " ").encode(errors="replace").decode()


def packed(fields: Mapping[str, Value | None]) -> dict[str, Any]:
    """The fields as JSON that can be unpacked again; a date is told from a text."""
    return {name: {"date": value.isoformat()} if isinstance(value, date) else value for name, value in fields.items()}


def unpacked(fields: Mapping[str, Any]) -> dict[str, Value | None]:
    """The fields that were packed."""
    return {
        name: date.fromisoformat(value["date"]) if isinstance(value, dict) else value for name, value in fields.items()
    }


def _read(name: str, value: Any, country: Any) -> tuple[Value | None, str]:
    """The value, or None and what would have been right; None and nothing where there is no value."""
    if value is None or isinstance(value, datetime):
        return None, "" if value is None else "a text, number or date"
    if isinstance(value, date):
        return value, ""
    if isinstance(value, list | tuple):
        value = "|".join(str(one) for one in value)
    if isinstance(value, bool | int | float) and name not in _STANDARD and name not in OWN:
        return (value, "") if value == value and abs(value) < float("inf") else (None, "a finite number")
    if not isinstance(value, str | bool | int | float):
        return None, "a text, number or date"
    text = " ".join(storable(str(value)).split())
    if len(text) > LONGEST:
        return None, f"up to {LONGEST:,} characters"
    kind: FieldType = _STANDARD[name].type if name in _STANDARD else OWN.get(name, "text")
    if is_empty_word(text) and not (kind in ("country", "state") and text.lower() in AMBIGUOUS_NULL_WORDS):
        return None, ""
    found, expected = _parsed(kind, text, country if isinstance(country, str) else None)
    return _within(found, _STANDARD.get(name), expected)


@lru_cache(maxsize=10_000)
def _parsed(kind: FieldType, text: str, country: str | None) -> tuple[Value | None, str]:
    match kind:
        case "number" | "latitude" | "longitude":
            return parse_number(text), "a number"
        case "count":
            return parse_count(text), "a whole number"
        case "money":
            money = parse_money(text)
            return (None if money is None else money.amount), "an amount of money"
        case "percentage":
            return parse_percentage(text), "a percentage"
        case "date":
            return parse_date(text), "a date such as 2027-02-01"
        case "boolean":
            return parse_boolean(text), "yes or no"
        case "domain":
            return parse_domain(text), "a domain such as acme.com"
        case "phone":
            return parse_phone(text, country=country), "a telephone number"
        case "postal code":
            return parse_postal_code(text, country=country), "a postal code"
        case "country":
            return _first(read_countries(pl.Series([text])).values), "a country, by name or code"
        case "state":
            countries = pl.Series([country], dtype=pl.String)
            return _first(read_states(pl.Series([text]), countries).values), "a state"
        case _:
            return text, ""


def _first(values: pl.Series) -> str | None:
    value = values[0]
    return None if value is None else str(value)


def _within(value: Value | None, field: Field | None, expected: str) -> tuple[Value | None, str]:
    if value is None or field is None or not isinstance(value, int | float):
        return value, expected if value is None else ""
    if field.at_least is not None and value < field.at_least:
        return None, f"{field.at_least:g} or more"
    if field.at_most is not None and value > field.at_most:
        return None, f"{field.at_most:g} or less"
    return value, ""


def _shown(value: Any) -> str:
    text = re.sub(r"\s+", " ", storable(str(value)))
    return text if len(text) <= 60 else f"{text[:59]}…"
