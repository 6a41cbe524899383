"""A plan in review: who is asked at which level, what they said, what changed since before, and one's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Literal

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.approvals import actions as approvals
from patchbook.approvals.review import OTHERS, Review, Step
from patchbook.comments.comment import Subject
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan
from patchbook.plans.life import Status as PlanStatus
from patchbook.plans.store import Change, changes_since
from patchbook.web.models import InPath
from patchbook.web.names import people_named
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.comments import Thread, thread

router = Pages()

MOST_CHANGES = 50


@dataclass(frozen=True, kw_only=True)
class Level:
    """Who is asked at once."""

    number: int
    steps: tuple[Step, ...]
    is_now: bool
    """Whether these are asked now."""
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """The newest review of a plan."""

    plan: RecordedPlan
    review: Review | None
    """None where the plan was never submitted."""
    rounds: int
    levels: tuple[Level, ...]
    people: Mapping[str, str]
    mine: tuple[Step, ...]
    """The open steps whoever looks may answer, their own first."""
    stands_in: frozenset[str]
    """Those of `mine` that are another's to answer; a planner may with a word of why."""
    changes: tuple[Change, ...]
    """What was done to the plan since it was submitted the last time but one, newest first."""
    two_person_above: int
    may_recall: bool
    may_publish: bool
    thread: Thread

    @property
    def is_open(self) -> bool:
        """Whether somebody is asked."""
        return self.plan.status is PlanStatus.IN_REVIEW

    @property
    def is_many(self) -> bool:
        """Whether the plan moves more accounts than one person may decide about."""
        return self.review is not None and self.review.moved > self.two_person_above


def load(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> ReviewPage:
    """The newest review of a plan."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    found = approvals.answerable(tx, plan_id, by=by, at=at)
    review, steps = found.review, found.review.steps if found.review else ()
    answered = (step.decision.by for step in steps if step.decision)
    asked = (step.approver_id for step in steps)
    changes = changes_since(tx, plan_id, 0) if review is None or found.before else []
    changes = [one for one in changes if found.before is not None and one.at > found.before]
    who = {*answered, *asked, *(one.by for one in changes)} - {OTHERS}
    if review is not None:
        who |= {review.submitted_by, review.made_by}
    return ReviewPage(
        plan=plan,
        review=review,
        rounds=review.round if review else 0,
        levels=_levels(review),
        people={**people_named(tx, who), OTHERS: OTHERS},
        mine=found.mine,
        stands_in=frozenset(step.step_id for step in found.mine if step.approver_id not in (None, by.person_id)),
        changes=tuple(reversed(changes))[:MOST_CHANGES],
        two_person_above=found.two_person_above,
        may_recall=may(by, Deed.EDIT_PLAN) and plan.status in (PlanStatus.IN_REVIEW, PlanStatus.APPROVED),
        may_publish=may(by, Deed.PUBLISH) and plan.status is PlanStatus.APPROVED,
        thread=thread(tx, Subject.PLAN, plan_id, by=by, at=at),
    )


def _levels(review: Review | None) -> tuple[Level, ...]:
    if review is None:
        return ()
    now = {step.step_id for step in review.open_steps}
    levels = []
    for number, group in groupby(review.steps, key=lambda step: step.level):
        steps = tuple(group)
        done = all(step.decision for step in steps)
        levels.append(
            Level(number=number, steps=steps, is_now=any(step.step_id in now for step in steps), is_done=done)
        )
    return tuple(levels)


@router.page("/reviews/{plan_id}", Deed.SEE_EVERYONE)
def show(plan_id: InPath, here: Looked) -> Response:
    """Who is asked about a plan, and what they said."""
    return here.show("review.html", load(here.tx, plan_id, by=here.person, at=here.at))


@router.form("/reviews/{plan_id}/answers", Deed.APPROVE)
def answer(
    plan_id: InPath,
    here: Looked,
    decision: Annotated[Literal["approve", "reject"], Form()],
    step_id: Annotated[str, Form(max_length=200)] = "",
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Agree to one's part of a plan, or send it back."""
    say = approvals.approve if decision == "approve" else approvals.reject
    after = say(here.tx, plan_id, step_id=step_id or None, comment=comment.strip() or None, by=here.person, at=here.at)
    if after.is_rejected:
        said = "Sent back: the plan is a draft again."
    elif after.is_approved:
        said = "Approved by everybody who was asked; it can be published now."
    else:
        said = "Approved; others are asked now."
    return here.done(f"/reviews/{plan_id}", said)


@router.form("/reviews/{plan_id}/recall", Deed.EDIT_PLAN)
def recall(plan_id: InPath, here: Looked, why: Annotated[str, Form(max_length=500)]) -> Response:
    """Take a submitted or approved plan back to a draft."""
    approvals.recall(here.tx, plan_id, why, by=here.person, at=here.at)
    return here.done(f"/plans/{plan_id}", "Taken back: the plan is a draft again.")
