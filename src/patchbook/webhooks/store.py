"""Messages on their way, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from patchbook.db.metadata import Instant, Json, metadata
from patchbook.webhooks.webhook import Delivery, NoDelivery, Status

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("answer", Integer),
    Column("problem", Text),
    Column("ended_at", Instant),
    CheckConstraint("status IN ('pending', 'delivered', 'dead')", name="status_is_known"),
    Index("ix_delivery_due", "status", "next_at"),
    Index("ix_delivery_made", "made_at", "delivery_id"),
    Index("ix_delivery_subject", "subject"),
)
"""The outbox: one row a message and target, written in the transaction of the decision it tells of."""


def add(tx: Connection, made: Iterable[Delivery]) -> None:
    """Keep new messages."""
    rows = [asdict(one) | {"status": one.status.value} for one in made]
    if rows:
        tx.execute(insert(delivery), rows)


def due(tx: Connection, *, at: datetime, limit: int) -> list[Delivery]:
    """Messages whose time has come and that nobody is at, the longest waiting first."""
    free = or_(delivery.c.leased_until.is_(None), delivery.c.leased_until <= at)
    query = select(delivery).where(delivery.c.status == Status.PENDING.value, delivery.c.next_at <= at, free)
    found = tx.execute(query.order_by(delivery.c.next_at, delivery.c.delivery_id).limit(limit))
    return [_delivery(row) for row in found.mappings()]


def save(tx: Connection, changed: Delivery, *, attempts: int) -> bool:
    """Keep what became of a message, unless somebody else has made another attempt since; whether it was kept."""
    values = asdict(changed) | {"status": changed.status.value}
    query = update(delivery).where(delivery.c.delivery_id == changed.delivery_id, delivery.c.attempts == attempts)
    return tx.execute(query.values(**values)).rowcount == 1


def get(tx: Connection, delivery_id: str) -> Delivery:
    """The message of that id."""
    row = tx.execute(select(delivery).where(delivery.c.delivery_id == delivery_id)).mappings().one_or_none()
    if row is None:
        raise NoDelivery(delivery_id)
    return _delivery(row)


def listed(
    tx: Connection, *, status: Status | None, target: str | None, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Delivery]:
    """Messages, the newest first."""
    query = select(delivery)
    if status is not None:
        query = query.where(delivery.c.status == status.value)
    if target is not None:
        query = query.where(delivery.c.target == target)
    if after is not None:
        query = query.where(_before(*after))
    query = query.order_by(delivery.c.made_at.desc(), delivery.c.delivery_id.desc()).limit(limit)
    return [_delivery(row) for row in tx.execute(query).mappings()]


def counts(tx: Connection) -> dict[Status, int]:
    """How many messages there are of each status."""
    query = select(delivery.c.status, func.count()).group_by(delivery.c.status)
    return {Status(status): count for status, count in tx.execute(query)}


def _before(made_at: datetime, delivery_id: str) -> ColumnElement[bool]:
    same = and_(delivery.c.made_at == made_at, delivery.c.delivery_id < delivery_id)
    return or_(delivery.c.made_at < made_at, same)


def _delivery(row: RowMapping) -> Delivery:
    told: dict[str, Any] = dict(row)
    return Delivery(**told | {"status": Status(told["status"])})
