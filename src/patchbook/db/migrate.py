"""Bring a database to this version's tables, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from patchbook.db.schema import all_tables
from patchbook.errors import Conflict


class OtherVersion(Conflict):
    """The tables are not of this version of Patchbook."""


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction; a record of a newer version is refused."""
    script = _script()
    with engine.begin() as tx:
        context = MigrationContext.configure(tx, opts={"target_metadata": all_tables()})
        present = context.get_current_revision()
        _refuse_newer(script, present)
        environment = EnvironmentContext(Config(), script)

        def steps(revision: object, _: MigrationContext) -> list[RevisionStep]:
            return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

        environment.configure(connection=tx, target_metadata=all_tables(), fn=steps)
        environment.run_migrations()


def newest_version() -> str:
    """The version of the tables this version of Patchbook makes."""
    newest = _script().get_current_head()
    assert newest is not None
    return newest


def refuse_other_versions(engine: Engine) -> None:
    """Raise where the tables are older or newer than this version of Patchbook expects."""
    script = _script()
    with engine.connect() as tx:
        present = MigrationContext.configure(tx).get_current_revision()
    _refuse_newer(script, present)
    if present != script.get_current_head():
        raise OtherVersion(
            f"The record is of an older version of Patchbook ({present or 'none'});"
            " `patchbook init` brings it up to date."
        )


def _refuse_newer(script: ScriptDirectory, present: str | None) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    if present is not None and present not in known:
        raise OtherVersion(
            f"The record was written by a newer version of Patchbook (its tables are {present}); install that version."
        )


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
