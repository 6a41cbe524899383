"""Proposals in the database."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from patchbook.db.metadata import Instant, Json, metadata

proposal = Table(
    "proposal",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("effect", Json, nullable=False),
    Column("warnings", Json, nullable=False),
    Column("agreed", Json, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made_by", Text, nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("comment", Text),
    Index("ix_proposal_status", "status", "made_at", "proposal_id"),
)

proposal_move = Table(
    "proposal_move",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposal.proposal_id"), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("from_territory", Text),
    Column("to_territory", Text, nullable=False),
    Column("from_person", Text),
    Column("to_person", Text),
    Index("ix_proposal_move_account", "account_id"),
)
"""Territories by their name in the plan, and the people they had there, so that scope needs no carve to be read."""
