"""Accounts are found only by who may see them."""

from __future__ import annotations

import polars as pl
import pytest

from builders.web_company import NOW, PEOPLE, TREE, a_company, accounts_of, principal_of
from patchbook.imports import actions as imports
from patchbook.imports import finding


@pytest.fixture
def imported(record):
    a_company(record)
    ids = [account for name in TREE for account in accounts_of(name)]
    frame = pl.DataFrame({"account_id": ids, "name": [f"Acme {one}" for one in ids]})
    with record.writing() as tx:
        imports.accounts(tx, frame, name="accounts", by=principal_of("pia"), at=NOW)
    return record


@pytest.mark.parametrize(
    ("who", "where"), [("pia", set(TREE)), ("nora", {"north", "north-1", "north-2"}), ("ron", {"north-1"})]
)
def test_everybody_finds_what_lies_where_they_see(imported, who, where):
    with imported.reading() as tx:
        found = finding.find(tx, "acme", limit=100, by=principal_of(who), at=NOW)

    assert {one.account_id for one in found} == {account for name in where for account in accounts_of(name)}


def test_what_one_sees_is_found_however_many_others_fit_better(imported, monkeypatch):
    monkeypatch.setattr(finding, "LOOKED_AT", 2)
    with imported.reading() as tx:
        found = finding.find(tx, "acme", limit=10, by=principal_of("sam"), at=NOW)

    assert sorted(one.account_id for one in found) == accounts_of("south-1")


def test_before_an_import_nothing_is_found(record):
    a_company(record)
    with record.reading() as tx:
        assert all(finding.find(tx, "acme", by=principal_of(who), at=NOW) == [] for who in PEOPLE)
