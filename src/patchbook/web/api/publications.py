"""Publishing: look at every change first, make a plan the truth from a date, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from patchbook.holdovers.holdover import HoldoverRule, Policy, Treatment
from patchbook.publishing import actions as publishing
from patchbook.publishing.publication import DryRun, Kind
from patchbook.web.models import AnId, End, In, InPath, Listed, Name, Out, Paged, When
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["publications"])


class RuleIn(In):
    """What to do with open opportunities in some stages and of some size."""

    treatment: Treatment
    days: int | None = Field(default=None, ge=1, le=3650)
    stages: tuple[Name, ...] = Field(default=(), max_length=100)
    amount_from: float | None = None
    amount_below: float | None = None


class HoldoversIn(In):
    """Rules in order, of which the first that fits decides; what none fits moves at once."""

    rules: tuple[RuleIn, ...] = Field(default=(), max_length=100)
    most_per_person: int | None = Field(default=None, ge=0, le=1_000_000)

    def policy(self) -> Policy:
        """As the record means it."""
        rules = tuple(HoldoverRule(**rule.model_dump()) for rule in self.rules)
        return Policy(rules=rules, most_per_person=self.most_per_person)


class PublicationIn(In):
    """From when a plan is to hold, and what becomes of exceptions and open opportunities."""

    on: When
    keep_exceptions: bool = True
    holdovers: HoldoversIn = HoldoversIn()


class WarningOut(Out):
    """Something to look at before publishing."""

    kind: str
    count: int
    message: str
    examples: list[str]
    amount_usd: float | None


class ChangeOut(Out):
    """An account that would change owner or territory."""

    account_id: str
    from_territory: str | None
    from_person: str | None
    to_territory: str | None
    to_person: str | None
    cause: str
    why: str


class DryRunOut(Out):
    """What publishing would change."""

    plan_id: str
    effective: datetime
    accounts: int
    unchanged: int
    by_cause: dict[str, int]
    by_person: list[dict[str, Any]]
    warnings: list[WarningOut]
    holdovers: list[dict[str, Any]]
    items: list[ChangeOut] = Field(description="A page of the accounts that would change owner.")
    next: str | None = Field(default=None, description="Send it as `after` to get the next page; null at the end.")


class PublicationOut(Out):
    """A plan made the truth from a date, or that taken back."""

    publication_id: str
    plan_id: str
    kind: Kind
    took_back: str | None = Field(validation_alias="of", description="What a roll back took back.")
    effective: datetime
    recorded: datetime
    at: datetime
    by: str
    counts: dict[str, int]
    is_rolled_back: bool
    is_new: bool
    says: str


class ChangedSinceOut(Out):
    """What people changed after a publication, or what such accounts rely on, and so stays."""

    table: str
    key: str
    territory: str
    valid_from: datetime
    valid_to: End
    cause: str = Field(description="`kept` for a seat that stays staffed because accounts rely on it.")
    source: str
    why: str = Field(description="Why it stays, in words.")


class RollbackOut(Out):
    """What came back, and what stays because somebody changed it since."""

    publication: PublicationOut
    restored: int
    changed_since: list[ChangedSinceOut]
    reinstated: str | None


@router.post("/plans/{plan_id}/dry-run")
def dry_run(
    plan_id: InPath, what: PublicationIn, tx: Transaction, person: SignedIn, at: Now, paging: Paged
) -> DryRunOut:
    """Every change of owner that publishing would make, and what to look at first; nothing is written."""
    found = publishing.dry_run(
        tx,
        plan_id,
        on=what.on,
        keep_exceptions=what.keep_exceptions,
        policy=what.holdovers.policy(),
        by=person,
        at=at,
    )
    return _shown(found, paging)


@router.post("/plans/{plan_id}/publication", status_code=201)
def publish_plan(plan_id: InPath, what: PublicationIn, tx: Transaction, person: SignedIn, at: Now) -> PublicationOut:
    """Make an approved plan the truth from a date; again for the same date changes nothing."""
    made = publishing.publish(
        tx,
        plan_id,
        on=what.on,
        keep_exceptions=what.keep_exceptions,
        policy=what.holdovers.policy(),
        by=person,
        at=at,
    )
    return PublicationOut.of(made)


@router.get("/publications")
def list_publications(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, plan_id: AnId = None
) -> Listed[PublicationOut]:
    """What was published and rolled back, the newest first."""
    found = publishing.publications(tx, plan_id=plan_id, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(PublicationOut, found)


@router.get("/publications/{publication_id}")
def get_publication(publication_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PublicationOut:
    """One publication."""
    return PublicationOut.of(publishing.get(tx, publication_id, by=person, at=at))


@router.post("/publications/{publication_id}/rollback", status_code=201)
def roll_back(publication_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> RollbackOut:
    """Bring previous owners back, except where people changed something since; those are listed."""
    return RollbackOut.of(publishing.rollback(tx, publication_id, by=person, at=at))


def _shown(found: DryRun, paging: Paged) -> DryRunOut:
    """A dry run with one page of its changes."""
    page = paging.frame(found.changes, key="account_id")
    return DryRunOut(
        plan_id=found.plan_id,
        effective=found.effective,
        accounts=found.accounts,
        unchanged=found.unchanged,
        by_cause=dict(found.by_cause),
        by_person=found.by_person.to_dicts(),
        warnings=[WarningOut.of(warning) for warning in found.warnings],
        holdovers=found.holdovers.to_dicts(),
        items=[ChangeOut(**row) for row in page.items],
        next=page.next,
    )
