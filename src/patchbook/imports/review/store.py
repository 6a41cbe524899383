"""Decisions about accounts in the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, Index, Row, Table, Text, insert, select, update

from patchbook.db.metadata import Instant, Json, metadata
from patchbook.imports.review.decision import Decision, NoDecision, Verdict

account_decision = Table(
    "account_decision",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("account_id", Text, nullable=False, index=True),
    Column("other_id", Text, nullable=False, index=True),
    Column("parts", Json, nullable=False, default=dict),
    Column("why", Text),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_by", Text),
    Column("undone_at", Instant),
    CheckConstraint("verdict IN ('merge', 'keep apart', 'split off')", name="verdict_is_known"),
    Index("ix_account_decision_at", "at", "decision_id"),
)
"""One row a decision about two accounts, or an account and its parent; `undone_at` is null while it counts."""


def add(tx: Connection, made: Decision) -> Decision:
    """Keep a decision."""
    tx.execute(insert(account_decision).values(**_values(made)))
    return made


def save(tx: Connection, changed: Decision) -> Decision:
    """Keep what became of a decision."""
    mine = account_decision.c.decision_id == changed.decision_id
    tx.execute(update(account_decision).where(mine).values(**_values(changed)))
    return changed


def get(tx: Connection, decision_id: str) -> Decision:
    """The decision of that id."""
    row = tx.execute(select(account_decision).where(account_decision.c.decision_id == decision_id)).first()
    if row is None:
        raise NoDecision(decision_id)
    return _decision(row)


def counting(tx: Connection, *, among: Collection[str] | None = None) -> list[Decision]:
    """The decisions that count, the first made first; `among` leaves those that name none of these accounts."""
    query = select(account_decision).where(account_decision.c.undone_at.is_(None))
    if among is not None:
        names = sorted(among)
        query = query.where(account_decision.c.account_id.in_(names) | account_decision.c.other_id.in_(names))
    query = query.order_by(account_decision.c.at, account_decision.c.decision_id)
    return [_decision(row) for row in tx.execute(query)]


def listed(
    tx: Connection, verdicts: Collection[Verdict], *, before: tuple[datetime, str] | None, limit: int
) -> list[Decision]:
    """Decisions of these kinds, the newest first, undone ones too."""
    table = account_decision
    query = select(table).where(table.c.verdict.in_([one.value for one in verdicts]))
    if before is not None:
        at, last = before
        query = query.where((table.c.at < at) | ((table.c.at == at) & (table.c.decision_id < last)))
    query = query.order_by(table.c.at.desc(), table.c.decision_id.desc()).limit(limit)
    return [_decision(row) for row in tx.execute(query)]


def _values(made: Decision) -> dict[str, Any]:
    return {**asdict(made), "verdict": made.verdict.value, "parts": dict(made.parts)}


def _decision(row: Row[Any]) -> Decision:
    return Decision(**{**row._mapping, "verdict": Verdict(row.verdict)})
