"""A publication: what a plan wrote into the record, from which date, and what a roll back took back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import told


class Kind(StrEnum):
    """What was done to the record."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One publish or roll back. The facts it wrote name it as their source."""

    publication_id: str
    plan_id: str
    kind: Kind
    of: str | None = None
    """The publication a roll back took back."""
    effective: datetime
    """The first instant it speaks of."""
    recorded: datetime
    """The instant its first fact was recorded at: whoever asks as known before it gets the earlier answer."""
    recorded_to: datetime
    """The instant its last fact was recorded at."""
    at: datetime
    by: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """What it changed: assignments, staffings, territories, closed, holdovers, …"""
    is_rolled_back: bool = False
    is_new: bool = True
    """False where the same plan had been published for the same date before, so that nothing was written."""

    @property
    def says(self) -> str:
        """One sentence about it."""
        if not self.is_new:
            return f"The plan is published from {told(self.effective)} already; nothing was changed."
        kind = "Published" if self.kind is Kind.PUBLISH else "Rolled back"
        changed = ", ".join(f"{count:,} {name}" for name, count in self.counts.items() if count)
        return f"{kind} from {told(self.effective)}: {changed or 'nothing to change'}."


@dataclass(frozen=True, kw_only=True)
class ChangedSince:
    """Something a roll back left as it is: changed after the publication, or needed by accounts that were."""

    table: str
    """`assignment`, `staffing` or `override`."""
    key: str
    """The account or the seat."""
    territory: str
    """Which territory that is, or in which one the account now is."""
    valid_from: datetime
    valid_to: datetime
    cause: str
    """What kind of deed changed it; `ended` where nothing took its place, `kept` for a seat that stays staffed."""
    source: str
    why: str
    """Why it stays, in words."""


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """What a roll back did, and what it left alone."""

    publication: Publication
    restored: int
    """Facts written so that things are as they were."""
    changed_since: tuple[ChangedSince, ...]
    reinstated: str | None
    """The plan that holds again."""


@dataclass(frozen=True, kw_only=True)
class RollbackDryRun:
    """What a roll back would do, written nowhere."""

    publication: Publication
    effective: datetime
    """From when the earlier owners would be back."""
    takes_back: Mapping[str, int]
    """Table (`assignment`, `staffing`, `override`) → how many facts of the publication still stand and would go."""
    changed_since: tuple[ChangedSince, ...]
    """What was changed after the publication and would stay."""
    reinstated: str | None
    """The plan that would hold again."""


@dataclass(frozen=True, kw_only=True)
class PlanWarning:
    """Something to look at before publishing."""

    kind: str
    """One of `WARNINGS`."""
    count: int
    message: str
    examples: tuple[str, ...] = ()
    """Ids of the first few accounts, people or territories it is about."""
    amount_usd: float | None = None


WARNINGS: Mapping[str, str] = {
    "inactive person": "A person of the plan is not employed from its date on; their seat is vacant for that time",
    "vacant seat": "A seat has nobody; says who takes care in the interim, if anybody does",
    "open opportunities": "Accounts that change owner have open opportunities",
    "family torn": "Accounts of one family go to different owners",
    "exception kept": "An exception in force goes before the plan",
    "exception overruled": "An exception in force is ended, so that the plan holds",
    "unassigned": "Accounts of the plan that no layer took; they stay where they are today",
    "not in the plan": "Accounts with an owner today that the plan does not know; they stay where they are",
    "later plan": "A plan is published for a later date; this one holds until then",
    "decided for later": "Moves were decided for a date after this one; they still happen then",
    "closing with accounts": "A territory is not in the plan, but keeps accounts that are not in the plan either",
}
"""Kind → what it means."""


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What publishing a plan would change, written nowhere."""

    plan_id: str
    effective: datetime
    changes: pl.DataFrame
    """One row an account that changes owner or territory: account_id, from_territory, from_person, to_territory,
    to_person, cause (`new`, `moved`, `other person`, `now vacant`, `exception kept`), why (plain words)."""
    accounts: int
    """Accounts the plan assigns."""
    unchanged: int
    by_cause: Mapping[str, int]
    by_person: pl.DataFrame
    """One row a person who gains or loses: person_id, before, gained, lost, after."""
    warnings: tuple[PlanWarning, ...]
    holdovers: pl.DataFrame
    """One row an open opportunity of an account that moves, and what the policy does with it."""
    territories: pl.DataFrame
    """One row a territory that is `new`, `closes`, gets an `other person` or falls `vacant`: territory, change,
    from_person, to_person."""


class NoPublication(NotFound):
    """There is no publication of that id, or not for the one who asks."""

    def __init__(self, publication_id: str) -> None:
        super().__init__(f"There is no publication {publication_id!r}.")


class NoReason(BadInput):
    """Who takes a publication back says why."""


class NotPublishable(Conflict):
    """A plan is not approved, or is published for another date."""


class NotRolledBack(Conflict):
    """A publication cannot be rolled back: it was before, or is itself a roll back."""
