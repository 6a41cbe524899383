"""Reviews, their steps and decisions, and freezes, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from patchbook.access.store import role_held
from patchbook.approvals.lines import Lines
from patchbook.approvals.review import Decision, Review, Step, Verdict
from patchbook.db.believed import believed_at
from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.ledger.tables import cover
from patchbook.people.permission import Deed, territory_names
from patchbook.people.principal import Principal, Role
from patchbook.people.store import employment, person
from patchbook.period import FOREVER, Period
from patchbook.plans.guardrails import Freeze
from patchbook.plans.life import Status as PlanStatus
from patchbook.plans.store import plan
from patchbook.plans.store import visible as plans_visible
from patchbook.territories.store import place

review = Table(
    "review",
    metadata,
    Column("review_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    UniqueConstraint("plan_id", "round"),
)
"""One row each time a plan is submitted. `moved` is how many accounts would change owner, as counted then."""
append_only(review)

step = Table(
    "approval_step",
    metadata,
    Column("step_id", Text, primary_key=True),
    Column("review_id", Text, ForeignKey("review.review_id"), nullable=False),
    Column("level", Integer, nullable=False),
    Column("approver_id", Text),
    Column("territories", Json, nullable=False),
    Column("accounts", Integer, nullable=False),
    Index("ix_approval_step_review", "review_id", "level"),
    Index("ix_approval_step_approver", "approver_id"),
)
"""Who is asked, and for which territories of the plan (name → accounts). Without an approver any planner may answer."""
append_only(step)

decision = Table(
    "approval_decision",
    metadata,
    Column("step_id", Text, ForeignKey("approval_step.step_id"), primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("comment", Text),
    CheckConstraint("verdict IN ('approved', 'rejected')", name="verdict_is_known"),
    CheckConstraint("verdict <> 'rejected' OR comment IS NOT NULL", name="reject_says_why"),
)
"""One answer a step, for ever: the database refuses to change or delete it."""
append_only(decision)

freeze = Table(
    "change_freeze",
    metadata,
    Column("freeze_id", Text, primary_key=True),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("lifted_by", Text),
    Column("lifted_at", Instant),
    CheckConstraint("starts < ends", name="freeze_is_not_empty"),
)
"""Windows in which drafts are not changed; planners may overrule with a reason."""


def people_lines(tx: Connection) -> Lines:
    """Everybody's manager."""
    return Lines(dict(tx.execute(select(person.c.person_id, person.c.manager_id)).all()))


def managers(tx: Connection, *, at: datetime) -> dict[str, frozenset[str]]:
    """
    Everybody employed who holds the role of a manager → the names of the territories granted to them.

    A manager without a territory looks after what their reports staff, which the lines of management tell.
    """
    working = (employment.c.recorded_to == FOREVER) & (employment.c.valid_from <= at) & (employment.c.valid_to > at)
    rows = tx.execute(
        select(role_held.c.person_id, role_held.c.territory_id)
        .where(role_held.c.role == Role.MANAGER.value)
        .where(role_held.c.person_id.in_(select(employment.c.person_id).where(working)))
    ).all()
    found: dict[str, set[str]] = {row.person_id: set() for row in rows}
    for row in rows:
        if row.territory_id is not None:
            found[row.person_id] |= names_below(tx, row.territory_id, at=at)
    return {manager: frozenset(names) for manager, names in found.items()}


def names_below(tx: Connection, territory_id: str, *, at: datetime) -> set[str]:
    """The names of a territory and of all below it."""
    now = believed_at(place, at)
    tree = select(literal(territory_id).label("territory_id")).cte("below", recursive=True)
    tree = tree.union(select(place.c.territory_id).join(tree, place.c.parent_id == tree.c.territory_id).where(*now))
    names = select(place.c.name).where(place.c.territory_id.in_(select(tree.c.territory_id)), *now)
    return set(tx.execute(names).scalars())


def names_in_reach(tx: Connection, by: Principal, deed: Deed, *, at: datetime) -> set[str]:
    """The names of the territories where somebody may do this, as the record has them now."""
    return set(tx.execute(territory_names(by, deed, at=at)).scalars())


def add_review(tx: Connection, made: Review) -> Review:
    """Keep a new round and its questions."""
    tx.execute(
        insert(review).values(
            review_id=made.review_id,
            plan_id=made.plan_id,
            round=made.round,
            moved=made.moved,
            made_by=made.made_by,
            submitted_by=made.submitted_by,
            opened_at=made.opened_at,
        )
    )
    tx.execute(
        insert(step),
        [
            {
                "step_id": one.step_id,
                "review_id": made.review_id,
                "level": one.level,
                "approver_id": one.approver_id,
                "territories": dict(one.counts),
                "accounts": one.accounts,
            }
            for one in made.steps
        ],
    )
    return made


def latest_review(tx: Connection, plan_id: str) -> Review | None:
    """The last round of a plan, or None where it was never submitted."""
    row = tx.execute(select(review).where(review.c.plan_id == plan_id).order_by(review.c.round.desc()).limit(1)).first()
    return None if row is None else _review(tx, row)


def reviews(tx: Connection, plan_id: str) -> list[Review]:
    """Every round of a plan, first to last."""
    rows = tx.execute(select(review).where(review.c.plan_id == plan_id).order_by(review.c.round)).all()
    return [_review(tx, row) for row in rows]


def add_decision(tx: Connection, step_id: str, made: Decision) -> None:
    """Keep an answer, for ever."""
    tx.execute(
        insert(decision).values(
            step_id=step_id, verdict=made.verdict.value, by=made.by, at=made.at, comment=made.comment
        )
    )


def covered_by(tx: Connection, person_id: str, *, at: datetime) -> frozenset[str]:
    """The people on leave for whom somebody acts at an instant."""
    away = select(cover.c.person_id).where(cover.c.cover_id == person_id, *believed_at(cover, at))
    return frozenset(tx.execute(away).scalars())


def waiting(tx: Connection, *, is_planner: bool, by: Principal, at: datetime) -> list[tuple[str, str, datetime]]:
    """plan_id, step_id and the instant asked, of open steps of plans this person sees and may answer, oldest first."""
    newest = (
        select(review.c.plan_id, func.max(review.c.round).label("round")).group_by(review.c.plan_id).subquery("newest")
    )
    who = (step.c.approver_id == by.person_id) | step.c.approver_id.in_(covered_by(tx, by.person_id, at=at))
    if is_planner:
        who = who | step.c.approver_id.is_(None)
    lower, answer = step.alias("lower"), decision.alias("answer")
    unanswered_below = exists().where(
        lower.c.review_id == step.c.review_id,
        lower.c.level < step.c.level,
        ~exists().where(answer.c.step_id == lower.c.step_id),
    )
    rows = tx.execute(
        select(review.c.plan_id, step.c.step_id, review.c.opened_at)
        .join(newest, (newest.c.plan_id == review.c.plan_id) & (newest.c.round == review.c.round))
        .join(step, step.c.review_id == review.c.review_id)
        .join(plan, (plan.c.plan_id == review.c.plan_id) & (plan.c.status == PlanStatus.IN_REVIEW.value))
        .where(plans_visible(by, at=at), who, ~exists().where(decision.c.step_id == step.c.step_id), ~unanswered_below)
        .order_by(review.c.opened_at, step.c.step_id)
    )
    return [(row.plan_id, row.step_id, row.opened_at) for row in rows]


def add_freeze(tx: Connection, made: Freeze, *, by: str, at: datetime) -> None:
    """Keep a window."""
    tx.execute(
        insert(freeze).values(
            freeze_id=made.freeze_id, starts=made.period.start, ends=made.period.end, why=made.why, by=by, at=at
        )
    )


def freezes(tx: Connection, *, after: datetime) -> list[Freeze]:
    """The windows not lifted that end after an instant, in order."""
    rows = tx.execute(
        select(freeze)
        .where(freeze.c.lifted_at.is_(None), freeze.c.ends > after)
        .order_by(freeze.c.starts, freeze.c.freeze_id)
    )
    return [Freeze(freeze_id=row.freeze_id, period=Period(row.starts, row.ends), why=row.why) for row in rows]


def lift_freeze(tx: Connection, freeze_id: str, *, by: str, at: datetime) -> bool:
    """End a window early; whether there was one to end."""
    open_one = (freeze.c.freeze_id == freeze_id) & freeze.c.lifted_at.is_(None)
    return tx.execute(update(freeze).where(open_one).values(lifted_by=by, lifted_at=at)).rowcount == 1


def _review(tx: Connection, row: Row[Any]) -> Review:
    rows = tx.execute(
        select(step, decision.c.verdict, decision.c.by, decision.c.at, decision.c.comment)
        .outerjoin(decision, decision.c.step_id == step.c.step_id)
        .where(step.c.review_id == row.review_id)
        .order_by(step.c.level, step.c.approver_id, step.c.step_id)
    ).all()
    return Review(
        review_id=row.review_id,
        plan_id=row.plan_id,
        round=row.round,
        moved=row.moved,
        made_by=row.made_by,
        submitted_by=row.submitted_by,
        opened_at=row.opened_at,
        steps=tuple(_step(one) for one in rows),
    )


def _step(row: Row[Any]) -> Step:
    given = None
    if row.verdict is not None:
        given = Decision(verdict=Verdict(row.verdict), by=row.by, at=row.at, comment=row.comment)
    return Step(
        step_id=row.step_id,
        level=row.level,
        approver_id=row.approver_id,
        territories=tuple(sorted(row.territories)),
        accounts=row.accounts,
        counts=dict(sorted(row.territories.items())),
        decision=given,
    )
