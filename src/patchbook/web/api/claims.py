"""Claims: accounts nobody works on that reps take for themselves; warnings of accounts that go back; contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from patchbook.engagement import claiming, outreach, timing_out
from patchbook.engagement.claim import Status
from patchbook.web.models import AnId, Id, In, InPath, Listed, Out, Paged, When, Why, Words
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["engagement"])


class ClaimIn(In):
    """An account to take, and why."""

    account_id: Id
    reason: Why


class ReturnIn(In):
    """Why an account is given back."""

    why: Why


class ContactIn(In):
    """An account that somebody wants to contact."""

    account_id: Id


class ActivityIn(In):
    """What was done about an account."""

    account_id: Id
    kind: Literal["call", "mail", "meeting", "visit", "other"]
    note: Words = ""
    on: When | None = None


class ClaimableOut(Out):
    """An account that may be claimed."""

    account_id: str
    territory_id: str


class ClaimOut(Out):
    """An account somebody took."""

    claim_id: str
    account_id: str
    person_id: str
    reason: str
    claimed_at: datetime
    ends: datetime
    status: Status
    returned_at: datetime | None
    returned_by: str | None
    returned_why: str | None


class NoticeOut(Out):
    """A warning that an account goes back."""

    notice_id: str
    account_id: str
    person_id: str
    idle_since: datetime
    warned_at: datetime
    due_at: datetime
    returns_to: str
    status: str
    closed_at: datetime | None
    says: str


class OutreachOut(Out):
    """Who else is at an account."""

    account_id: str
    is_clear: bool
    warnings: list[str]


class ActivityOut(Out):
    """What was noted, and who else is at the account."""

    activity_id: str
    account_id: str
    person_id: str
    kind: str
    at: datetime
    warnings: list[str]


@router.get("/claims/claimable")
def list_claimable(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[ClaimableOut]:
    """The accounts that may be claimed, by id."""
    found = claiming.claimable(tx, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(ClaimableOut, found)


@router.get("/claims")
def list_claims(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, person_id: AnId = None, account_id: AnId = None
) -> Listed[ClaimOut]:
    """The claims one may see, the oldest first."""
    found = claiming.claims(
        tx, person_id=person_id, account_id=account_id, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(ClaimOut, found)


@router.post("/claims", status_code=201)
def claim_account(what: ClaimIn, tx: Transaction, person: SignedIn, at: Now) -> ClaimOut:
    """Take an account for oneself, within the limits."""
    return ClaimOut.of(claiming.claim(tx, what.account_id, what.reason, by=person, at=at))


@router.post("/claims/{claim_id}/return", status_code=201)
def return_claim(claim_id: InPath, what: ReturnIn, tx: Transaction, person: SignedIn, at: Now) -> ClaimOut:
    """Give an account back."""
    return ClaimOut.of(claiming.give_back(tx, claim_id, what.why, by=person, at=at))


@router.get("/engagement/warnings")
def list_warnings(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Annotated[
        Literal["warned", "active", "returned"] | None, Query(description="Only those; all when absent.")
    ] = None,
) -> Listed[NoticeOut]:
    """Warnings that accounts go back for want of activity, the first to be due first."""
    found = timing_out.notices(tx, status=status, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(NoticeOut, found)


@router.post("/engagement/outreach")
def check_outreach(what: ContactIn, tx: Transaction, person: SignedIn, at: Now) -> OutreachOut:
    """Who else is at an account, before one contacts it."""
    return OutreachOut.of(outreach.check(tx, what.account_id, by=person, at=at))


@router.post("/engagement/activities", status_code=201)
def note_activity(what: ActivityIn, tx: Transaction, person: SignedIn, at: Now) -> ActivityOut:
    """Note a call, a mail or a meeting; it keeps the account from going back."""
    made, found = outreach.note(tx, what.account_id, what.kind, what.note, on=what.on, by=person, at=at)
    return ActivityOut(
        activity_id=made.activity_id,
        account_id=made.account_id,
        person_id=made.person_id,
        kind=made.kind,
        at=made.at,
        warnings=list(found.warnings),
    )
