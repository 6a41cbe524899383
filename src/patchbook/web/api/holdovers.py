"""Holdovers: open opportunities that stay with somebody for a while, and requests for more time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from patchbook.holdovers import actions as holdovers
from patchbook.web.models import End, Id, In, InPath, Listed, On, Out, Paged, When, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["holdovers"])


class ExtensionIn(In):
    """More time for an opportunity held over, and why."""

    opportunity_id: Id
    until: When
    why: Why


class ExtensionDecisionIn(In):
    """Whether more time is granted."""

    grant: bool
    comment: Why | None = None


class HoldoverOut(Out):
    """An opportunity that stays with one person for a while."""

    opportunity_id: str
    account_id: str
    person_id: str
    starts: datetime
    expires: End
    source: str
    reason: str
    name: str | None
    stage: str | None
    amount_usd: float | None


class ExtensionOut(Out):
    """A request for more time, and its answer."""

    extension_id: str
    opportunity_id: str
    until: datetime
    why: str
    asked_by: str
    asked_at: datetime
    is_granted: bool | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


@router.get("/holdovers")
def list_holdovers(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    on: On = None,
    due_until: Annotated[When | None, Query(description="Only those that expire by then.")] = None,
) -> Listed[HoldoverOut]:
    """The holdovers in force on a date, the first to expire first."""
    if due_until is None:
        found = holdovers.holdovers(tx, on=on or at, after=paging.after, limit=paging.limit, by=person, at=at)
        return paging.listed(HoldoverOut, found)
    due = holdovers.due(tx, on=on or at, until=due_until, by=person, at=at)
    return paging.sliced(HoldoverOut, due, key=lambda one: str(one.opportunity_id))


@router.get("/extensions")
def list_extensions(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, is_open: bool | None = None
) -> Listed[ExtensionOut]:
    """Requests for more time."""
    found = holdovers.extensions(tx, is_open=is_open, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(ExtensionOut, found)


@router.post("/extensions", status_code=201)
def ask_extension(what: ExtensionIn, tx: Transaction, person: SignedIn, at: Now) -> ExtensionOut:
    """Ask for more time on an opportunity held over."""
    made = holdovers.ask_extension(tx, what.opportunity_id, until=what.until, why=what.why, by=person, at=at)
    return ExtensionOut.of(made)


@router.post("/extensions/{extension_id}/decision", status_code=201)
def decide_extension(
    extension_id: InPath, what: ExtensionDecisionIn, tx: Transaction, person: SignedIn, at: Now
) -> ExtensionOut:
    """Grant more time, or refuse it."""
    decided = holdovers.decide_extension(tx, extension_id, grant=what.grant, comment=what.comment, by=person, at=at)
    return ExtensionOut.of(decided)
