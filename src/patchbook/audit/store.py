"""The audit trail in the database."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

event = Table(
    "event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("before", Json),
    Column("after", Json),
    Column("why", Text),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""One row a deed. `by` and `subject` are ids; names and mail addresses never enter the chain."""

append_only(event)
