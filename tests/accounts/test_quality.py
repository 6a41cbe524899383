from datetime import date

import pytest

from patchbook.accounts import read
from patchbook.accounts.quality import assess, landing

ROWS = (
    "id,name,employees,revenue,zip,country,updated\n"
    "1,A,5,100000,02108,US,2020-01-01\n2,B,,200000,02108,US,2025-06-01\n3,C,many,300000,,,2019-05-05\n4,C,9,900000,98101,US,\n"
)


@pytest.fixture
def accounts(a_file):
    return read(a_file(ROWS), as_of=date(2026, 1, 1))


def test_a_field_is_complete_valid_and_unique_in_shares(accounts):
    fields = {one.field: one for one in assess(accounts).fields}

    assert (fields["employees"].complete, fields["employees"].valid) == (0.5, pytest.approx(2 / 3))
    assert (fields["employees"].empty, fields["employees"].invalid) == (2, 1)
    assert (fields["name"].unique, fields["account_id"].unique) == (0.75, 1.0)
    assert fields["name"].examples[0] == "C"


def test_accounts_that_land_nowhere_are_counted_in_words(accounts):
    sentences = assess(accounts, uses=["employees", "tier"]).sentences

    assert "2 accounts will land nowhere where a plan uses employees, because it is empty." in sentences
    assert "All 4 accounts will land nowhere a plan uses tier: there is no such column." in sentences
    assert "1 cells of employees could not be read and count as empty; rejected.csv lists them." in sentences
    assert any(sentence.startswith("1 account is nowhere on the map") for sentence in sentences)
    assert landing(accounts.frame, ["employees", "tier"]) == {"employees": 2, "tier": 4}


def test_old_records_are_counted_against_the_day_given(accounts, a_file):
    assert assess(accounts).stale == 2
    assert assess(accounts, as_of=date(2019, 12, 31)).stale == 0
    assert "2 accounts were last updated more than 2 years before 2026-01-01." in assess(accounts).sentences
    assert assess(read(a_file(ROWS), geocode=False)).stale is None


def test_revenue_in_millions_is_suspected(a_file):
    accounts = read(a_file("id,employees,revenue\n1,1000,120.5\n2,2000,300.1\n"), geocode=False)

    assert any("is revenue written in millions?" in sentence for sentence in assess(accounts).sentences)


def test_families_loops_and_orphans_are_told(a_file):
    accounts = read(a_file("id,parent_id\nA,B\nB,A\nC,Z\nD,Z\nE,\n"), geocode=False)

    sentences = assess(accounts).sentences
    assert "4 accounts belong to 2 families; the largest, A, has 2." in sentences
    assert "2 accounts name a parent that is not among the accounts." in sentences
    assert "1 loops of parents were found; each is kept together as one family." in sentences
