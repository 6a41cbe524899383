"""Exceptions: accounts that go to somebody else than their territory says, for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import Kind, Status
from patchbook.ledger.answers import OWNER
from patchbook.web.api.reviews import DecisionOut
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, Paged, When, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["exceptions"])


class ExceptionIn(In):
    """Who is to have an account, from when until when, and why."""

    account_id: Id
    person_id: Id
    role: Name = OWNER
    kind: Kind
    reason: Why
    starts: When
    expires: When


class CommentIn(In):
    """A word to an answer; needed to refuse."""

    comment: Why | None = None


class RenewalIn(In):
    """Until when an exception goes on, and why."""

    expires: When
    reason: Why


class EndIn(In):
    """From when an exception holds no more, and why."""

    on: When | None = None
    why: Why


class ExceptionStepOut(Out):
    """One who has to agree."""

    step_id: str
    side: str
    approver_id: str | None
    decision: DecisionOut | None


class ExceptionOut(Out):
    """An exception, and where it is."""

    exception_id: str
    account_id: str
    role: str
    person_id: str
    kind: Kind
    reason: str
    starts: datetime
    expires: datetime
    requested_by: str
    requested_at: datetime
    status: Status
    losing_territory_id: str | None
    gaining_territory_id: str | None
    losing_person_id: str | None
    cost: dict[str, Any]
    renews_id: str | None
    ended_by: str | None
    ended_at: datetime | None
    ended_why: str | None
    steps: list[ExceptionStepOut]


class BudgetOut(Out):
    """How many exceptions are in force, and how many may be."""

    in_force: int
    assigned: int
    percent: float
    allowed_percent: int
    says: str


@router.get("/exceptions")
def list_exceptions(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Status | None = None,
    account_id: AnId = None,
    expiring_before: Annotated[When | None, Query(description="Only those in force that end before then.")] = None,
) -> Listed[ExceptionOut]:
    """The exceptions one may see, the next to end first."""
    if expiring_before is not None:
        found = exceptions.expiring(
            tx, before=expiring_before, after=paging.after, limit=paging.limit, by=person, at=at
        )
    else:
        found = exceptions.register(
            tx, status=status, account_id=account_id, after=paging.after, limit=paging.limit, by=person, at=at
        )
    return paging.listed(ExceptionOut, found)


@router.post("/exceptions", status_code=201)
def request_exception(what: ExceptionIn, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """Ask that an account go to somebody for a while."""
    made = exceptions.request(
        tx,
        what.account_id,
        what.person_id,
        role=what.role,
        kind=what.kind,
        reason=what.reason,
        starts=what.starts,
        expires=what.expires,
        by=person,
        at=at,
    )
    return ExceptionOut.of(made)


@router.get("/exceptions/budget")
def get_exception_budget(tx: Transaction, person: SignedIn, at: Now) -> BudgetOut:
    """How many of the accounts one may see are exceptions, and how many may be."""
    return BudgetOut.of(exceptions.budget(tx, by=person, at=at))


@router.get("/exceptions/{exception_id}")
def get_exception(exception_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """One exception."""
    return ExceptionOut.of(exceptions.get(tx, exception_id, by=person, at=at))


@router.post("/exceptions/{exception_id}/approvals", status_code=201)
def approve_exception(
    exception_id: InPath, what: CommentIn, tx: Transaction, person: SignedIn, at: Now
) -> ExceptionOut:
    """Agree to it; with the last one it is in the ledger."""
    return ExceptionOut.of(exceptions.approve(tx, exception_id, what.comment, by=person, at=at))


@router.post("/exceptions/{exception_id}/rejection", status_code=201)
def reject_exception(exception_id: InPath, what: CommentIn, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """Refuse it with a word of why."""
    return ExceptionOut.of(exceptions.reject(tx, exception_id, what.comment, by=person, at=at))


@router.post("/exceptions/{exception_id}/renewals", status_code=201)
def renew_exception(exception_id: InPath, what: RenewalIn, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """Ask that it go on after it expires."""
    renewed = exceptions.renew(tx, exception_id, expires=what.expires, reason=what.reason, by=person, at=at)
    return ExceptionOut.of(renewed)


@router.post("/exceptions/{exception_id}/end", status_code=201)
def end_exception(exception_id: InPath, what: EndIn, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """Let it hold only until a day."""
    return ExceptionOut.of(exceptions.end(tx, exception_id, on=what.on, why=what.why, by=person, at=at))


@router.delete("/exceptions/{exception_id}")
def withdraw_exception(exception_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ExceptionOut:
    """Take back a request of one's own; it stays readable."""
    return ExceptionOut.of(exceptions.withdraw(tx, exception_id, by=person, at=at))
