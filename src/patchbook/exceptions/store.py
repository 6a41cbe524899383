"""Exceptions and who has to agree to them, in the database."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

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
