"""What was decided about duplicates and families, and how an import differs from the one before."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
