"""Publications in the database."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

publication = Table(
    "publication",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("publication_id", Text, nullable=False, unique=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("of", Text, ForeignKey("publication.publication_id"), unique=True),
    Column("effective", Instant, nullable=False),
    Column("recorded", Instant, nullable=False),
    Column("recorded_to", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("counts", Json, nullable=False),
    CheckConstraint("kind IN ('publish', 'rollback')", name="kind_is_known"),
    CheckConstraint("(kind = 'rollback') = (of IS NOT NULL)", name="rollback_of_something"),
    Index("ix_publication_effective", "effective"),
)
"""One row a publish or roll back; the facts it wrote have its id as their `source`."""
append_only(publication)
