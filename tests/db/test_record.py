"""Opening a record: what is made, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from patchbook.db import create_record, open_record
from patchbook.db.record import NoRecord
from patchbook.errors import BadInput
from patchbook.ledger.tables import tick

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)


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
        assert tx.execute(text("SELECT count(*) FROM tick")).scalar() == 0
