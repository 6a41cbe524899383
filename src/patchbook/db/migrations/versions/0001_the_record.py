"""The record as it was first released: people, territories, plans, the ledger, the audit trail."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

END = "\n;;\n"
"""Between two statements; `tools/ddl.py` wrote them."""


def upgrade() -> None:
    """Make every table, as the SQL beside this file says for each kind of database."""
    tx = op.get_bind()
    script = Path(__file__).with_name(f"0001_{tx.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.split(END):
        tx.exec_driver_sql(statement.replace("%", "%%"))
