"""Migrations: they make what the code expects, and other versions are refused with a sentence."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from patchbook.db import create_record, migrate, open_record
from patchbook.db.migrate import OtherVersion
from patchbook.db.schema import all_tables

SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
POSTGRESQL_SCHEMA = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, prosrc FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT table_name, column_name, data_type || is_nullable FROM information_schema.columns
        WHERE table_schema = 'public'
"""


def schema_of(tx):
    """Tables, columns, constraints, indexes and triggers, as the database tells them."""
    query = SQLITE_SCHEMA if tx.dialect.name == "sqlite" else POSTGRESQL_SCHEMA
    rows = {tuple(" ".join(str(cell).split()) for cell in row) for row in tx.execute(text(query))}
    return {row for row in rows if not any("alembic_version" in cell for cell in row)}


def test_the_migrations_make_exactly_what_the_code_expects_on_sqlite(sqlite_record):
    engine = create_engine("sqlite://")
    with engine.begin() as plain, sqlite_record.reading() as tx:
        all_tables().create_all(plain)

        assert schema_of(tx) == schema_of(plain)
    engine.dispose()


def test_the_migrations_make_exactly_what_the_code_expects_on_postgresql(postgresql_record, postgresql_server):
    url = postgresql_server.new_database()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as plain, postgresql_record.reading() as tx:
        plain.execute(text("CREATE EXTENSION btree_gist"))
        all_tables().create_all(plain)

        assert schema_of(tx) == schema_of(plain)
    engine.dispose()
    postgresql_server.drop(url)


def test_no_table_or_column_waits_for_a_migration(record):
    with record.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_server_default": False})

        assert compare_metadata(context, all_tables()) == []


def test_a_record_of_a_newer_version_is_refused(sqlite_record):
    with sqlite_record.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for attempt in (open_record, create_record):
        with pytest.raises(OtherVersion, match="newer version of Patchbook"):
            attempt(sqlite_record.folder)


def test_a_record_of_an_older_version_says_how_to_bring_it_up_to_date(sqlite_record):
    with sqlite_record.writing() as tx:
        tx.execute(text("DELETE FROM alembic_version"))

    with pytest.raises(OtherVersion, match="patchbook init"):
        open_record(sqlite_record.folder)


def test_the_names_of_the_migrations_say_what_alembic_says():
    script = ScriptDirectory(str(migrate.FOLDER))

    assert migrate.newest_version() == script.get_current_head()
    assert migrate._versions() == sorted(revision.revision for revision in script.walk_revisions())
