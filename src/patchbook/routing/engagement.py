"""
Rules of engagement as settings: who owns business by how it came about, registrations, time-outs, claims, deals. Pure.

Everything has a default, so that a company without a line of them is still told what holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from patchbook.errors import BadInput
from patchbook.routing.lead import Kind, Motion

GLOBAL = "global"
"""Who owns a family of accounts in all its countries; kept in the ledger as the role of that name."""
FAMILY = "family"
"""Who owns the account at the head of the family."""

SEATS: Mapping[str, str] = MappingProxyType(
    {
        "owner": "the account's owner",
        "sdr": "the account's SDR",
        "am": "the account manager",
        "csm": "the customer success manager",
        "se": "the sales engineer",
        "partner": "who looks after the partner of record",
        "service": "the account's service agent",
        GLOBAL: "the global owner of the family",
        FAMILY: "the owner of the account at the head of the family",
    }
)
"""Word in the settings → whom it means."""

MOTIONS: Mapping[Motion, tuple[str, ...]] = MappingProxyType(
    {
        Motion.NEW_BUSINESS: ("owner",),
        Motion.INBOUND: ("owner",),
        Motion.OUTBOUND: ("owner",),
        Motion.RENEWAL: ("csm", "am", "owner"),
        Motion.EXPANSION: ("am", "owner"),
        Motion.PARTNER_SOURCED: ("partner", "owner"),
    }
)
"""Who owns business of each motion where nothing else is set: the first of these that somebody is."""

CASES = ("service", "csm", "owner")
"""Who gets a case."""

LONGEST_DAYS = 3_650


class BadEngagement(BadInput):
    """The rules of engagement say something that cannot be meant."""


@dataclass(frozen=True, kw_only=True)
class Registrations:
    """How long a deal that a partner registered is theirs."""

    days: int = 90
    extension_days: int = 30
    """How much longer, once."""
    most_per_partner: int = 20
    """Registrations of one partner that may be waiting or in force at one time."""
    motions: tuple[Motion, ...] = (Motion.PARTNER_SOURCED, Motion.INBOUND)
    """Motions that go to the partner's manager while a registration is in force."""

    def __post_init__(self) -> None:
        """Refuse a window of no time."""
        _from_1(self.days, "A registration lasts", LONGEST_DAYS)
        _from_1(self.extension_days, "A registration is extended by", LONGEST_DAYS)
        if self.most_per_partner < 1:
            raise BadEngagement("A partner may have 0 registrations in force; the least is 1.")


@dataclass(frozen=True, kw_only=True)
class TimeOut:
    """When an account nobody works on goes back, and where to."""

    days: int
    """Without activity."""
    warning_days: int = 14
    """How long before that the owner is told; never less, however late the warning was given."""
    returns_to: str
    """Name of the territory, of a pool or the house, that gets it."""
    territories: tuple[str, ...] = ()
    """Names of the territories it is for, with all below them; every one where empty."""
    open_deals_keep: bool = True
    """Whether an open opportunity counts as work going on."""

    def __post_init__(self) -> None:
        """Refuse a time-out that warns before it begins."""
        _from_1(self.days, "A time-out comes after", LONGEST_DAYS)
        if not 1 <= self.warning_days < self.days:
            raise BadEngagement(
                f"A time-out after {self.days} days warns {self.warning_days} days before;"
                f" say a number from 1 to {self.days - 1}."
            )

    @property
    def warns_after(self) -> timedelta:
        """How long without activity until the owner is told."""
        return timedelta(days=self.days - self.warning_days)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What reps may take for themselves, and how much of it."""

    territories: tuple[str, ...] = ()
    """Names of the territories whose accounts may be claimed: pools, the house; none where empty."""
    in_force: int = 10
    """The most claims one person has at a time."""
    per_week: int = 5
    """The most one person makes in seven days."""
    days: int = 180
    """How long a claim lasts."""
    cool_down_days: int = 30
    """How long after an account was returned its last owner may not claim it again."""

    def __post_init__(self) -> None:
        """Refuse a claim of no time."""
        _from_1(self.days, "A claim lasts", LONGEST_DAYS)
        for number, what in ((self.in_force, "in force"), (self.per_week, "a week")):
            if number < 1:
                raise BadEngagement(f"A person may have {number} claims {what}; the least is 1.")


@dataclass(frozen=True, kw_only=True)
class DealRule:
    """Opportunities that go to a territory of their own: by size, stage, product or any field."""

    name: str
    where: str
    """A condition on the opportunity (`deal`, `stage`, `amount_usd`) and the fields of its account."""
    territory: str
    """Name of the territory."""


@dataclass(frozen=True, kw_only=True)
class Deals:
    """Which territory an opportunity belongs to; that of its account where no rule takes it."""

    rules: tuple[DealRule, ...] = ()
    first_rule_wins: bool = False
    """Whether of several rules that take one the first decides; otherwise somebody looks at it."""
    locked_at: tuple[str, ...] = ()
    """Stages from which on its territory stays, as it does once it is closed."""


@dataclass(frozen=True, kw_only=True)
class Handoffs:
    """What is handed from sales to customer success when a deal is won."""

    seats: tuple[str, ...] = ("csm", "am")
    """Who gets the customer: the first of these that somebody is."""
    checklist: tuple[str, ...] = (
        "Goals and success criteria agreed with the customer",
        "Contacts and who decides introduced",
        "What was promised in the contract listed",
        "Open risks named",
    )
    days: int = 5
    """How long there is to accept it."""


@dataclass(frozen=True, kw_only=True)
class Engagement:
    """The rules of engagement of a company."""

    motions: Mapping[Motion, tuple[str, ...]] = field(default_factory=lambda: MOTIONS)
    cases: tuple[str, ...] = CASES
    registrations: Registrations = field(default_factory=Registrations)
    time_outs: tuple[TimeOut, ...] = ()
    """In order; the first that is for an account's territory counts."""
    claims: Claims = field(default_factory=Claims)
    deals: Deals = field(default_factory=Deals)
    handoffs: Handoffs = field(default_factory=Handoffs)
    notes: tuple[str, ...] = ()
    """Rules that only people can keep, told in the document as they are written."""

    def seats_for(self, motion: Motion, kind: Kind = Kind.LEAD) -> tuple[str, ...]:
        """
        Whom something belongs to, the first that somebody is.

        Examples
        --------
        >>> Engagement().seats_for(Motion.RENEWAL)
        ('csm', 'am', 'owner')
        >>> Engagement().seats_for(Motion.INBOUND, Kind.CASE)
        ('service', 'csm', 'owner')
        """
        return self.cases if kind is Kind.CASE else self.motions.get(motion, MOTIONS[motion])


def said(motion: Motion) -> str:
    """
    Business of a motion as a sentence names it.

    Examples
    --------
    >>> said(Motion.NEW_BUSINESS), said(Motion.PARTNER_SOURCED)
    ('new business', 'partner-sourced business')
    """
    name = motion.value
    return name if name.endswith("business") else f"{name.replace(' ', '-')} business"


def _from_1(days: int, what: str, most: int) -> None:
    if not 1 <= days <= most:
        raise BadEngagement(f"{what} {days:,} days; say a number from 1 to {most:,}.")
