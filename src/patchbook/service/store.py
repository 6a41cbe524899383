"""The table of timers, and its SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from patchbook.db.metadata import Instant, metadata
from patchbook.leads.tables import lead
from patchbook.routing.service_levels import What
from patchbook.service.timer import State, Timer

timer = Table(
    "service_timer",
    metadata,
    Column("timer_id", Text, primary_key=True),
    Column("lead_id", Text, ForeignKey("lead.lead_id"), nullable=False),
    Column("decision", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("minutes", Float, nullable=False),
    Column("started", Instant, nullable=False),
    Column("remind_at", Instant),
    Column("due_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("state", Text, nullable=False),
    Column("reassigns", Integer, nullable=False),
    Column("manager_id", Text),
    Column("ended", Instant),
    UniqueConstraint("lead_id", "decision", "what"),
    CheckConstraint("(state IN ('running', 'reminded')) = (next_at IS NOT NULL)", name="runs_while_awaited"),
    Index("ix_service_timer_next_at", "next_at"),
    Index("ix_service_timer_person_id", "person_id", "state"),
    Index("ix_service_timer_due_at", "due_at", "timer_id"),
)
"""A row for each thing awaited of somebody; one a lead, decision and thing, so that nothing runs twice."""


def add(tx: Connection, made: Iterable[Timer]) -> None:
    """Keep timers that begin."""
    rows = [_row(one) for one in made]
    if rows:
        tx.execute(insert(timer), rows)


def save(tx: Connection, changed: Timer) -> None:
    """Keep what became of a timer."""
    tx.execute(update(timer).where(timer.c.timer_id == changed.timer_id).values(**_row(changed)))


def of_lead(tx: Connection, lead_id: str) -> list[Timer]:
    """Every timer there was about a lead, the first first."""
    query = select(timer).where(timer.c.lead_id == lead_id).order_by(timer.c.decision, timer.c.what)
    return [_timer(row) for row in tx.execute(query).mappings()]


def due(tx: Connection, *, at: datetime, limit: int) -> list[str]:
    """The ids of the timers about which something has to be done, the longest due first."""
    query = select(timer.c.timer_id).where(timer.c.next_at <= at).order_by(timer.c.next_at, timer.c.timer_id)
    return list(tx.execute(query.limit(limit)).scalars())


def get(tx: Connection, timer_id: str) -> Timer:
    """The timer of that id."""
    return _timer(tx.execute(select(timer).where(timer.c.timer_id == timer_id)).mappings().one())


def listed(
    tx: Connection,
    *,
    seen: ColumnElement[bool],
    states: Collection[State],
    lead_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Timer]:
    """Timers somebody may see, the first to run out first."""
    query = select(timer).where(seen).order_by(timer.c.due_at, timer.c.timer_id).limit(limit)
    if states:
        query = query.where(timer.c.state.in_([state.value for state in states]))
    if lead_id is not None:
        query = query.where(timer.c.lead_id == lead_id)
    if after is not None:
        due_at, last = after
        query = query.where(or_(timer.c.due_at > due_at, and_(timer.c.due_at == due_at, timer.c.timer_id > last)))
    return [_timer(row) for row in tx.execute(query).mappings()]


def escalated(tx: Connection, *, told: ColumnElement[bool], seen: ColumnElement[bool], limit: int) -> list[Timer]:
    """
    What a manager was told of and still waits: one a lead, the first that ran out.

    It waits while whoever let it wait has the lead, and neither that nor anything awaited of them since has come.

    Parameters
    ----------
    told
        Whether a timer is one somebody was told of.
    seen
        Whether a lead is one they may see.
    """
    later = timer.alias("later")
    newest = select(func.max(later.c.decision)).where(later.c.lead_id == timer.c.lead_id).scalar_subquery()
    query = (
        select(timer)
        .join(lead, lead.c.lead_id == timer.c.lead_id)
        .where(
            timer.c.state == State.ESCALATED.value,
            timer.c.decision == newest,
            lead.c.status == "assigned",
            lead.c.person_id == timer.c.person_id,
            told,
            seen,
        )
        .order_by(timer.c.ended, timer.c.timer_id)
        .limit(limit)
    )
    once: dict[str, Timer] = {}
    for row in tx.execute(query).mappings():
        once.setdefault(row["lead_id"], _timer(row))
    return list(once.values())


def _row(one: Timer) -> dict[str, Any]:
    values = {column.name: getattr(one, column.name) for column in timer.columns}
    return values | {"what": one.what.value, "state": one.state.value, "reassigns": int(one.reassigns)}


def _timer(row: Mapping[Any, Any]) -> Timer:
    told = {"what": What(row["what"]), "state": State(row["state"]), "reassigns": bool(row["reassigns"])}
    return Timer(**{**row, **told})
