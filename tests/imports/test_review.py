"""What people decide about duplicates and families, and that imports do as was decided."""

from __future__ import annotations

import polars as pl
import pytest

from builders.plans import ADA, ANN, MONDAY, TUESDAY
from patchbook.errors import Conflict, NotAllowed, NotFound
from patchbook.imports import actions as imports
from patchbook.imports.families import families, family
from patchbook.imports.review import actions as review
from patchbook.imports.review.decision import CannotDecide, DecidedAlready, Verdict
from patchbook.imports.review.search import pairs_of

CRM = (
    b"id,name,parent_id,domain,city,state,country,employees,postal_code\n"
    b"A1,Acme Inc,,acme.com,Boston,MA,US,100,02110\n"
    b"A2,ACME Incorporated,,acme.com,Boston,MA,US,,02110\n"
    b"A3,Acme West,A2,west.acme.com,Denver,CO,US,20,80202\n"
    b"B1,Bolt GmbH,,bolt.de,Berlin,,DE,50,10115\n"
    b"B2,Bolt Nord,Bolt GmbH,nord.de,Hamburg,,DE,5,20095\n"
    b"B3,Other Bolts,B1,other.com,Austin,TX,US,7,73301\n"
)


@pytest.fixture
def taken(record):
    with record.writing() as tx:
        imports.accounts(tx, CRM, name="crm.csv", by=ADA, at=MONDAY)
    return record


def accounts_of(record):
    with record.reading() as tx:
        made = imports.latest(tx, "accounts")
        ids = [f"{letter}{number}" for letter in "AB" for number in (1, 2, 3)]
        return made, {row["account_id"]: row for row in imports.accounts_by_id(tx, ids).to_dicts()}


def test_a_pair_that_is_one_company_is_found_once_and_kept(taken):
    made, _ = accounts_of(taken)

    pairs = pairs_of(taken, made.snapshot_id)

    assert pairs.select("account_id", "duplicate_id", "survivor").rows() == [("A1", "A2", "A1")]
    assert (taken.folder / "imports" / f"duplicates-{made.snapshot_id}.parquet").is_file()


def test_a_merged_duplicate_is_no_account_of_its_own_and_its_subsidiaries_are_the_survivors(taken):
    with taken.writing() as tx:
        made = review.merge(tx, "A1", "A2", parts={"name": "A2", "employees": "A1"}, why="one firm", by=ADA, at=MONDAY)
        again = imports.accounts_again(tx, by=ADA, at=TUESDAY)

    assert (made.verdict, made.parts, made.why, made.by) == (Verdict.MERGE, {"name": "A2"}, "one firm", "ada")
    newest, rows = accounts_of(taken)
    assert newest == again
    assert sorted(rows) == ["A1", "A3", "B1", "B2", "B3"]
    assert (rows["A1"]["name"], rows["A1"]["employees"]) == ("ACME Incorporated", 100)
    assert (rows["A3"]["parent_id"], rows["A3"]["family_id"]) == ("A1", "A1")
    assert (again.name, again.gone) == ("crm.csv", 1)
    assert "1 duplicate was merged, as decided." in again.notes
    with taken.reading() as tx:
        differs = imports.difference(tx, again.import_id, by=ADA, at=TUESDAY)
        listed = pl.read_csv(imports.changed_csv(tx, again.import_id, by=ADA, at=TUESDAY))
    assert (differs.added, differs.changed, differs.merged, differs.split_off) == (0, 2, 1, 0)
    assert listed.rows() == [
        ("A1", "changed", "name", "Acme Inc", "ACME Incorporated"),
        ("A3", "changed", "parent_id", "A2", "A1"),
        ("A2", "gone", None, None, None),
    ]


def test_the_next_import_does_as_was_decided_until_it_is_undone(taken):
    with taken.writing() as tx:
        made = review.merge(tx, "A1", "A2", by=ADA, at=MONDAY)
        first = imports.accounts(tx, CRM, name="next.csv", by=ADA, at=TUESDAY)
        review.undo(tx, made.decision_id, by=ADA, at=TUESDAY)
        second = imports.accounts_again(tx, by=ADA, at=TUESDAY)

    assert (first.rows, second.rows, second.gone) == (5, 6, 0)
    with taken.writing() as tx, pytest.raises(Conflict, match="is undone already"):
        review.undo(tx, made.decision_id, by=ADA, at=TUESDAY)


def test_opportunities_of_a_merged_duplicate_are_the_survivors(taken):
    with taken.writing() as tx:
        review.merge(tx, "A1", "A2", by=ADA, at=MONDAY)
        imports.accounts_again(tx, by=ADA, at=TUESDAY)
        made = imports.opportunities(tx, b"id,account,stage\nO1,A2,Open\n", name="deals.csv", by=ADA, at=TUESDAY)

    assert (made.rows, made.rejected) == (1, 0)


def test_merges_follow_each_other_and_never_go_round(taken):
    with taken.writing() as tx:
        review.merge(tx, "A1", "A2", by=ADA, at=MONDAY)
        review.merge(tx, "B1", "A1", by=ADA, at=MONDAY)
        with pytest.raises(DecidedAlready, match="A2 is merged into B1 already"):
            review.merge(tx, "A2", "B1", by=ADA, at=MONDAY)
        with pytest.raises(DecidedAlready, match="A2 is merged into A1 already; undo that first"):
            review.merge(tx, "B2", "A2", by=ADA, at=MONDAY)
        imports.accounts_again(tx, by=ADA, at=TUESDAY)

    _, rows = accounts_of(taken)
    assert sorted(rows) == ["A3", "B1", "B2", "B3"]
    assert rows["A3"]["parent_id"] == "B1"


def test_a_pair_kept_apart_is_not_merged(taken):
    with taken.writing() as tx:
        review.keep_apart(tx, "A2", "A1", why="two firms", by=ADA, at=MONDAY)
        for decide in (review.merge, review.keep_apart):
            with pytest.raises(DecidedAlready, match="undo that first"):
                decide(tx, "A1", "A2", by=ADA, at=TUESDAY)
        (made,) = review.decisions(tx, by=ADA, at=TUESDAY).rows

    assert (made.account_id, made.other_id, made.why) == ("A1", "A2", "two firms")


def test_an_account_split_off_heads_a_family_of_its_own(taken):
    with taken.reading() as tx:
        before = family(tx, "B1", by=ADA, at=MONDAY)
        listed = families(tx, limit=10, by=ADA, at=MONDAY).rows
    with taken.writing() as tx:
        review.split_off(tx, "B3", why="not ours", by=ADA, at=MONDAY)
        imports.accounts_again(tx, by=ADA, at=TUESDAY)

    assert [(one.account_id, one.depth, one.how) for one in before.members] == [
        ("B1", 0, "names no parent"),
        ("B2", 1, "names its parent by name: Bolt GmbH"),
        ("B3", 1, "names its parent by id"),
    ]
    assert [(one["family_id"], one["name"], one["accounts"]) for one in listed] == [
        ("B1", "Bolt GmbH", 3),
        ("A2", "ACME Incorporated", 2),
    ]
    _, rows = accounts_of(taken)
    assert (rows["B3"]["family_id"], rows["B3"]["parent_id"]) == ("B3", None)
    assert rows["B2"]["family_id"] == "B1"


def test_what_makes_no_sense_is_not_decided(taken):
    with taken.writing() as tx:
        with pytest.raises(CannotDecide, match="A1 is one account; name two"):
            review.merge(tx, "A1", "A1", by=ADA, at=MONDAY)
        with pytest.raises(NotFound, match="There is no account 'Z9'"):
            review.keep_apart(tx, "A1", "Z9", by=ADA, at=MONDAY)
        with pytest.raises(CannotDecide, match="B2 is neither A1 nor A2"):
            review.merge(tx, "A1", "A2", parts={"name": "B2"}, by=ADA, at=MONDAY)
        with pytest.raises(CannotDecide, match="A1 has no parent"):
            review.split_off(tx, "A1", by=ADA, at=MONDAY)
        with pytest.raises(NotAllowed):
            review.merge(tx, "A1", "A2", by=ANN, at=MONDAY)
