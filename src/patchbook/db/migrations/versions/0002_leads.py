"""Leads, the decisions about them, whose turn it is, and the routing document."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
