"""The table of live changes, and the SQL they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, Index, Table, Text, func, insert, select, update

from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.ledger.tables import assignment, override
from patchbook.live.change import LiveChange, NoChange, Status

live_change = Table(
    "live_change",
    metadata,
    Column("change_id", Text, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("from_territory_id", Text, ForeignKey("territory.territory_id")),
    Column("to_territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("fields", Json, nullable=False),
    Column("says", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    CheckConstraint("status IN ('waiting', 'proposed', 'moved', 'rejected', 'went back')", name="status_is_known"),
    Index("ix_live_change_account_id", "account_id", "first_seen"),
    Index("ix_live_change_status", "status", "change_id"),
)
"""A row for each account and place the plan would put it since its fields changed."""


def of_plan(tx: Connection, plan_id: str) -> list[LiveChange]:
    """Every change under a plan, the first seen first."""
    query = select(live_change).where(live_change.c.plan_id == plan_id)
    query = query.order_by(live_change.c.first_seen, live_change.c.change_id)
    return [_change(row) for row in tx.execute(query).mappings()]


def open_elsewhere(tx: Connection, plan_id: str) -> list[LiveChange]:
    """Open changes under plans that hold no more."""
    query = select(live_change).where(live_change.c.plan_id != plan_id)
    query = query.where(live_change.c.status.in_([Status.WAITING.value, Status.PROPOSED.value]))
    return [_change(row) for row in tx.execute(query).mappings()]


def last_moved(tx: Connection, account_ids: Sequence[str]) -> dict[str, datetime]:
    """Account → when it last moved by a live change, under whatever plan."""
    found: dict[str, datetime] = {}
    for ids in chunks(account_ids):
        query = select(live_change.c.account_id, live_change.c.decided_at).where(
            live_change.c.account_id.in_(ids), live_change.c.status == Status.MOVED.value
        )
        for account_id, moved in tx.execute(query):
            found[account_id] = max(moved, found.get(account_id, moved))
    return found


def get(tx: Connection, change_id: str) -> LiveChange:
    """The change of that id."""
    row = tx.execute(select(live_change).where(live_change.c.change_id == change_id)).mappings().first()
    if row is None:
        raise NoChange(change_id)
    return _change(row)


def add(tx: Connection, made: Iterable[LiveChange]) -> None:
    """Keep changes seen for the first time."""
    rows = [_row(one) for one in made]
    if rows:
        tx.execute(insert(live_change), rows)


def save(tx: Connection, changed: LiveChange) -> LiveChange:
    """Keep what became of a change."""
    tx.execute(update(live_change).where(live_change.c.change_id == changed.change_id).values(**_row(changed)))
    return changed


def proposed(tx: Connection, *, limit: int) -> list[LiveChange]:
    """Changes somebody has to decide about, the first seen first."""
    query = select(live_change).where(live_change.c.status == Status.PROPOSED.value)
    query = query.order_by(live_change.c.first_seen, live_change.c.change_id).limit(limit)
    return [_change(row) for row in tx.execute(query).mappings()]


def count_proposed(tx: Connection) -> int:
    """How many changes somebody has to decide about."""
    query = select(func.count()).select_from(live_change).where(live_change.c.status == Status.PROPOSED.value)
    return int(tx.execute(query).scalar_one())


def listed(tx: Connection, *, status: Status | None, after: str | None, limit: int) -> list[LiveChange]:
    """Changes by id."""
    query = select(live_change).order_by(live_change.c.change_id).limit(limit)
    if status is not None:
        query = query.where(live_change.c.status == status.value)
    if after is not None:
        query = query.where(live_change.c.change_id > after)
    return [_change(row) for row in tx.execute(query).mappings()]


def territories_of(tx: Connection, account_ids: Sequence[str], *, at: datetime) -> dict[str, str]:
    """Account → the territory it is in."""
    found: dict[str, str] = {}
    for ids in chunks(account_ids):
        query = select(assignment.c.account_id, assignment.c.territory_id)
        query = query.where(assignment.c.account_id.in_(ids), *believed_at(assignment, at))
        found |= {row.account_id: row.territory_id for row in tx.execute(query)}
    return found


def all_assigned(tx: Connection, *, at: datetime) -> set[str]:
    """Every account that has a territory."""
    return set(tx.execute(select(assignment.c.account_id).where(*believed_at(assignment, at))).scalars())


def given_otherwise(tx: Connection, account_ids: Sequence[str], *, at: datetime) -> dict[str, str]:
    """Account → by what it goes to somebody else than its territory says: an exception, or by name."""
    found: dict[str, str] = {}
    for ids in chunks(account_ids):
        query = select(override.c.account_id, override.c.kind).where(
            override.c.account_id.in_(ids),
            override.c.opportunity_id == "",
            override.c.kind.in_(["exception", "named"]),
            *believed_at(override, at),
        )
        found |= {row.account_id: row.kind for row in tx.execute(query)}
    return found


def _row(one: LiveChange) -> dict[str, Any]:
    values = {column.name: getattr(one, column.name) for column in live_change.columns}
    return values | {"status": one.status.value, "fields": {name: list(two) for name, two in one.fields.items()}}


def _change(row: Mapping[Any, Any]) -> LiveChange:
    return LiveChange(**{**row, "status": Status(row["status"])})
