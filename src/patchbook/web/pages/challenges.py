"""Challenges: what reps say to the book a plan would give them, the window they have, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.challenges import actions as challenges
from patchbook.challenges.actions import Decision
from patchbook.challenges.challenge import Ask, Challenge, PlannedAccount, Reason, Status
from patchbook.comments.comment import Subject
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.period import instant
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.effect import Effect
from patchbook.plans.life import RecordedPlan
from patchbook.plans.life import Status as PlanStatus
from patchbook.proposals.actions import may_overrule
from patchbook.web.models import After, AnId, InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.comments import Thread, thread
from patchbook.web.pages.proposals import by_measure

NAV = (
    Nav(
        title="Challenges",
        path="/challenges",
        section="Plan",
        deed=Deed.CHALLENGE,
        covers=("/plans/*/future-book",),
    ),
)
PAGE_SIZE = 50

router = Pages()


@dataclass(frozen=True, kw_only=True)
class ChallengesPage:
    """The challenges somebody filed or may decide on, and the plans that are open to them."""

    rows: tuple[Challenge, ...]
    next: str | None
    status: Status | None
    overdue: bool
    at: datetime
    windows: tuple[RecordedPlan, ...]
    """Drafts and plans in review: those open to challenges, and for planners those they may open."""
    may_open: bool
    plans: Mapping[str, str]
    people: Mapping[str, str]
    accounts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class BookPage:
    """The book a plan would give whoever looks, to challenge it account by account."""

    plan: RecordedPlan
    rows: tuple[PlannedAccount, ...]
    next: str | None
    is_open: bool
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ChallengePage:
    """One challenge, and what accepting it would do."""

    challenge: Challenge
    plan: RecordedPlan
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    effect: Effect | None
    """Of moving the account where the rep wants it; None where they name no territory, or nothing would move."""
    measures: tuple[tuple[str, tuple[object, ...]], ...]
    refusals: tuple[str, ...]
    territories: tuple[str, ...]
    """Where it might go instead."""
    may_decide: bool
    may_overrule: bool
    is_mine: bool
    is_late: bool
    thread: Thread


def load_list(
    tx: Connection,
    *,
    status: Status | None = None,
    overdue: bool = False,
    plan_id: str | None = None,
    after: str | None = None,
    by: Principal,
    at: datetime,
) -> ChallengesPage:
    """The challenges this person filed or may decide on, those due first on top."""
    found = challenges.challenges(
        tx, plan_id=plan_id, status=status, overdue=overdue, after=after, limit=PAGE_SIZE, by=by, at=at
    )
    may_open = may(by, Deed.EDIT_PLAN)
    windows = [
        one
        for status in (PlanStatus.DRAFT, PlanStatus.IN_REVIEW)
        for one in plan_store.plans(tx, by, at=at, status=status, limit=100)
        if one.result_id is not None and (may_open or one.open_to_challenges_until is not None)
    ]
    return ChallengesPage(
        rows=found.rows,
        next=found.next_cursor,
        status=status,
        overdue=overdue,
        at=at,
        windows=tuple(windows),
        may_open=may_open,
        plans=plan_store.names(tx, sorted({one.plan_id for one in found.rows})),
        people=people_named(tx, (one.filed_by for one in found.rows)),
        accounts=accounts_named(tx, (one.account_id for one in found.rows)),
    )


def load_book(tx: Connection, plan_id: str, *, after: str | None = None, by: Principal, at: datetime) -> BookPage:
    """The book a plan would give whoever looks."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    found = challenges.preview(tx, plan_id, after=after, limit=PAGE_SIZE, by=by, at=at)
    until = plan.open_to_challenges_until
    return BookPage(
        plan=plan,
        rows=found.rows,
        next=found.next_cursor,
        is_open=until is not None and at < until,
        reasons=tuple((one.value, one.value.replace("_", " ")) for one in Reason),
    )


def load(tx: Connection, challenge_id: str, *, by: Principal, at: datetime) -> ChallengePage:
    """One challenge, and while it is open what accepting it would do."""
    found = challenges.get(tx, challenge_id, by=by, at=at)
    is_mine = found.filed_by == by.person_id
    may_decide = found.status is Status.OPEN and may(by, Deed.DECIDE) and not is_mine
    looked = challenges.weighed(tx, challenge_id, by=by, at=at) if may_decide else None
    effect = looked.effect if looked else None
    return ChallengePage(
        challenge=found,
        plan=plan_store.get(tx, found.plan_id),
        people=people_named(tx, (found.filed_by, found.planned_person, found.decided_by)),
        accounts=accounts_named(tx, [found.account_id]),
        effect=effect,
        measures=by_measure(effect) if effect else (),
        refusals=looked.refusals if looked else (),
        territories=looked.territories if looked else (),
        may_decide=may_decide,
        may_overrule=may_overrule(by),
        is_mine=is_mine,
        is_late=found.status is Status.OPEN and found.due < at,
        thread=thread(tx, Subject.CHALLENGE, challenge_id, by=by, at=at),
    )


@router.page("/challenges", Deed.CHALLENGE)
def show_list(
    here: Looked,
    status: Annotated[Status | None, Query()] = None,
    overdue: bool = False,
    plan_id: AnId = None,
    after: After = None,
) -> Response:
    """The challenges one filed or may decide on."""
    page = load_list(here.tx, status=status, overdue=overdue, plan_id=plan_id, after=after, by=here.person, at=here.at)
    return here.show("challenges.html", page)


@router.page("/challenges/{challenge_id}", Deed.CHALLENGE)
def show(challenge_id: InPath, here: Looked) -> Response:
    """One challenge."""
    return here.show("challenge.html", load(here.tx, challenge_id, by=here.person, at=here.at))


@router.page("/plans/{plan_id}/future-book", Deed.CHALLENGE)
def show_book(plan_id: InPath, here: Looked, after: After = None) -> Response:
    """The book a plan would give whoever looks."""
    return here.show("future_book.html", load_book(here.tx, plan_id, after=after, by=here.person, at=here.at))


@router.form("/plans/{plan_id}/challenges", Deed.CHALLENGE)
def file(
    plan_id: InPath,
    here: Looked,
    account_id: Annotated[str, Form(min_length=1, max_length=200)],
    ask: Annotated[Ask, Form()],
    reason_code: Annotated[Reason, Form()],
    note: Annotated[str, Form(max_length=2000)] = "",
    wanted: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Ask to keep, drop or add an account before the plan holds."""
    made = challenges.challenge(
        here.tx, plan_id, account_id.strip(), ask, reason_code, note, wanted=wanted or None, by=here.person, at=here.at
    )
    said = "Filed; your manager decides." if made.status is Status.OPEN else made.outcome
    return here.done(f"/challenges/{made.challenge_id}", said)


@router.form("/challenges/window", Deed.EDIT_PLAN)
def open_window(
    here: Looked,
    plan_id: Annotated[str, Form(min_length=1, max_length=200)],
    until: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Let reps see the book a plan would give them, and challenge it until a day."""
    opened = challenges.open_window(
        here.tx, plan_id, instant(until) if until.strip() else None, by=here.person, at=here.at
    )
    assert opened.open_to_challenges_until is not None
    day = opened.open_to_challenges_until
    return here.done("/challenges", f"{opened.name} is open to challenges until {day.day} {day:%B %Y}.")


@router.form("/challenges/{challenge_id}/decision", Deed.DECIDE)
def decide(
    challenge_id: InPath,
    here: Looked,
    decision: Annotated[Decision, Form()],
    outcome: Annotated[str, Form(max_length=2000)] = "",
    to: Annotated[str, Form(max_length=200)] = "",
    overrule: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Accept a challenge, which moves the account in the draft, or reject it and say why."""
    challenges.decide(
        here.tx,
        challenge_id,
        decision,
        outcome.strip() or None,
        to=to or None,
        overrule=overrule.strip() or None,
        by=here.person,
        at=here.at,
    )
    said = "Accepted; the draft has it so." if decision == "accept" else "Rejected; the rep sees why."
    return here.done(f"/challenges/{challenge_id}", said)


@router.form("/challenges/{challenge_id}/withdrawal", Deed.CHALLENGE)
def withdraw(challenge_id: InPath, here: Looked) -> Response:
    """Take back a challenge of one's own."""
    challenges.withdraw(here.tx, challenge_id, by=here.person, at=here.at)
    return here.done(f"/challenges/{challenge_id}", "Withdrawn; it stays readable.")
