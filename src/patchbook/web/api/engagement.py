"""Rules of engagement: the document, who has read it, owners of multinationals, territories of opportunities."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from patchbook.engagement import acknowledging, actions, appointing, deals
from patchbook.engagement.deal import Status
from patchbook.web.models import End, Id, In, InPath, Listed, Name, Out, Paged, When, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["engagement"])


class AcknowledgementIn(In):
    """Which version was read."""

    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class AppointmentIn(In):
    """Who is to own a family of accounts, where, and why."""

    account_id: Id
    person_id: Id
    country: Name | None = None
    starts: When | None = None
    ends: When | None = None
    reason: Why


class EndAppointmentIn(In):
    """Why an appointment ends."""

    why: Why


class ChoiceIn(In):
    """Which territory gets an opportunity, and why."""

    territory_id: Id
    why: Why


class RulesDocumentOut(Out):
    """The rules of engagement in words."""

    version: int
    digest: str
    routing_version: int
    markdown: str
    at: datetime


class AcknowledgedOut(Out):
    """Somebody, and whether they read the rules as they are."""

    person_id: str
    person: str
    version: int | None
    at: datetime | None
    is_current: bool


class AppointmentOut(Out):
    """Somebody owns a family of accounts, everywhere or in one country."""

    appointment_id: str
    family_id: str
    country: str
    person_id: str
    starts: datetime
    ends: End
    reason: str
    made_by: str
    made_at: datetime


class AppointedOut(Out):
    """An appointment, and which sites it reached."""

    appointment: AppointmentOut
    sites: list[str]
    left: list[str]


class SiteOut(Out):
    """One account of a family."""

    account_id: str
    country: str | None
    person_id: str | None
    because: str


class MultinationalOut(Out):
    """A family of accounts as its owners share it."""

    family_id: str
    global_owner_id: str | None
    regional: list[AppointmentOut]
    sites: list[SiteOut]
    says: str


class DealTerritoryOut(Out):
    """The territory of an opportunity, and why."""

    opportunity_id: str
    territory_id: str | None
    status: Status
    because: str
    candidates: list[str]
    at: datetime
    by: str


class DueOut(Out):
    """Something a run would do about an account nobody works on."""

    what: str
    account_id: str
    person_id: str
    idle_since: datetime
    due_at: datetime
    returns_to: str


class EnforcedOut(Out):
    """What a run did."""

    says: str
    new_sites: int
    document_version: int


@router.get("/engagement")
def get_rules_of_engagement(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="The newest when absent.")] = None,
) -> RulesDocumentOut:
    """The rules of engagement in Markdown that is safe to render."""
    return RulesDocumentOut.of(acknowledging.document(tx, version=version, by=person, at=at))


@router.get("/acknowledgements")
def list_acknowledgements(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    missing: Annotated[bool, Query(description="Only those who have not read the newest version.")] = False,
) -> Listed[AcknowledgedOut]:
    """Who has read the rules as they are: one's own people, or oneself."""
    found = acknowledging.acknowledgements(
        tx, missing=missing, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(AcknowledgedOut, found)


@router.post("/acknowledgements", status_code=201)
def acknowledge_rules(what: AcknowledgementIn, tx: Transaction, person: SignedIn, at: Now) -> AcknowledgedOut:
    """Say that one has read the rules."""
    return AcknowledgedOut.of(acknowledging.acknowledge(tx, version=what.version, by=person, at=at))


@router.get("/engagement/due")
def list_due(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[DueOut]:
    """What a run would do about accounts nobody works on."""
    found = actions.due(tx, at, by=person)
    return paging.sliced(DueOut, found, key=lambda one: f"{one.account_id}\n{one.what}\n{one.person_id}")


@router.post("/engagement/enforcement", status_code=201)
def enforce_rules(tx: Transaction, person: SignedIn, at: Now) -> EnforcedOut:
    """Warn, return and assign what is due now, as the job runner does."""
    return EnforcedOut.of(actions.enforce(tx, at, by=person))


@router.get("/accounts/{account_id}/family")
def get_family(account_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> MultinationalOut:
    """Who owns the family of an account, everywhere and by country, and its sites that one may see."""
    return MultinationalOut.of(appointing.multinational(tx, account_id, by=person, at=at))


@router.post("/appointments", status_code=201)
def appoint_owner(what: AppointmentIn, tx: Transaction, person: SignedIn, at: Now) -> AppointedOut:
    """Make somebody the owner of a family of accounts, everywhere or in one country."""
    made = appointing.appoint(
        tx,
        what.account_id,
        what.person_id,
        country=what.country,
        starts=what.starts,
        ends=what.ends,
        reason=what.reason,
        by=person,
        at=at,
    )
    return AppointedOut.of(made)


@router.post("/appointments/{appointment_id}/end", status_code=201)
def end_appointment(
    appointment_id: InPath, what: EndAppointmentIn, tx: Transaction, person: SignedIn, at: Now
) -> AppointmentOut:
    """End an appointment now."""
    return AppointmentOut.of(appointing.end(tx, appointment_id, why=what.why, by=person, at=at))


@router.get("/opportunity-territories")
def list_opportunity_territories(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, status: Status | None = None
) -> Listed[DealTerritoryOut]:
    """Opportunities with their territories; with `review` those that wait for somebody to choose."""
    found = deals.deals(tx, status=status, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(DealTerritoryOut, found)


@router.post("/opportunity-territories/{opportunity_id}/choice", status_code=201)
def choose_opportunity_territory(
    opportunity_id: InPath, what: ChoiceIn, tx: Transaction, person: SignedIn, at: Now
) -> DealTerritoryOut:
    """Choose the territory of an opportunity that several rules take."""
    return DealTerritoryOut.of(deals.choose(tx, opportunity_id, what.territory_id, what.why, by=person, at=at))
