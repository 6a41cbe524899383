"""`patchbook user erase`: somebody who left is erased, somebody who works here is not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from builders.roles import START, a_company
from patchbook.db import open_record
from patchbook.ledger.lay import lift
from patchbook.people.store import employment


@pytest.fixture
def company(patchbook_says, at_home):
    patchbook_says("init", "--admin-email", "first@example.com")
    record = open_record()
    with record.writing() as tx:
        a_company(tx)
        lift(tx, employment, [{"person_id": "vic", "valid_from": START.replace(month=2)}], at=datetime.now(UTC))
    yield record
    record.close()


def test_who_left_is_erased_and_not_a_byte_of_the_name_is_left(patchbook_says, company):
    (company.folder / "notes.txt").write_text("ask Vic Canary\n")

    code, printed, _ = patchbook_says("user", "erase", "vic", "--yes", "--json")

    assert code == 0
    told = json.loads(printed)
    assert told["is_complete"] is False
    assert [name.rsplit("/", 1)[-1] for name in told["in_files"]] == ["notes.txt"]
    assert b"Vic Canary" not in b"".join(file.read_bytes() for file in company.folder.glob("patchbook.db*"))


def test_who_works_here_is_not_erased(patchbook_says, company):
    code, _, complained = patchbook_says("user", "erase", "rob", "--yes")

    assert code == 2
    assert "only who has left can be erased" in complained


def test_it_asks_first(patchbook_says, company, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    assert patchbook_says("user", "erase", "vic")[0] != 0
    assert b"Vic Canary" in b"".join(file.read_bytes() for file in company.folder.glob("patchbook.db*"))


def test_what_is_still_named_is_said_in_words(patchbook_says, company):
    printed = patchbook_says("user", "erase", "vic", "--yes")[1]

    assert printed == "vic is erased; backups made before still name them.\n"
