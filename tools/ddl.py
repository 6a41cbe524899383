"""Write new tables of the record as SQL, one file a database: what a migration runs.

    python tools/ddl.py FOLDER VERSION TABLE…

A migration is SQL that never changes again, whatever becomes of the tables in the code: a record made by any version
must come out the same. Run this for the tables that a new migration makes; `tests/db/test_migrate.py` fails while one
is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from patchbook.db.migrate import END
from patchbook.db.schema import all_tables

URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def ddl(dialect: str, names: Sequence[str]) -> str:
    """Every statement that makes these tables, their constraints and triggers, in one kind of database."""
    statements: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: Any, **__: Any) -> None:
        compiled = statement.compile(dialect=engine.dialect)  # type: ignore[no-untyped-call]
        lines = (line.strip() for line in str(compiled).strip().splitlines())
        statements.append("\n".join(line for line in lines if line))

    engine = create_mock_engine(URLS[dialect], keep)
    known = all_tables()
    known.create_all(engine, tables=[known.tables[name] for name in names], checkfirst=False)
    return END.join(statements) + "\n"


if __name__ == "__main__":
    folder, version, *tables = sys.argv[1:]
    for name in URLS:
        (Path(folder) / f"{version}_{name}.sql").write_text(ddl(name, tables), encoding="utf-8")
