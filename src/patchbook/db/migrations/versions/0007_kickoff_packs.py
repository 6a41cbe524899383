"""Who has read their kickoff pack."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
