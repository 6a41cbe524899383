"""What the database itself refuses, on both engines: overlaps, empty periods, rewritten history.

Each function adds DDL to a table, run when the table is made. PostgreSQL refuses overlaps by an exclusion constraint,
which also holds between transactions; SQLite has one writer at a time, so its triggers are as strong.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, CheckConstraint, Column, ForeignKey, Integer, Table, Text, UniqueConstraint, and_, event

from patchbook.db.metadata import metadata
from patchbook.period import BEGINNING, FOREVER

HISTORY = "is history"
"""What `Table.info` says of a table whose rows are never changed or deleted."""

ENDS = ("valid_from", "valid_to", "recorded_from", "recorded_to")


def bitemporal(table: Table, *, key: Sequence[str]) -> None:
    """
    Make a table hold bitemporal facts: at most one per key for any instant, as known at any instant.

    Refused by the database: a second fact whose valid and recorded periods both overlap one of the same key, an empty
    or infinite period on either axis, any change except closing `recorded_to` of what is still believed, and every
    deletion.
    """
    table.info[HISTORY] = True
    table.append_constraint(CheckConstraint("valid_from < valid_to", name="valid_is_not_empty"))
    table.append_constraint(CheckConstraint("recorded_from < recorded_to", name="recorded_is_not_empty"))
    _within_the_calendar(table)
    _no_overlap(table, key)
    _only_closing(table)


def append_only(table: Table) -> None:
    """Refuse every change and deletion of a table's rows."""
    table.info[HISTORY] = True
    name = table.name
    for verb in ("UPDATE", "DELETE"):
        _sqlite(
            table,
            f"""CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}
            BEGIN SELECT RAISE(ABORT, '{name} is only ever added to'); END""",
        )
    _no_replace(table)
    _postgresql(
        table,
        f"""CREATE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{name} is only ever added to' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()""",
    )


def while_employed(table: Table, *, column: str) -> None:
    """
    Refuse a fact that gives work to a person outside the period they are employed.

    And, from the other side, refuse at the commit an employment closed while facts of the table still believed lie in
    it and nothing that covers them has taken its place: an employment can be shortened or extended in one deed,
    whichever of the work and the employment is written first.
    """
    name = table.name
    fits = """SELECT 1 FROM employment AS e WHERE e.person_id = {work}.{column} AND e.recorded_to = {forever}
        AND e.valid_from <= {work}.valid_from AND e.valid_to >= {work}.valid_to"""
    loose = f"""SELECT 1 FROM {name} AS w WHERE w.{column} = {{person}} AND w.recorded_to = {{forever}}
        AND NOT EXISTS ({fits.format(work="w", column=column, forever="{forever}")})"""
    message = f"{name}: {column} is not employed for the whole period"
    other = f"employment cannot be closed while {name} holds work in it"
    owed = f"what = '{name}.{column}' AND person_id ="
    _sqlite(
        table,
        f"""CREATE TRIGGER {name}_{column}_employed BEFORE INSERT ON {name}
        WHEN NEW.{column} IS NOT NULL AND NEW.recorded_to = {SQLITE_FOREVER}
        AND NOT EXISTS ({fits.format(work="NEW", column=column, forever=SQLITE_FOREVER)})
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
        f"""CREATE TRIGGER {name}_{column}_keeps_employment AFTER UPDATE ON employment
        WHEN EXISTS ({loose.format(person="OLD.person_id", forever=SQLITE_FOREVER)})
        BEGIN INSERT OR IGNORE INTO work_outside_employment (what, person_id)
        VALUES ('{name}.{column}', OLD.person_id); END""",
        f"""CREATE TRIGGER {name}_{column}_employed_again AFTER INSERT ON employment
        WHEN NOT EXISTS ({loose.format(person="NEW.person_id", forever=SQLITE_FOREVER)})
        BEGIN DELETE FROM work_outside_employment WHERE {owed} NEW.person_id; END""",
        f"""CREATE TRIGGER {name}_{column}_closed AFTER UPDATE ON {name}
        WHEN OLD.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM work_outside_employment)
        AND NOT EXISTS ({loose.format(person=f"OLD.{column}", forever=SQLITE_FOREVER)})
        BEGIN DELETE FROM work_outside_employment WHERE {owed} OLD.{column}; END""",
    )
    _postgresql(
        table,
        f"""CREATE FUNCTION {name}_{column}_employed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.{column} IS NOT NULL AND NEW.recorded_to = {POSTGRESQL_FOREVER}
        AND NOT EXISTS ({fits.format(work="NEW", column=column, forever=POSTGRESQL_FOREVER)})
        THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$""",
        f"""CREATE TRIGGER {name}_{column}_employed BEFORE INSERT ON {name}
        FOR EACH ROW EXECUTE FUNCTION {name}_{column}_employed()""",
        f"""CREATE FUNCTION {name}_{column}_keeps_employment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS ({loose.format(person="OLD.person_id", forever=POSTGRESQL_FOREVER)})
        THEN RAISE EXCEPTION '{other}' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL; END $$""",
        f"""CREATE CONSTRAINT TRIGGER {name}_{column}_keeps_employment AFTER UPDATE ON employment
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}_{column}_keeps_employment()""",
    )


work_outside_employment = Table(
    "work_outside_employment",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column(
        "never",
        Integer,
        ForeignKey("work_outside_employment.number", deferrable=True, initially="DEFERRED"),
        CheckConstraint("never = -1", name="refers_to_nothing"),
        nullable=False,
        server_default="-1",
    ),
    UniqueConstraint("what", "person_id"),
)
"""Always empty after a commit. SQLite has deferred foreign keys and no deferred triggers: a row here refers to nothing,
so no commit lets it pass. PostgreSQL, which has them, leaves it empty."""

SQLITE_FOREVER = "253402214400000000"
POSTGRESQL_FOREVER = "TIMESTAMPTZ '9999-12-31 00:00:00+00'"


def _within_the_calendar(table: Table) -> None:
    """Refuse infinite instants, and on SQLite what is no number at all: nothing can be compared with either."""
    for axis in ("valid", "recorded"):
        within = and_(table.c[f"{axis}_from"] >= BEGINNING, table.c[f"{axis}_to"] <= FOREVER)
        table.append_constraint(CheckConstraint(within, name=f"{axis}_is_in_the_calendar"))


def _no_overlap(table: Table, key: Sequence[str]) -> None:
    name = table.name
    same = " AND ".join(f"o.{column} = NEW.{column}" for column in key)
    _sqlite(
        table,
        f"""CREATE TRIGGER {name}_no_overlap BEFORE INSERT ON {name}
        WHEN EXISTS (SELECT 1 FROM {name} AS o WHERE {same}
            AND o.valid_from < NEW.valid_to AND NEW.valid_from < o.valid_to
            AND o.recorded_from < NEW.recorded_to AND NEW.recorded_from < o.recorded_to)
        BEGIN SELECT RAISE(ABORT, '{name}: overlaps a fact of the same {" and ".join(key)}'); END""",
    )
    # A digest of the key: a GiST index over texts takes five to seven times as long to fill.
    together = " || chr(31) || ".join(key)
    _postgresql(
        table,
        f"""ALTER TABLE {name} ADD CONSTRAINT {name}_no_overlap EXCLUDE USING gist ((md5({together})::uuid) WITH =,
        tstzrange(valid_from, valid_to) WITH &&, tstzrange(recorded_from, recorded_to) WITH &&)""",
    )


def _only_closing(table: Table) -> None:
    name = table.name
    fixed = [column.name for column in table.columns if column.name != "recorded_to"]
    message = f"{name}: history is closed and succeeded, never changed"
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in fixed)
    _sqlite(
        table,
        f"""CREATE TRIGGER {name}_only_closing BEFORE UPDATE ON {name}
        WHEN OLD.recorded_to <> {SQLITE_FOREVER} OR NEW.recorded_to >= {SQLITE_FOREVER} OR {changed}
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
        f"""CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
    )
    _no_replace(table)
    distinct = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in fixed)
    _postgresql(
        table,
        f"""CREATE FUNCTION {name}_only_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.recorded_to <> {POSTGRESQL_FOREVER} OR NEW.recorded_to >= {POSTGRESQL_FOREVER} OR {distinct}
        THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$""",
        f"""CREATE TRIGGER {name}_only_closing BEFORE UPDATE ON {name}
        FOR EACH ROW EXECUTE FUNCTION {name}_only_closing()""",
        f"""CREATE FUNCTION {name}_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE TRIGGER {name}_no_delete BEFORE DELETE OR TRUNCATE ON {name}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}_no_delete()""",
    )


def _no_replace(table: Table) -> None:
    """Refuse SQLite's `INSERT OR REPLACE`, which would delete the old row past the trigger on deletion."""
    name, (key,) = table.name, table.primary_key.columns
    _sqlite(
        table,
        f"""CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name}
        WHEN EXISTS (SELECT 1 FROM {name} WHERE {key.name} = NEW.{key.name})
        BEGIN SELECT RAISE(ABORT, '{name} is only ever added to'); END""",
    )


def _sqlite(table: Table, *statements: str) -> None:
    _after_create(table, "sqlite", statements)


def _postgresql(table: Table, *statements: str) -> None:
    _after_create(table, "postgresql", statements)


def _after_create(table: Table, dialect: str, statements: Sequence[str]) -> None:
    for statement in statements:
        ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl)
