"""Bring a database to this version's tables, with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from patchbook.errors import Conflict

if TYPE_CHECKING:
    from alembic.runtime.migration import RevisionStep

FOLDER = Path(__file__).parent / "migrations"
"""Each file in its `versions` is one migration, `<version>_<what it does>.py`."""

END = "\n;;\n"
"""Between two statements of a migration's SQL; a single semicolon stands inside triggers and functions."""


class OtherVersion(Conflict):
    """The tables are not of this version of Patchbook."""


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction; a record of a newer version is refused."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    from patchbook.db.schema import all_tables

    script = ScriptDirectory(str(FOLDER))
    with engine.begin() as tx:
        _refuse_newer(_version_of(tx))
        environment = EnvironmentContext(Config(), script)

        def steps(revision: object, _: object) -> list[RevisionStep]:
            return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

        environment.configure(connection=tx, target_metadata=all_tables(), fn=steps)
        environment.run_migrations()


def run_script(tx: Connection, version: str) -> None:
    """Run the SQL of a migration for this kind of database; `tools/ddl.py` wrote it."""
    script = (FOLDER / "versions" / f"{version}_{tx.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.split(END):
        tx.exec_driver_sql(statement.replace("%", "%%"))


def newest_version() -> str:
    """The version of the tables this version of Patchbook makes."""
    return _versions()[-1]


def refuse_other_versions(engine: Engine) -> None:
    """Raise where the tables are older or newer than this version of Patchbook expects; needs no Alembic."""
    with engine.connect() as tx:
        present = _version_of(tx)
    _refuse_newer(present)
    if present != newest_version():
        raise OtherVersion(
            f"The record is of an older version of Patchbook ({present or 'none'});"
            " `patchbook init` brings it up to date."
        )


def _refuse_newer(present: str | None) -> None:
    if present is not None and present not in _versions():
        raise OtherVersion(
            f"The record was written by a newer version of Patchbook (its tables are {present}); install that version."
        )


def _version_of(tx: Connection) -> str | None:
    """What Alembic noted in the database."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _versions() -> list[str]:
    """Every version there is a migration to, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))
