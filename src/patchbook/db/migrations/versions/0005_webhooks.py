"""Messages to webhooks, until they have arrived."""

from __future__ import annotations

from alembic import op

from patchbook.db.migrate import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, as the SQL beside this file says for each kind of database."""
    run_script(op.get_bind(), revision)
