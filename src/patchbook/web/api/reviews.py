"""Reviews: who is asked about a submitted plan, and what they said; and windows in which drafts are frozen."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from patchbook.approvals import actions as approvals
from patchbook.approvals.review import Verdict
from patchbook.web.api.proposals import RevisedOut
from patchbook.web.models import Id, In, InPath, Listed, Out, Paged, PeriodIn, PeriodOut, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["reviews"])


class AnswerIn(In):
    """An answer to the part of a plan one is asked about."""

    step_id: Id | None = None
    comment: Why | None = None


class RecallIn(In):
    """Why a submitted plan goes back to its planner."""

    why: Why


class FreezeIn(PeriodIn):
    """A window in which drafts are not changed."""

    why: Why


class DecisionOut(Out):
    """What somebody said."""

    verdict: Verdict
    by: str
    at: datetime
    comment: str | None


class StepOut(Out):
    """One question of a review."""

    step_id: str
    level: int
    approver_id: str | None
    territories: list[str]
    accounts: int
    decision: DecisionOut | None


class ReviewOut(Out):
    """One round of approval of a plan."""

    review_id: str
    plan_id: str
    round: int
    moved: int
    made_by: str
    submitted_by: str
    opened_at: datetime
    is_approved: bool
    is_rejected: bool
    steps: list[StepOut]


class FreezeOut(Out):
    """A window in which drafts are not changed."""

    freeze_id: str
    period: PeriodOut
    why: str


@router.get("/plans/{plan_id}/review")
def get_review(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ReviewOut:
    """The newest review of a plan."""
    return ReviewOut.of(approvals.review(tx, plan_id, by=person, at=at))


@router.post("/plans/{plan_id}/approvals", status_code=201)
def approve_plan(plan_id: InPath, what: AnswerIn, tx: Transaction, person: SignedIn, at: Now) -> ReviewOut:
    """Agree to one's part of a plan; with the last answer it is approved."""
    return ReviewOut.of(approvals.approve(tx, plan_id, step_id=what.step_id, comment=what.comment, by=person, at=at))


@router.post("/plans/{plan_id}/rejection", status_code=201)
def reject_plan(plan_id: InPath, what: AnswerIn, tx: Transaction, person: SignedIn, at: Now) -> ReviewOut:
    """Send a plan back with a word of why."""
    return ReviewOut.of(approvals.reject(tx, plan_id, step_id=what.step_id, comment=what.comment, by=person, at=at))


@router.post("/plans/{plan_id}/recall", status_code=201)
def recall_plan(plan_id: InPath, what: RecallIn, tx: Transaction, person: SignedIn, at: Now) -> RevisedOut:
    """Take a submitted or approved plan back to a draft."""
    return RevisedOut.of(approvals.recall(tx, plan_id, what.why, by=person, at=at))


@router.get("/freezes")
def list_freezes(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[FreezeOut]:
    """Windows in which drafts are not changed."""
    return paging.sliced(FreezeOut, approvals.freezes(tx, by=person, at=at), key=lambda one: str(one.freeze_id))


@router.post("/freezes", status_code=201)
def freeze_drafts(what: FreezeIn, tx: Transaction, person: SignedIn, at: Now) -> FreezeOut:
    """Let no draft be changed for a period."""
    return FreezeOut.of(approvals.freeze(tx, what.period(), what.why, by=person, at=at))


@router.delete("/freezes/{freeze_id}", status_code=204)
def lift_freeze(freeze_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> None:
    """Let drafts be changed again."""
    approvals.lift_freeze(tx, freeze_id, by=person, at=at)
