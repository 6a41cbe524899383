"""Write the record's tables as SQL, one file a database: what migration 0001 runs.

    python tools/ddl.py FOLDER

A migration is SQL that never changes again, whatever becomes of the tables in the code: a record made by any version
must come out the same. Run this while 0001 has not been released; afterwards a change of tables is a new migration,
and `tests/db/test_migrate.py` fails until it is written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from patchbook.db.schema import all_tables

URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}
BEGIN = {"sqlite": "", "postgresql": "CREATE EXTENSION IF NOT EXISTS btree_gist\n;;\n"}
END = "\n;;\n"
"""Between two statements; a single semicolon stands inside triggers and functions."""


def ddl(dialect: str) -> str:
    """Every statement that makes the tables, constraints and triggers of one kind of database."""
    statements: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: Any, **__: Any) -> None:
        compiled = statement.compile(dialect=engine.dialect)  # type: ignore[no-untyped-call]
        lines = (line.strip() for line in str(compiled).strip().splitlines())
        statements.append("\n".join(line for line in lines if line))

    engine = create_mock_engine(URLS[dialect], keep)
    all_tables().create_all(engine, checkfirst=False)
    return END.join(statements) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name in URLS:
        (folder / f"0001_{name}.sql").write_text(BEGIN[name] + ddl(name), encoding="utf-8")
