"""The audit trail, and whether it is as it was written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from patchbook.audit import actions as audit
from patchbook.audit.verify import verify
from patchbook.web.models import AnId, Listed, Out, Paged, When
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, Served, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["audit"])


class VerifiedOut(Out):
    """Whether the trail holds together, and where it first does not."""

    is_whole: bool
    events: int
    anchored: int
    first_bad: int | None
    what: str | None


class EventOut(Out):
    """One thing that was done: who did what to what, when, and why."""

    number: int
    at: datetime
    by: str
    deed: str
    kind: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str | None


@router.get("/audit/events")
def list_audit(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    subject: AnId = None,
    kind: AnId = None,
    deed: AnId = None,
    person_id: AnId = None,
    since: Annotated[When | None, Query(description="Only what was done from then on.")] = None,
    until: Annotated[When | None, Query(description="Only what was done before.")] = None,
) -> Listed[EventOut]:
    """What was done, newest first: all of it for admins, for others what was done to what they may see."""
    asked: dict[str, Any] = {"subject": subject, "kind": kind, "deed": deed, "person_id": person_id}
    page = audit.trail(tx, **asked, since=since, until=until, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(EventOut, page)


@router.get("/audit/verification")
def verify_audit(tx: Transaction, record: Served, person: SignedIn, at: Now) -> VerifiedOut:
    """Make the whole chain anew and compare."""
    return VerifiedOut.of(verify(tx, record.folder, by=person, at=at))
