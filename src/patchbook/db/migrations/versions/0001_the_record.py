"""The record as it was first released: people, territories, plans, the ledger, the audit trail."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
