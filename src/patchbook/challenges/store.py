"""Challenges in the database."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)

from patchbook.approvals.reach import is_company_wide
from patchbook.challenges.challenge import Ask, Challenge, NoChallenge, Reason, Status
from patchbook.db.metadata import Instant, metadata
from patchbook.ledger.tables import opportunity
from patchbook.people.permission import Deed, may, territory_names
from patchbook.people.principal import Principal, Role
from patchbook.people.store import reports_of
from patchbook.plans.store import plan
from patchbook.plans.store import visible as plans_visible

challenge = Table(
    "challenge",
    metadata,
    Column("challenge_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("ask", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("territory", Text),
    Column("wanted_territory", Text),
    Column("planned_person", Text),
    Column("filed_by", Text, nullable=False, index=True),
    Column("filed_at", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("outcome", Text),
    Index("ix_challenge_plan", "plan_id", "status"),
    Index("ix_challenge_due", "status", "due"),
)
"""`territory` and `planned_person` are where the draft had the account when the challenge was filed."""
Index(
    "uq_challenge_open",
    challenge.c.plan_id,
    challenge.c.account_id,
    challenge.c.filed_by,
    unique=True,
    sqlite_where=challenge.c.status == "open",
    postgresql_where=challenge.c.status == "open",
)


def add(tx: Connection, made: Challenge) -> Challenge:
    """Keep a new challenge."""
    tx.execute(insert(challenge).values(**_values(made)))
    return made


def save(tx: Connection, decided: Challenge) -> Challenge:
    """Keep what came of it."""
    tx.execute(update(challenge).where(challenge.c.challenge_id == decided.challenge_id).values(**_values(decided)))
    return decided


def get(tx: Connection, challenge_id: str, *, by: Principal, at: datetime) -> Challenge:
    """The challenge of that id, if this person may see it."""
    query = select(challenge).where(challenge.c.challenge_id == challenge_id, visible(by, at=at))
    row = tx.execute(query).first()
    if row is None:
        raise NoChallenge(challenge_id)
    return _read(row)


def open_ones(tx: Connection, plan_id: str, person_id: str) -> dict[str, str]:
    """account_id → challenge_id of what a rep has filed about a plan and nobody has decided."""
    rows = tx.execute(
        select(challenge.c.account_id, challenge.c.challenge_id).where(
            challenge.c.plan_id == plan_id,
            challenge.c.filed_by == person_id,
            challenge.c.status == Status.OPEN.value,
        )
    )
    return {row.account_id: row.challenge_id for row in rows}


def listed(
    tx: Connection,
    *,
    plan_id: str | None = None,
    status: Status | None = None,
    overdue: bool = False,
    not_filed_by: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
    by: Principal,
    at: datetime,
) -> list[Challenge]:
    """Challenges this person may see, those due first on top."""
    query = _narrowed(select(challenge), plan_id, status, overdue, not_filed_by, by, at)
    if after is not None:
        due, last = after
        later = (challenge.c.due > due) | ((challenge.c.due == due) & (challenge.c.challenge_id > last))
        query = query.where(later)
    query = query.order_by(challenge.c.due, challenge.c.challenge_id).limit(limit)
    return [_read(row) for row in tx.execute(query)]


def count(
    tx: Connection,
    *,
    status: Status | None = None,
    overdue: bool = False,
    not_filed_by: str | None = None,
    by: Principal,
    at: datetime,
) -> int:
    """How many of them there are."""
    query = select(func.count()).select_from(challenge)
    return int(tx.execute(_narrowed(query, None, status, overdue, not_filed_by, by, at)).scalar_one())


def has_open_deal(tx: Connection, account_id: str, person_id: str) -> bool:
    """Whether somebody has an open opportunity with an account."""
    mine = (
        (opportunity.c.account_id == account_id)
        & (opportunity.c.owner_id == person_id)
        & opportunity.c.closed.is_(None)
    )
    return tx.execute(select(opportunity.c.opportunity_id).where(mine).limit(1)).first() is not None


def visible(by: Principal, *, at: datetime) -> ColumnElement[bool]:
    """Which challenges somebody may see: their own, those of the people below them, those about their territories."""
    in_sight = challenge.c.plan_id.in_(select(plan.c.plan_id).where(plans_visible(by, at=at)))
    if is_company_wide(by, Deed.DECIDE):
        return in_sight
    own = challenge.c.filed_by == by.person_id
    if not may(by, Deed.DECIDE):
        return in_sight & own
    names = territory_names(by, Deed.DECIDE, at=at)
    theirs: ColumnElement[bool] = challenge.c.territory.in_(names)
    if Role.MANAGER in by.roles:
        below = select(reports_of(by.person_id).c.person_id)
        theirs = or_(theirs, challenge.c.filed_by.in_(below), challenge.c.planned_person.in_(below))
    return in_sight & or_(own, theirs)


def _narrowed(
    query: Select[Any],
    plan_id: str | None,
    status: Status | None,
    overdue: bool,
    not_filed_by: str | None,
    by: Principal,
    at: datetime,
) -> Select[Any]:
    query = query.where(visible(by, at=at))
    if plan_id is not None:
        query = query.where(challenge.c.plan_id == plan_id)
    if status is not None:
        query = query.where(challenge.c.status == status.value)
    if overdue:
        query = query.where(challenge.c.status == Status.OPEN.value, challenge.c.due <= at)
    if not_filed_by is not None:
        query = query.where(challenge.c.filed_by != not_filed_by)
    return query


def _values(made: Challenge) -> dict[str, Any]:
    told = {field.name: getattr(made, field.name) for field in fields(made)}
    return {**told, "ask": made.ask.value, "reason_code": made.reason_code.value, "status": made.status.value}


def _read(row: Row[Any]) -> Challenge:
    found = dict(row._mapping)
    words = {"ask": Ask(row.ask), "reason_code": Reason(row.reason_code), "status": Status(row.status)}
    return Challenge(**{**found, **words})
