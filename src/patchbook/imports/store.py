"""Imports in the database."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from patchbook.db.metadata import Instant, Json, metadata

import_run = Table(
    "import_run",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("import_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("snapshot_id", Text),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("gone", Integer, nullable=False, default=0),
    Column("notes", Json, nullable=False, default=list),
    Column("mapping", Json, nullable=False, default=list),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_import_run_kind", "kind", "number"),
)
"""One row an import: what kind, how many rows were taken and refused, and for accounts which snapshot holds them.

`gone` counts accounts of the snapshot before that are missing in this one; `mapping` says which column became which
field."""
