"""
How well a lead fits an account: evidence for and against in bits, and the score they make.

Each thing that agrees or differs has a weight, the logarithm to base 2 of how much likelier it is when the two are one
company (I. Fellegi, A. Sunter, A Theory for Record Linkage, JASA 64, 1969). The sum, less what it takes to be believed
at all, gives the score: 1 / (1 + 2^-bits).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from pathlib import Path

from patchbook.accounts.values.domains import FREE_MAIL, parse_domain
from patchbook.accounts.values.names import name_key
from patchbook.routing.lead import Lead
from patchbook.routing.questions.accounts import Candidate, Identity

BELIEVED_AT = 7.0
"""Bits it takes to be as likely as not."""

SAME_DOMAIN, PARENT_DOMAIN, OTHER_DOMAIN = 11.0, 9.0, -4.0
SAME_NAME, NAMES_ALIKE, NAMES_NEAR, OTHER_NAME = 7.0, 5.5, 2.0, -2.0
SAME_PHONE, OTHER_PHONE = 6.0, -0.5
SAME_POSTAL_CODE, SAME_CITY, OTHER_PLACE = 3.0, 2.0, -2.0
SAME_STREET, OTHER_STREET = 3.0, -0.5
OTHER_COUNTRY = -6.0

ALIKE, NEAR = 0.94, 0.85
"""How alike two names are from which they count as alike, and as near."""

PHONE_DIGITS = 9
"""The last digits of a telephone number, which are the same however its country and area are written."""

_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "gv", "mil", "ne", "net", "nom", "or", "org", "sch"])
"""Labels below a country under which names are given out: acme.co.uk is a company's, co.uk nobody's."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How well a lead fits one account."""

    score: float
    agrees: tuple[str, ...]


def identity_of(lead: Lead, free_mail: Collection[str] = ()) -> Identity:
    """
    What a lead says about its company. A domain of mail for everybody says nothing, and is left out.

    Examples
    --------
    >>> from patchbook.period import BEGINNING
    >>> fields = {"name": "Acme, Inc.", "email": "ann@mail.acme.com"}
    >>> lead = Lead(lead_id="l1", source="form", source_id="1", received_at=BEGINNING, fields=fields)
    >>> identity = identity_of(lead)
    >>> identity.domain, identity.name_key
    ('mail.acme.com', 'acme')
    """
    texts = {key: _text(lead.fields.get(key)) for key in _FIELDS}
    web, mail = texts["domain"], texts["email"]
    from_web = _bare_domain(web.lower()) if web is not None else None
    from_mail = _bare_domain(mail.rpartition("@")[2].lower()) if mail is not None and "@" in mail else None
    name = texts["name"]
    return Identity(
        domain=next((one for one in (from_web, from_mail) if one is not None and not is_free(one, free_mail)), None),
        name=name,
        name_key=_name_key(name) if name is not None else None,
        phone=phone_key(texts["phone"]),
        street=_street_key(texts["street"]) if texts["street"] is not None else None,
        postal_code=texts["postal_code"],
        city=texts["city"].lower() if texts["city"] is not None else None,
        country=texts["country"],
    )


def fit(lead: Identity, account: Identity) -> Fit:
    """
    How well the two fit, and what they have in common.

    Examples
    --------
    >>> acme = Identity(domain="acme.com", name="Acme Inc", name_key="acme", city="atlanta")
    >>> fit(Identity(domain="acme.com"), acme)
    Fit(score=0.941176471, agrees=('the domain acme.com',))
    >>> fit(Identity(name="ACME", name_key="acme"), acme).score
    0.5
    """
    evidence, agrees = -BELIEVED_AT, []
    for weight, said in (_domain(lead, account), _name(lead, account), _phone(lead, account), *_place(lead, account)):
        evidence += weight
        if said:
            agrees.append(said)
    return Fit(score=round(1 / (1 + 2.0**-evidence), 9), agrees=tuple(agrees))


def registrable(domain: str) -> str:
    """
    The part of a domain that a company registers; of a site on a shared host, the whole.

    Examples
    --------
    >>> registrable("shop.acme.co.uk"), registrable("de.acme.com"), registrable("acme.wordpress.com")
    ('acme.co.uk', 'acme.com', 'acme.wordpress.com')
    """
    labels = domain.split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    short = ".".join(labels[-keep:])
    return domain if short in SHARED_HOSTS else short


def is_free(domain: str, more: Collection[str] = ()) -> bool:
    """Whether anybody can have a mailbox there."""
    return domain in FREE or domain in more or domain in SHARED_HOSTS


def phone_key(phone: str | None) -> str | None:
    """The digits that tell a telephone number from others; None where there are too few."""
    digits = "".join(sign for sign in phone or "" if sign.isascii() and sign.isdigit())
    return digits[-PHONE_DIGITS:] if len(digits) >= 7 else None


def _domain(lead: Identity, account: Identity) -> tuple[float, str]:
    if lead.domain is None or account.domain is None:
        return 0.0, ""
    if lead.domain == account.domain:
        return SAME_DOMAIN, f"the domain {account.domain}"
    if registrable(lead.domain) == registrable(account.domain):
        return PARENT_DOMAIN, f"the domain {registrable(account.domain)} above both"
    return OTHER_DOMAIN, ""


def _name(lead: Identity, account: Identity) -> tuple[float, str]:
    if not lead.name_key or not account.name_key:
        return 0.0, ""
    alike = names_alike(lead.name_key, account.name_key)
    if alike >= 0.999:
        return SAME_NAME, "the name"
    if alike >= ALIKE:
        return NAMES_ALIKE, f"names {alike:.0%} alike"
    return (NAMES_NEAR, f"names {alike:.0%} alike") if alike >= NEAR else (OTHER_NAME, "")


def names_alike(one: str, other: str) -> float:
    """How alike two keys of names are, 0 to 1, whatever the order of their words."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler

    if one == other:
        return 1.0
    if set(one.split()) < set(other.split()) or set(other.split()) < set(one.split()):
        return NEAR  # Acme is near Acme Germany, and more only by what else agrees
    in_order = " ".join(sorted(one.split())), " ".join(sorted(other.split()))
    # Jaro-Winkler forgives other endings too gladly: Smith Plumbing and Smith Painting are two firms.
    return max((JaroWinkler.similarity(one, other) + fuzz.ratio(one, other) / 100) / 2, fuzz.ratio(*in_order) / 100)


def _phone(lead: Identity, account: Identity) -> tuple[float, str]:
    if lead.phone is None or account.phone is None:
        return 0.0, ""
    return (SAME_PHONE, "the telephone number") if lead.phone == account.phone else (OTHER_PHONE, "")


def _place(lead: Identity, account: Identity) -> tuple[tuple[float, str], ...]:
    found: list[tuple[float, str]] = []
    if lead.country is not None and account.country is not None and lead.country != account.country:
        found.append((OTHER_COUNTRY, ""))
    codes = lead.postal_code is not None and account.postal_code is not None
    cities = lead.city is not None and account.city is not None
    if codes and lead.postal_code == account.postal_code:
        found.append((SAME_POSTAL_CODE, f"the postal code {account.postal_code}"))
    elif cities and lead.city == account.city:
        found.append((SAME_CITY, "the city"))
    elif codes or cities:
        found.append((OTHER_PLACE, ""))
    if lead.street is not None and account.street is not None:
        same = lead.street == account.street
        found.append((SAME_STREET, "the street") if same else (OTHER_STREET, ""))
    return tuple(found)


TIE_BREAKS: dict[str, str] = {
    "customer": "is a customer",
    "open deal": "has open deals",
    "recent": "was active last",
    "larger family": "heads the larger family",
}
"""What decides between accounts that fit as well; after the last, the account's id."""


def best_of(
    candidates: Collection[Candidate], within: float, tie_breaks: Collection[str]
) -> tuple[Candidate, str, tuple[Candidate, ...]]:
    """The account that fits, what decided a tie in words, and those it was tied with: so few bits behind the best."""
    top = max(bits(one.score) for one in candidates)
    tied = sorted((one for one in candidates if bits(one.score) >= top - within), key=lambda one: one.account_id)
    if len(tied) == 1:
        return tied[0], "", ()
    left = tied
    for tie_break in tie_breaks:
        most = max(_rank(one, tie_break) for one in left)
        narrowed = [one for one in left if _rank(one, tie_break) == most]
        if len(narrowed) == 1:
            return narrowed[0], TIE_BREAKS[tie_break], tuple(one for one in tied if one != narrowed[0])
        left = narrowed
    closest = max(left, key=lambda one: one.score)
    said = "fits a little better" if sum(one.score == closest.score for one in left) == 1 else "has the first id"
    return closest, said, tuple(one for one in tied if one != closest)


def bits(score: float) -> float:
    """
    The evidence a score stands for.

    Examples
    --------
    >>> bits(0.5), bits(0.8)
    (0.0, 2.0)
    """
    return round(log2(score / (1 - score)), 6)


def _rank(one: Candidate, tie_break: str) -> tuple[int, str]:
    ranks = {
        "customer": (int(one.is_customer), ""),
        "open deal": (int(one.open_deals > 0), ""),
        "recent": (0, one.active_on or ""),
        "larger family": (one.family_size, ""),
    }
    return ranks[tie_break]


def _text(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    return text or None


_BARE = re.compile(r"(?!www\d?\.)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


@lru_cache(maxsize=16_384)
def _bare_domain(text: str) -> str | None:
    # Nearly all are clean already, and reading one through a column of one takes a hundred times as long.
    return text if _BARE.fullmatch(text) else parse_domain(text)


@lru_cache(maxsize=16_384)
def _name_key(name: str) -> str | None:
    return name_key(name) or None


@lru_cache(maxsize=4_096)
def _street_key(street: str) -> str | None:
    import polars as pl

    from patchbook.accounts.duplicates import street_keys

    return street_keys(pl.Series([street]))[0] or None


def _listed_in(file: str) -> frozenset[str]:
    return frozenset((Path(__file__).parent / "data" / file).read_text(encoding="utf-8").split())


_FIELDS = ("domain", "email", "name", "phone", "street", "postal_code", "city", "country")
FREE = _listed_in("free_mail.txt") | FREE_MAIL
SHARED_HOSTS = _listed_in("shared_hosts.txt")
