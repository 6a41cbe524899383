"""Accounts, people and opportunities taken into the record."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import select

from builders.plans import ADA, ANN, HIRED, MIA, MONDAY, TUESDAY, a_market, some_accounts, some_people
from patchbook.accounts import read
from patchbook.accounts.reading import CannotRead
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.imports.snapshots import taken
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import system
from patchbook.people.store import person

CSV = (
    b"id;name;city;state;country;revenue\n"
    b"A1;Acme;Boston;MA;US;100\nA2;Beta;Denver;CO;US;1.5x\nA3;Gamma Inc;Miami;FL;US;70\n"
)
DEALS = (
    b"opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    b"O1,Ann Able,GTX,Company 1,Won,10/20/2026,3/1/2026,1054\n"
    b"O2,bob,MG,A2,Engaging,10/25/2026,,\n"
    b"O3,Nobody Here,MG,company 3,Lost,10/25/2026,11/9/2026,0\n"
    b"O4,ann@example.com,MG,No Such Company,Won,10/25/2026,11/9/2026,10\n"
    b"O1,bob,MG,A5,Won,10/25/2026,11/9/2026,10\n"
    b"O5,bob,MG,,Won,10/25/2026,11/9/2026,10\n"
)


def opportunities_of(record):
    with record.reading() as tx:
        return {row.opportunity_id: row for row in tx.execute(select(opportunity))}


def test_accounts_are_kept_as_a_snapshot_and_what_could_not_be_taken_is_listed(record):
    with record.writing() as tx:
        made = imports.accounts(tx, CSV, name="crm.csv", by=ADA, at=MONDAY)

    assert (made.kind, made.name, made.rows, made.rejected, made.by) == (Kind.ACCOUNTS, "crm.csv", 3, 1, "ada")
    with record.reading() as tx:
        assert imports.latest(tx, "accounts") == made
        assert imports.get(tx, made.import_id, by=ADA, at=MONDAY) == made
        rejected = pl.read_csv(imports.rejected_csv(tx, made.import_id, by=ADA, at=MONDAY))
        assert rejected.select("line", "column", "found").rows() == [(3, "revenue", "1.5x")]
        assert imports.accounts_by_id(tx, ["A3", "none", "A1"])["name"].to_list() == ["Acme", "Gamma Inc"]
        assert imports.accounts_by_id(tx, ["none"]).height == 0
        again = taken(tx, made.snapshot_id)
    assert (record.folder / "snapshots" / f"{made.snapshot_id}.parquet").is_file()
    assert (again.name, again.rejected.height, again.snapshot_id) == ("crm.csv", 1, made.snapshot_id)
    assert {one.column: one.field for one in again.mapping}["id"] == "account_id"


def test_accounts_come_from_a_path_a_frame_or_already_read(sqlite_record, tmp_path):
    path = tmp_path / "crm.csv"
    path.write_bytes(CSV)
    with sqlite_record.writing() as tx:
        ids = {
            imports.accounts(tx, source, name="crm.csv", by=ADA, at=MONDAY).snapshot_id
            for source in (path, str(path), CSV, read(path))
        }
        framed = imports.accounts(tx, pl.read_csv(path, separator=";"), name="a frame", by=ADA, at=MONDAY)

    assert len(ids) == 1
    assert (framed.name, framed.rows) == ("a frame", 3)


def test_owners_are_kept_by_the_ids_of_people_the_record_knows(record):
    with record.writing() as tx:
        imports.people(tx, some_people(), name="people.csv", employed_from=HIRED, by=ADA, at=MONDAY)
        source = b"account_id,owner\nA1,Ann Able\nA2,bob@example.com\nA3,Somebody Else\nA4,cy\nA5,\n"
        imports.accounts(tx, source, name="crm.csv", by=ADA, at=MONDAY)
        found = imports.accounts_by_id(tx, [f"A{n}" for n in range(1, 6)])

    assert found["owner"].to_list() == ["ann", "bob", "Somebody Else", "cy", None]


def test_accounts_that_are_gone_are_told_and_listed(record):
    with record.writing() as tx:
        imports.accounts(tx, some_accounts(24), name="old.csv", by=ADA, at=MONDAY)
        made = imports.accounts(tx, some_accounts(20), name="new.csv", by=ADA, at=TUESDAY)
        again = imports.accounts(tx, some_accounts(20), name="new.csv", by=ADA, at=TUESDAY)

    assert made.gone == 4
    assert made.notes[-1] == (
        "4 accounts of the import before are not in new.csv: A21, A22, A23, …; they keep their owners."
    )
    assert (again.gone, again.snapshot_id) == (0, made.snapshot_id)
    with record.reading() as tx:
        listed = pl.read_csv(imports.gone_csv(tx, made.import_id, by=ADA, at=TUESDAY))
        assert listed["account_id"].to_list() == ["A21", "A22", "A23", "A24"]
        with pytest.raises(NotFound, match="there is no list of those gone"):
            imports.gone_csv(tx, again.import_id, by=ADA, at=TUESDAY)


def test_people_are_added_and_changed_and_their_file_is_not_kept(record):
    source = some_people() + b"US,,,,,,,\n"
    with record.writing() as tx:
        made = imports.people(tx, source, name="people.csv", employed_from=HIRED, by=ADA, at=MONDAY)
        again = imports.people(tx, b"person_id,role\nann,Senior rep\n", name="more.csv", by=ADA, at=TUESDAY)
        ann = tx.execute(select(person).where(person.c.person_id == "ann")).one()

    assert (made.kind, made.rows, made.rejected, made.snapshot_id) == (Kind.PEOPLE, 6, 1, None)
    assert made.notes == ("6 people are new, 0 changed, 0 are as before.",)
    assert again.notes == ("0 people are new, 1 changed, 0 are as before.",)
    assert (ann.role, ann.email, ann.manager_id) == ("Senior rep", "ann@example.com", "mia")
    kept = b"".join(file.read_bytes() for file in record.folder.rglob("*.csv"))
    assert b"Ann Able" not in kept


def test_opportunities_know_their_account_by_id_or_name_and_whether_they_are_closed(record):
    a_market(record)
    with record.writing() as tx:
        made = imports.opportunities(tx, DEALS, name="pipeline.csv", by=ADA, at=TUESDAY)
        rejected = pl.read_csv(imports.rejected_csv(tx, made.import_id, by=ADA, at=TUESDAY))

    kept = opportunities_of(record)
    assert (made.rows, made.rejected) == (3, 3)
    assert rejected["found"].to_list() == ["O1", "O5", "No Such Company"]
    assert {name: row.account_id for name, row in kept.items()} == {"O1": "A1", "O2": "A2", "O3": "A3"}
    assert {name: row.owner_id for name, row in kept.items()} == {"O1": "ann", "O2": "bob", "O3": None}
    assert (kept["O1"].closed, kept["O1"].won) == (datetime(2026, 3, 1, tzinfo=UTC), 1)
    assert (kept["O2"].closed, kept["O2"].won, kept["O2"].amount_usd) == (None, None, None)
    assert (kept["O3"].closed, kept["O3"].won) == (datetime(2026, 11, 9, tzinfo=UTC), 0)


def test_an_opportunity_that_was_open_and_is_won_is_told_and_one_that_is_missing_stays_open(record):
    a_market(record)
    deals = b"id,account,stage,amount\nO1,A1,Engaging,10\nO2,A2,Engaging,20\n"
    with record.writing() as tx:
        imports.opportunities(tx, deals, name="monday.csv", by=ADA, at=MONDAY)
        made = imports.opportunities(
            tx, b"id,account,stage\nO1,A1,Closed Won\n", name="tuesday.csv", by=ADA, at=TUESDAY
        )

    assert made.notes == (
        "1 opportunities that were open are closed now.",
        "1 open opportunities of the record are not in tuesday.csv; they stay open.",
    )
    kept = opportunities_of(record)
    assert (kept["O1"].closed, kept["O1"].won) == (datetime(2027, 1, 5, tzinfo=UTC), 1)
    assert kept["O2"].closed is None


def test_imports_are_listed_newest_first_page_by_page(record):
    with record.writing() as tx:
        made = [imports.accounts(tx, some_accounts(n), name=f"{n}.csv", by=ADA, at=MONDAY) for n in (1, 2, 3)]
        imports.people(tx, some_people(), name="people.csv", by=ADA, at=MONDAY)
    with record.reading() as tx:
        first = imports.imports(tx, limit=3, by=ADA, at=MONDAY)
        rest = imports.imports(tx, after=first.next_cursor, by=ADA, at=MONDAY)
        accounts = imports.imports(tx, kind=Kind.ACCOUNTS, by=ADA, at=MONDAY)

    assert [one.name for one in (*first.rows, *rest.rows)] == ["people.csv", "3.csv", "2.csv", "1.csv"]
    assert rest.next_cursor is None
    assert accounts.rows == tuple(reversed(made))


def test_accounts_are_found_by_id_name_or_domain(record):
    with record.writing() as tx:
        assert imports.search(tx, "acme", by=ADA, at=MONDAY).rows == ()
        imports.accounts(tx, CSV, name="crm.csv", by=ADA, at=MONDAY)

    with record.reading() as tx:

        def found(text, **paging):
            return imports.search(tx, text, by=ADA, at=MONDAY, **paging)

        assert [one["account_id"] for one in found("ACM").rows] == ["A1"]
        assert [one["name"] for one in found("gamma i").rows] == ["Gamma Inc"]
        first = found("a", limit=2)
        assert [one["account_id"] for one in first.rows] == ["A1", "A2"]
        assert [one["account_id"] for one in found("a", after=first.next_cursor).rows] == ["A3"]
        assert imports.search(tx, "", by=ANN, at=MONDAY).rows == ()  # a rep without a book sees nobody's


@pytest.mark.parametrize("by", [ANN, MIA])
def test_only_planners_import(sqlite_record, by):
    with sqlite_record.writing() as tx:
        for take in (imports.accounts, imports.people, imports.opportunities):
            with pytest.raises(NotAllowed):
                take(tx, CSV, name="crm.csv", by=by, at=MONDAY)
        with pytest.raises(NotAllowed):
            imports.imports(tx, by=by, at=MONDAY)


@pytest.mark.parametrize(
    ("take", "source", "message"),
    [
        (imports.accounts, b"", "crm.csv is empty"),
        (imports.accounts, b"name\nx\nx\n", "crm.csv has no column that is the account_id"),
        (imports.people, b"a\n1\n1\n", "crm.csv has no column that is the person_id"),
        (imports.opportunities, b"id,stage\nO1,Won\n", "crm.csv has no column that is the account"),
        (imports.opportunities, b"account,stage\nA1,Won\n", "crm.csv has no column that is the opportunity_id"),
        (imports.opportunities, b"id,account\nO1,A1\n", "No accounts have been imported yet"),
    ],
)
def test_what_cannot_be_taken_leaves_nothing_behind(sqlite_record, take, source, message):
    with pytest.raises((BadInput, NotFound, CannotRead), match=message), sqlite_record.writing() as tx:
        take(tx, source, name="crm.csv", by=system(), at=MONDAY)

    with sqlite_record.reading() as tx:
        assert imports.imports(tx, by=ADA, at=MONDAY).rows == ()


def test_an_unknown_import_is_not_there(sqlite_record):
    with sqlite_record.reading() as tx, pytest.raises(NotFound, match=r"^There is no import 'import-0'\.$"):
        imports.get(tx, "import-0", by=ADA, at=MONDAY)
