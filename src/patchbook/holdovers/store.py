"""Requests to extend holdovers, in the database; a holdover itself is a fact of `override`."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text

from patchbook.db.metadata import Instant, metadata

extension = Table(
    "holdover_extension",
    metadata,
    Column("extension_id", Text, primary_key=True),
    Column("opportunity_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("is_granted", Boolean),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("comment", Text),
    CheckConstraint("(is_granted IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
    Index("ix_holdover_extension_opportunity", "opportunity_id"),
)
"""One row a request; `is_granted` is null until somebody decides."""
