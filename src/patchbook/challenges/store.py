"""Challenges in the database."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from patchbook.db.metadata import Instant, metadata

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
