"""What waits for an owner, and how fast leads are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from patchbook.leads import actions, looking
from patchbook.routing.lead import Kind
from patchbook.web.api.leads import LeadOut
from patchbook.web.lane import Knocked, at_desk
from patchbook.web.models import AnId, On, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["leads"])


class WaitingOut(Out):
    """A lead in the queue, for how long and why."""

    lead: LeadOut
    age_seconds: float
    is_overdue: bool
    says: str


class QueueOut(Out):
    """How much waits for an owner, since when, how much of it for too long, and a page of it."""

    waiting: int
    oldest_at: datetime | None
    overdue: int
    alarm_minutes: int
    is_alarm: bool
    says: str
    items: list[WaitingOut]
    next: str | None = Field(default=None, description="Send it as `after` to get the next page; null at the end.")


class SweptOut(Out):
    """What a look through the queue did."""

    looked_at: int
    assigned: int
    waiting: int


class LagOut(Out):
    """How long something took."""

    count: int
    median_seconds: float | None
    p90_seconds: float | None
    longest_seconds: float | None


class SpeedOut(Out):
    """How fast leads of a period were answered."""

    since: datetime
    until: datetime
    received: int
    unassigned: int
    untouched: int
    to_assigned: LagOut
    to_accepted: LagOut
    to_touched: LagOut


@router.get("/queue")
def get_queue(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> QueueOut:
    """What waits in the orphan queue, the oldest first, and why."""
    found = looking.queue(tx, after=paging.after, limit=paging.limit, by=person, at=at)
    page = paging.listed(WaitingOut, found.page)
    return QueueOut(
        waiting=found.waiting,
        oldest_at=found.oldest_at,
        overdue=found.overdue,
        alarm_minutes=found.alarm_minutes,
        is_alarm=found.is_alarm,
        says=found.says,
        items=page.items,
        next=page.next,
    )


@router.post("/queue/sweep", status_code=201)
async def sweep_queue(request: Request, knocked: Knocked) -> SweptOut:
    """Decide again about what waits in the queue."""
    return SweptOut.of(await at_desk(request, lambda lane, by, at: actions.sweep(lane, by=by, at=at)))


@router.get("/speed")
def get_speed(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    since: On = None,
    until: On = None,
    kind: Annotated[Kind | None, Query(description="Only leads of this kind.")] = None,
    person_id: AnId = None,
) -> SpeedOut:
    """How fast leads were assigned, accepted and first touched: the middle, the ninth tenth, the longest."""
    found = looking.speed(tx, since=since, until=until, kind=kind, person_id=person_id, by=person, at=at)
    return SpeedOut.of(found)
