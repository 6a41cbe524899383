"""Comments in the database."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from patchbook.db.metadata import Instant, metadata

comment = Table(
    "comment",
    metadata,
    Column("comment_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index("ix_comment_subject", "kind", "subject_id", "at"),
)
"""`kind` is what it is about: plan, territory, account, proposal, challenge or exception."""
