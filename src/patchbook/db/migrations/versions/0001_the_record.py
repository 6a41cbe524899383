"""The record: people, territories, ledger, plans, audit."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from patchbook.db.schema import all_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    tx = op.get_bind()
    if tx.dialect.name == "postgresql":
        tx.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    all_tables().create_all(tx)
