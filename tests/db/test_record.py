"""Opening a record: what is made, and what is refused."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError

from patchbook.db import create_record, open_record
from patchbook.db.record import Busy, NoRecord, UnsafeDatabase
from patchbook.errors import BadInput
from patchbook.ledger.clock import STEP, advance
from patchbook.ledger.tables import tick

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)


def test_writers_queue_and_none_is_lost(record):
    def count_up() -> None:
        for _ in range(5):
            with record.writing() as tx:
                advance(tx, MONDAY)

    with ThreadPoolExecutor(4) as several:
        for done in [several.submit(count_up) for _ in range(4)]:
            done.result()

    with record.reading() as tx:
        assert tx.execute(select(tick.c.last)).scalar() == MONDAY + 19 * STEP


def test_a_reader_sees_one_moment_whatever_others_write(record):
    with record.reading() as reader:
        before = reader.execute(select(tick.c.last)).scalar()
        with record.writing() as tx:
            tx.execute(insert(tick).values(one=1, last=MONDAY))

        assert before is None
        assert reader.execute(select(tick.c.last)).scalar() is None


def test_nothing_can_be_written_while_reading_on_postgresql(postgresql_record):
    with postgresql_record.reading() as tx, pytest.raises(InternalError, match="read-only"):
        tx.execute(insert(tick).values(one=1, last=MONDAY))


def test_who_waits_too_long_for_another_writer_is_told(sqlite_record, monkeypatch):
    monkeypatch.setattr("patchbook.db.record.BUSY_SECONDS", 0.05)
    impatient = open_record(sqlite_record.folder)

    with sqlite_record.writing(), pytest.raises(Busy, match="try again in a moment"), impatient.writing():
        pass
    impatient.close()


def test_a_server_that_may_forget_what_it_acknowledged_is_refused(tmp_path, postgresql_server):
    url = postgresql_server.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET synchronous_commit = off")

    with pytest.raises(UnsafeDatabase, match="synchronous_commit = off; the record needs on, or a power cut"):
        create_record(tmp_path / "data", url=url)
    postgresql_server.drop(url)


def test_making_a_record_twice_changes_nothing(tmp_path):
    create_record(tmp_path / "data").close()
    key = (tmp_path / "data" / "audit.key").read_bytes()

    create_record(tmp_path / "data").close()

    assert (tmp_path / "data" / "audit.key").read_bytes() == key


def test_where_nothing_is_the_message_says_how_to_make_one(tmp_path):
    with pytest.raises(NoRecord, match="patchbook init"):
        open_record(tmp_path / "nothing")


def test_another_kind_of_database_is_refused(tmp_path):
    with pytest.raises(BadInput, match="names a mysql database"):
        create_record(tmp_path / "data", url="mysql://ann@localhost/sales")


def test_a_failed_deed_leaves_nothing(record):
    def deed():
        with record.writing() as tx:
            for _ in range(2):
                tx.execute(insert(tick).values(one=1, last=MONDAY))

    with pytest.raises(IntegrityError):
        deed()

    with record.reading() as tx:
        assert tx.execute(select(tick)).all() == []


def test_an_error_of_the_database_tells_nothing_of_what_was_to_be_kept(record):
    with record.writing() as tx, pytest.raises(DBAPIError) as failed:
        tx.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "zq-a-secret-qz"})

    assert "zq-a-secret-qz" not in str(failed.value)


def test_what_is_remembered_of_a_record_is_made_once_and_goes_with_it(tmp_path):
    class Memory:
        def __init__(self, record):
            self.record = record

    record = create_record(tmp_path / "data")
    seen = weakref.ref(record.remembered(Memory))
    assert record.remembered(Memory) is seen()

    record.close()
    del record
    gc.collect()

    assert seen() is None
