"""Exceptions and who has to agree to them, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    RowMapping,
    Select,
    Table,
    Text,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from patchbook.access.store import role_held
from patchbook.approvals.review import Decision, Verdict
from patchbook.db.believed import believed_at, believed_during
from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.exceptions.exception import AccountException, Kind, NoException, Status, Step
from patchbook.ledger.tables import assignment, override, staffing
from patchbook.people.permission import in_scope
from patchbook.people.principal import Principal, Role
from patchbook.people.store import reports_of
from patchbook.period import FOREVER, Period
from patchbook.territories.store import place, seat

KIND = "exception"
"""What a fact of `override` that an exception wrote is called."""

exception = Table(
    "exception",
    metadata,
    Column("exception_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("starts", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_by", Text, nullable=False, index=True),
    Column("requested_at", Instant, nullable=False),
    Column("losing_territory_id", Text, ForeignKey("territory.territory_id")),
    Column("gaining_territory_id", Text, ForeignKey("territory.territory_id")),
    Column("losing_person_id", Text),
    Column("cost", Json, nullable=False),
    Column("renews_id", Text),
    Column("ended_by", Text),
    Column("ended_at", Instant),
    Column("ended_why", Text),
    CheckConstraint("starts < expires", name="exception_is_not_empty"),
    Index("ix_exception_account", "account_id"),
    Index("ix_exception_status", "status", "expires"),
    Index("ix_exception_losing", "losing_territory_id"),
    Index("ix_exception_gaining", "gaining_territory_id"),
)
"""What was asked for. Once approved, the owner it gives is a fact of `override` whose source is `exception_id`."""

step = Table(
    "exception_step",
    metadata,
    Column("step_id", Text, primary_key=True),
    Column("exception_id", Text, ForeignKey("exception.exception_id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("side", Text, nullable=False),
    Column("approver_id", Text, index=True),
    CheckConstraint("side IN ('losing', 'gaining', 'planner')", name="side_is_known"),
)
"""Who has to agree. Without an approver any planner or admin may."""
append_only(step)

decision = Table(
    "exception_decision",
    metadata,
    Column("step_id", Text, ForeignKey("exception_step.step_id"), primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("comment", Text),
    CheckConstraint("verdict IN ('approved', 'rejected')", name="verdict_is_known"),
)
append_only(decision)


def add(tx: Connection, made: AccountException) -> AccountException:
    """Keep a request, and who has to agree to it."""
    tx.execute(insert(exception).values(**_values(made)))
    tx.execute(
        insert(step),
        [
            {
                "step_id": one.step_id,
                "exception_id": made.exception_id,
                "number": number,
                "side": one.side,
                "approver_id": one.approver_id,
            }
            for number, one in enumerate(made.steps)
        ],
    )
    return made


def save(tx: Connection, changed: AccountException) -> AccountException:
    """Keep what became of an exception."""
    tx.execute(update(exception).where(exception.c.exception_id == changed.exception_id).values(**_values(changed)))
    return changed


def add_decision(tx: Connection, step_id: str, made: Decision) -> None:
    """Keep an answer, for ever."""
    tx.execute(
        insert(decision).values(
            step_id=step_id, verdict=made.verdict.value, by=made.by, at=made.at, comment=made.comment
        )
    )


def get(tx: Connection, exception_id: str, *, by: Principal, at: datetime) -> AccountException:
    """The exception of that id, if this person may see it."""
    row = tx.execute(select(exception).where(exception.c.exception_id == exception_id, visible(by, at=at))).first()
    if row is None:
        raise NoException(exception_id)
    return _read(tx, [row])[0]


def listed(
    tx: Connection,
    *,
    status: Status | None = None,
    account_id: str | None = None,
    expiring: Period | None = None,
    waits_for: str | None = None,
    or_a_planner: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int,
    by: Principal,
    at: datetime,
) -> list[AccountException]:
    """Exceptions this person may see, those that end first on top."""
    query = _narrowed(select(exception), status, account_id, expiring, waits_for, or_a_planner, by, at)
    if after is not None:
        expires, last = after
        later = (exception.c.expires > expires) | ((exception.c.expires == expires) & (exception.c.exception_id > last))
        query = query.where(later)
    query = query.order_by(exception.c.expires, exception.c.exception_id).limit(limit)
    return _read(tx, tx.execute(query).all())


def count(
    tx: Connection,
    *,
    status: Status | None = None,
    expiring: Period | None = None,
    waits_for: str | None = None,
    or_a_planner: bool = False,
    by: Principal,
    at: datetime,
) -> int:
    """How many of them there are."""
    query = select(func.count()).select_from(exception)
    return int(tx.execute(_narrowed(query, status, None, expiring, waits_for, or_a_planner, by, at)).scalar_one())


def visible(by: Principal, *, at: datetime) -> ColumnElement[bool]:
    """Which exceptions somebody may see: those they asked for, have to agree to, or that touch what is theirs."""
    if by.is_everywhere:
        return true()
    asked = exists().where(step.c.exception_id == exception.c.exception_id, step.c.approver_id == by.person_id)
    mine = [by.person_id]
    people = or_(exception.c.person_id.in_(mine), exception.c.losing_person_id.in_(mine))
    if Role.MANAGER in by.roles:
        below = select(reports_of(by.person_id).c.person_id)
        people = or_(people, exception.c.person_id.in_(below), exception.c.losing_person_id.in_(below))
    return or_(
        exception.c.requested_by == by.person_id,
        asked,
        people,
        in_scope(by, territory=exception.c.losing_territory_id, at=at),
        in_scope(by, territory=exception.c.gaining_territory_id, at=at),
    )


def in_the_way(tx: Connection, account_id: str, role: str, period: Period, *, but: str) -> RowMapping | None:
    """An exception that is believed for this account, role and part of the period."""
    return (
        tx.execute(
            select(override.c.source, override.c.person_id, override.c.valid_from, override.c.valid_to)
            .where(
                override.c.account_id == account_id,
                override.c.role == role,
                override.c.opportunity_id == "",
                override.c.kind == KIND,
                override.c.source != but,
                *believed_during(override, period),
            )
            .order_by(override.c.valid_from)
        )
        .mappings()
        .first()
    )


def facts_of(tx: Connection, exception_id: str, *, after: datetime) -> list[dict[str, Any]]:
    """What is believed because of an exception from an instant on, as keys to lift."""
    rows = tx.execute(
        select(override.c.account_id, override.c.role, override.c.valid_from, override.c.valid_to).where(
            override.c.source == exception_id,
            override.c.kind == KIND,
            override.c.recorded_to == FOREVER,
            override.c.valid_to > after,
        )
    )
    return [
        {
            "account_id": row.account_id,
            "role": row.role,
            "opportunity_id": "",
            "valid_from": max(row.valid_from, after),
            "valid_to": row.valid_to,
        }
        for row in rows
    ]


def territory_of(tx: Connection, person_id: str, role: str, *, on: datetime) -> str | None:
    """The territory where somebody fills a seat of this role."""
    return tx.execute(
        select(seat.c.territory_id)
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .where(
            staffing.c.person_id == person_id,
            seat.c.role == role,
            *believed_at(staffing, on),
        )
        .order_by(seat.c.territory_id)
        .limit(1)
    ).scalar()


def name_of(tx: Connection, territory_id: str, *, on: datetime) -> str | None:
    """What a territory is called."""
    return tx.execute(
        select(place.c.name).where(
            place.c.territory_id == territory_id,
            *believed_at(place, on),
        )
    ).scalar()


def planners_besides(tx: Connection, person_id: str) -> int:
    """How many others hold the role of a planner or admin."""
    wide = role_held.c.role.in_([Role.PLANNER.value, Role.ADMIN.value])
    return int(
        tx.execute(
            select(func.count(role_held.c.person_id.distinct())).where(wide, role_held.c.person_id != person_id)
        ).scalar_one()
    )


def in_force(tx: Connection, *, by: Principal, at: datetime) -> int:
    """How many accounts this person may see are exceptions now, by the ledger: who left gave theirs up."""
    holds = exists().where(
        override.c.source == exception.c.exception_id,
        override.c.account_id == exception.c.account_id,
        override.c.role == exception.c.role,
        override.c.kind == KIND,
        *believed_at(override, at),
    )
    query = select(func.count(exception.c.account_id.distinct())).where(holds, visible(by, at=at))
    return int(tx.execute(query).scalar_one())


def assigned(tx: Connection, *, by: Principal, at: datetime) -> int:
    """How many accounts are assigned to territories this person may see."""
    query = select(func.count()).select_from(assignment)
    query = query.where(*believed_at(assignment, at))
    return int(tx.execute(query.where(in_scope(by, territory=assignment.c.territory_id, at=at))).scalar_one())


def _narrowed(
    query: Select[Any],
    status: Status | None,
    account_id: str | None,
    expiring: Period | None,
    waits_for: str | None,
    or_a_planner: bool,
    by: Principal,
    at: datetime,
) -> Select[Any]:
    query = query.where(visible(by, at=at))
    if status is not None:
        query = query.where(exception.c.status == status.value)
    if account_id is not None:
        query = query.where(exception.c.account_id == account_id)
    if expiring is not None:
        query = query.where(exception.c.expires > expiring.start, exception.c.expires <= expiring.end)
    if waits_for is not None:
        who = step.c.approver_id == waits_for
        if or_a_planner:
            who = or_(who, step.c.approver_id.is_(None))
        open_step = exists().where(
            step.c.exception_id == exception.c.exception_id,
            who,
            ~exists().where(decision.c.step_id == step.c.step_id),
        )
        query = query.where(open_step, exception.c.requested_by != waits_for)
    return query


def _values(made: AccountException) -> dict[str, Any]:
    told = {name: getattr(made, name) for name in exception.c.keys()}  # noqa: SIM118 - a table's columns
    return {**told, "kind": made.kind.value, "status": made.status.value, "cost": dict(made.cost)}


def _read(tx: Connection, rows: Sequence[Row[Any]]) -> list[AccountException]:
    steps: dict[str, list[Step]] = {row.exception_id: [] for row in rows}
    found = tx.execute(
        select(step, decision.c.verdict, decision.c.by, decision.c.at, decision.c.comment)
        .outerjoin(decision, decision.c.step_id == step.c.step_id)
        .where(step.c.exception_id.in_(list(steps)))
        .order_by(step.c.exception_id, step.c.number)
    )
    for one in found:
        given = None
        if one.verdict is not None:
            given = Decision(verdict=Verdict(one.verdict), by=one.by, at=one.at, comment=one.comment)
        steps[one.exception_id].append(
            Step(step_id=one.step_id, side=one.side, approver_id=one.approver_id, decision=given)
        )
    return [
        AccountException(
            **{
                **row._mapping,
                "kind": Kind(row.kind),
                "status": Status(row.status),
                "steps": tuple(steps[row.exception_id]),
            }
        )
        for row in rows
    ]
