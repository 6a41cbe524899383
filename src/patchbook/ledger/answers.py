"""What the ledger answers: who owns an account, why, since when, and who gets credit. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from patchbook.errors import BadInput, NotFound
from patchbook.period import Period, told

OWNER = "owner"
"""The role whose holder owns the account."""

Kind = Literal["override", "assignment", "staffing", "interim", "cover"]


class UnknownAccount(NotFound):
    """The ledger has nothing about this account, or nothing this person may see: the two read the same."""

    def __init__(self, account_id: str, nearest: tuple[str, ...] = ()) -> None:
        hint = f"; the nearest are {', '.join(map(repr, nearest))}" if nearest else ""
        super().__init__(f"There is no account {account_id!r} in the ledger{hint}.")
        self.account_id = account_id


class UnknownOpportunity(NotFound):
    """There is no such opportunity, or none this person may see."""

    def __init__(self, opportunity_id: str) -> None:
        super().__init__(f"There is no opportunity {opportunity_id!r} in the record.")
        self.opportunity_id = opportunity_id


class BeforeTheRecord(BadInput):
    """A date was asked for from which the record has nothing."""

    def __init__(self, account_id: str, asked: datetime, first: datetime) -> None:
        super().__init__(
            f"The record says nothing of account {account_id!r} on {told(asked)}; its facts begin on {told(first)}."
        )
        self.first = first


class BeforeItWasKnown(BadInput):
    """The state of knowledge asked for is from before the record had anything."""

    def __init__(self, account_id: str, asked: datetime, first: datetime) -> None:
        super().__init__(
            f"Nothing was known of account {account_id!r} on {told(asked)};"
            f" its first fact was recorded on {told(first)}."
        )
        self.first = first


@dataclass(frozen=True, kw_only=True)
class Step:
    """One fact in the chain of reasons, in plain words."""

    fact: Kind
    fact_id: int
    says: str
    valid: Period
    recorded_from: datetime
    cause: str
    """What kind of deed wrote it: publish, rollback, departure, …"""
    source: str
    """The id of what was behind it: a publication, a proposal, a person."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Who owned an account on a date, as known on another, and why."""

    account_id: str
    role: str
    on: datetime
    as_known_on: datetime
    """The last instant anything was recorded, up to the one asked for: asking with it gives this answer for ever."""
    opportunity_id: str = ""
    territory_id: str | None
    territory: str | None
    person_id: str | None
    """The owner; the interim where the seat is vacant. None where a pool owns it or nobody does."""
    person: str | None
    pool_id: str | None
    pool: str | None
    acting_id: str | None
    """Who acts while the owner is on leave."""
    acting: str | None
    chain: tuple[Step, ...]

    @property
    def is_owned(self) -> bool:
        """Whether a person or a pool has it."""
        return self.person_id is not None or self.pool_id is not None

    @property
    def says(self) -> str:
        """The answer in one sentence."""
        who = self.person or (self.pool and f"the pool {self.pool}") or "nobody"
        acting = f", for whom {self.acting} acts" if self.acting else ""
        return f"On {told(self.on)} the {self.role} of {self.account_id} is {who}{acting}."


@dataclass(frozen=True, kw_only=True)
class BookRow:
    """One account in somebody's book."""

    account_id: str
    territory_id: str | None
    territory: str | None
    because: str
    """`staffing`, `interim`, or the kind of override: holdover, exception, cover, named."""
    acting_for: str | None
    """Whose account it is, where it is in this book only while they are on leave."""
    acting_id: str | None
    """Who acts for this person meanwhile, where they are on leave themselves."""
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """A stretch of time in which who owned an account did not change."""

    period: Period
    territory_id: str | None
    territory: str | None
    person_id: str | None
    person: str | None
    pool_id: str | None
    pool: str | None
    acting_id: str | None
    acting: str | None
    chain: tuple[Step, ...]
    """The reasons, as they were when the stretch began."""


@dataclass(frozen=True, kw_only=True)
class Credit:
    """The share of one person in what an account or opportunity brings, in one role."""

    person_id: str | None
    """None where a pool has the role, or nobody."""
    pool_id: str | None = None
    percent: Decimal
    role: str
    because: str
