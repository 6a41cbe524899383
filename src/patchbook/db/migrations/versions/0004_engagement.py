"""Rules of engagement: registrations, claims, activity, time-outs, appointments, the document, deals and handoffs."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
