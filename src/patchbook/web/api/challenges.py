"""Challenges: reps look at the book a plan would give them, and ask to keep, drop or add accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from patchbook.challenges import actions as challenges
from patchbook.challenges.actions import Decision
from patchbook.challenges.challenge import Ask, Reason, Status
from patchbook.web.api.proposals import RevisedOut
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, Paged, Revision, When, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["challenges"])


class WindowIn(In):
    """Until when reps may challenge; the setting `challenge_days` says where nothing is told."""

    until: When | None = None
    revision: Revision


class ChallengeIn(In):
    """What is asked about an account, and why."""

    account_id: Id
    ask: Ask
    reason_code: Reason
    note: str = Field(default="", max_length=2_000, pattern=r"^[^\x00]*$")
    wanted: Name | None = Field(default=None, description="The territory it should go to, where one is meant.")


class ChallengeDecisionIn(In):
    """What is decided about a challenge."""

    decision: Decision
    outcome: Why | None = Field(default=None, description="In words, for who filed it; needed to reject.")
    to: Name | None = Field(default=None, description="The territory the account goes to, where another is meant.")
    overrule: Why | None = None


class PlannedOut(Out):
    """An account of a future book, or one that leaves today's."""

    account_id: str
    name: str | None
    change: str
    territory: str | None
    reason: str | None
    measures: dict[str, float]
    challenge_id: str | None


class ChallengeOut(Out):
    """A challenge, and what came of it."""

    challenge_id: str
    plan_id: str
    account_id: str
    ask: Ask
    reason_code: Reason
    note: str
    filed_by: str
    filed_at: datetime
    due: datetime
    territory: str | None
    planned_person: str | None
    wanted_territory: str | None
    status: Status
    decided_by: str | None
    decided_at: datetime | None
    outcome: str | None


@router.put("/plans/{plan_id}/challenge-window")
def open_challenge_window(plan_id: InPath, what: WindowIn, tx: Transaction, person: SignedIn, at: Now) -> RevisedOut:
    """Let reps see the book a plan would give them, and challenge it until an instant."""
    opened = challenges.open_window(tx, plan_id, what.until, revision=what.revision, by=person, at=at)
    return RevisedOut.of(opened)


@router.get("/plans/{plan_id}/future-book")
def list_future_book(
    plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged, person_id: AnId = None
) -> Listed[PlannedOut]:
    """The book a plan would give somebody, and what of today's would leave it."""
    found = challenges.preview(
        tx, plan_id, person_id=person_id, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(PlannedOut, found)


@router.post("/plans/{plan_id}/challenges", status_code=201)
def file_challenge(plan_id: InPath, what: ChallengeIn, tx: Transaction, person: SignedIn, at: Now) -> ChallengeOut:
    """Ask to keep, drop or add an account before the plan holds."""
    made = challenges.challenge(
        tx, plan_id, what.account_id, what.ask, what.reason_code, what.note, wanted=what.wanted, by=person, at=at
    )
    return ChallengeOut.of(made)


@router.get("/challenges")
def list_challenges(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    plan_id: AnId = None,
    status: Status | None = None,
    overdue: Annotated[bool, Query(description="Only open ones whose due date has passed.")] = False,
) -> Listed[ChallengeOut]:
    """One's own challenges, and those one may decide on, those due first on top."""
    found = challenges.challenges(
        tx,
        plan_id=plan_id,
        status=status,
        overdue=overdue,
        after=paging.after,
        limit=paging.limit,
        by=person,
        at=at,
    )
    return paging.listed(ChallengeOut, found)


@router.get("/challenges/{challenge_id}")
def get_challenge(challenge_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ChallengeOut:
    """One challenge."""
    return ChallengeOut.of(challenges.get(tx, challenge_id, by=person, at=at))


@router.post("/challenges/{challenge_id}/decision", status_code=201)
def decide_challenge(
    challenge_id: InPath, what: ChallengeDecisionIn, tx: Transaction, person: SignedIn, at: Now
) -> ChallengeOut:
    """Accept a challenge, which moves the account in the draft, or reject it and say why."""
    decided = challenges.decide(
        tx, challenge_id, what.decision, what.outcome, to=what.to, overrule=what.overrule, by=person, at=at
    )
    return ChallengeOut.of(decided)


@router.delete("/challenges/{challenge_id}")
def withdraw_challenge(challenge_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ChallengeOut:
    """Take back a challenge of one's own; it stays readable."""
    return ChallengeOut.of(challenges.withdraw(tx, challenge_id, by=person, at=at))
