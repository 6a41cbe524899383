"""Quality, duplicates side by side and families: as data, and through the forms."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from builders.counting import statements
from builders.web_company import BEGAN, NOW, principal_of
from patchbook.imports import actions as imports
from patchbook.imports.review import actions as review
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.plans import actions as plans
from patchbook.web.pages import data_duplicates, data_families, data_quality

PIA = {"by": principal_of("pia"), "at": NOW}

CRM = (
    b"id;name;parent_id;domain;city;state;country;employees;revenue_usd\n"
    b"A1;Acme Inc;;acme.com;Boston;MA;US;100;1000000\n"
    b"A2;ACME Incorporated;;acme.com;Boston;MA;US;;2000000\n"
    b"A3;Acme West;A1;west.acme.com;Denver;CO;US;;10\n"
    b"A4;Bolt/Nut;A1;bolt.com;Austin;TX;US;7;20\n"
)
PLAN = """
plan: Fields
accounts: accounts.csv
measures: {potential: {from: revenue_usd}}
layers:
  - rule: {territory: Large, where: "employees >= 50 AND tier = 'A'"}
  - house: rest
"""


@pytest.fixture
def record(sqlite_record):
    return sqlite_record


@pytest.fixture
def taken(app):
    record = app.state.record
    with record.writing() as tx:
        imports.accounts(tx, CRM, name="crm.csv", **PIA)
    return record


def test_quality_says_who_lands_nowhere_where_a_plan_asks_for_what_is_not_known(taken, visitor):
    with taken.writing() as tx:
        plan = plans.start(tx, None, PLAN, **PIA)
    with taken.reading() as tx:
        page = data_quality.load(tx, **PIA)

    where = "will land nowhere where the rule for Large in Fields asks for"
    assert [(gap.field, gap.accounts, gap.says) for gap in page.gaps] == [
        ("tier", 4, f"4 accounts {where} tier, because there is no such column."),
        ("employees", 2, f"2 accounts {where} employees, because it is empty."),
    ]
    assert [row.field for row in page.fields[:3]] == ["employees", "tier", "revenue_usd"]
    figures = {row.field: row.figures for row in page.fields}
    assert (figures["employees"].score, figures["tier"], figures["account_id"].score) == (0.5, None, 1.0)
    assert page.score == pytest.approx((1.0 + 0.5 + 0.0) / 3)
    client = visitor("pia")
    shown = client.get("/data/quality").text
    assert f"/plans/{plan.plan_id}" in shown
    listed = client.get("/data/quality/without?field=employees").text
    assert 'href="/accounts/A2"' in listed
    assert 'href="/accounts/A1"' not in listed
    assert len(client.get("/data/quality/without.csv?field=tier").text.splitlines()) == 5
    assert client.get("/data/quality.csv").text.startswith("field,filled,valid,unique,score,empty,used_by")
    assert client.get("/data/quality/without?field=nonsense").status_code == 404


def test_two_accounts_stand_side_by_side_with_what_differs_first(taken):
    with taken.reading() as tx:
        page = data_duplicates.load_pair(tx, "A1", "A2", **PIA)

    assert (page.stays, page.reasons) == ("A1", "same name, same domain, same postal code or city")
    assert [(row.part, row.one, row.other, row.chosen) for row in page.parts if row.differs] == [
        ("name", "Acme Inc", "ACME Incorporated", "one"),
        ("employees", "100", "", "one"),
        ("revenue_usd", "1,000,000", "2,000,000", "one"),
    ]
    assert [row.part for row in page.parts if not row.differs] == ["domain", "place"]
    assert page.ownership == (
        "A merge moves nothing in the ledger: neither is owned, so there is nothing to give away."
    )


def test_a_merge_of_owned_accounts_says_what_becomes_of_the_owners(taken):
    because = {"valid_from": BEGAN, "cause": "publish", "source": "plan-first", "reason": "The first plan"}
    owned = [("A1", "north-1"), ("A2", "south-1")]
    with taken.writing() as tx:
        lay(tx, assignment, [{"account_id": one, "territory_id": at, **because} for one, at in owned], at=BEGAN)
        page = data_duplicates.load_pair(tx, "A1", "A2", **PIA)

    assert page.one.owner.startswith("Ron ")
    assert page.ownership.startswith(f"A2 is {page.other.owner}'s, A1 is {page.one.owner}'s. A merge moves nothing")
    assert page.ownership.endswith(f"A2 stays {page.other.owner}'s until somebody else gets it.")


def test_a_pair_is_merged_with_the_parts_chosen_and_the_decision_undone(taken, visitor):
    client = visitor("pia")
    address = client.get("/data/duplicates/next").headers["location"]
    assert parse_qs(urlsplit(address).query) == {"one": ["A1"], "other": ["A2"]}
    chosen = {"one": "A1", "other": "A2", "stays": "A1", "part": ["name", "employees"], "whose": ["other", ""]}

    done = client.post("/data/duplicates/merge", data={**chosen, "why": "same people"})

    assert done.headers["location"] == "/data/duplicates"  # none is left
    shown = client.get(done.headers["location"]).text
    assert "A2 is merged into A1 from the next import on; it can be undone." in shown
    assert "No pair is left to decide about." in shown
    with taken.reading() as tx:
        (made,) = review.decisions(tx, **PIA).rows
    assert (made.account_id, made.parts, made.why) == ("A1", {"name": "A2"}, "same people")
    again = client.post("/data/duplicates/merge", data=chosen)
    assert (again.status_code, "undo that first" in again.text) == (409, True)
    assert "same people" in client.get(address).text
    undone = client.post(f"/data/decisions/{made.decision_id}/undo")
    assert "undone by" in client.get(undone.headers["location"]).text
    assert client.get("/data/duplicates/next").headers["location"] == address


def test_a_pair_kept_apart_is_proposed_no_more(taken, visitor):
    client = visitor("pia")

    done = client.post("/data/duplicates/apart", data={"one": "A2", "other": "A1", "why": "=cmd()"})

    assert done.status_code == 303
    assert "A2 and A1 stay two accounts, and are not proposed again." in client.get("/data/duplicates").text
    assert "kept apart" in client.get("/data/duplicates?decided=true").text
    assert client.get("/data/duplicates.csv").text.splitlines() == ["account_id,duplicate_id,score,reasons,survivor"]


def test_many_accounts_are_compared_by_a_job_and_not_while_somebody_waits(taken, visitor, monkeypatch):
    from patchbook.imports.review import search

    monkeypatch.setattr(search, "QUICK_ACCOUNTS", 3)
    client = visitor("pia")
    assert "4 accounts have not been compared yet" in client.get("/data/duplicates").text

    client.post("/data/duplicates/search")
    client.app.state.jobs.close()

    assert "Compare" in client.get("/data/duplicates").text


def test_a_family_is_a_tree_and_who_does_not_belong_is_split_off(taken, visitor):
    client = visitor("pia")
    with taken.reading() as tx:
        listed = data_families.load(tx, **PIA)
        page = data_families.load_family(tx, "A1", "A4", **PIA)
    assert [(row.name, row.accounts) for row in listed.rows] == [("Acme Inc", 3)]
    assert [(one.account_id, one.depth) for one in page.family.members] == [("A1", 0), ("A3", 1), ("A4", 1)]
    assert page.chosen.name == "Bolt/Nut"

    done = client.post("/data/families/split", data={"account_id": "A4", "family_id": "A1", "why": "sold"})

    shown = client.get(done.headers["location"]).text
    assert "A4 and whoever is below it are a family of their own from the next import on" in shown
    assert "split off at the next import" in shown
    with taken.writing() as tx:
        imports.accounts_again(tx, **PIA)
        assert data_families.load(tx, **PIA).accounts == 2
        (made,) = data_families.load(tx, **PIA).splits
    assert "sold" in client.get("/data/families").text
    assert client.post(f"/data/decisions/{made.decision_id}/undo").headers["location"] == "/data/families"
    assert client.get("/data/families.csv").text.splitlines()[0] == "family_id,account_id,name,parent_id"
    assert client.get("/data/families/family?family_id=none").status_code == 404


def test_lists_take_the_same_few_queries_however_long_they_are(taken):
    with taken.writing() as tx:
        rows = b"".join(
            b"X%d;Firm %d Inc;;firm%d.com;Boston;MA;US;5;1\nY%d;Firm %d;;firm%d.com;Boston;MA;US;5;1\n" % ((n,) * 6)
            for n in range(20)
        )
        imports.accounts(tx, CRM + rows, name="more.csv", **PIA)
        review.keep_apart(tx, "X1", "Y1", **PIA)
    with taken.reading() as tx, statements(tx) as pairs:
        listed = data_duplicates.load(tx, **PIA)
    with taken.reading() as tx, statements(tx) as families:
        data_families.load(tx, **PIA)
    with taken.reading() as tx, statements(tx) as quality:
        data_quality.load(tx, **PIA)

    assert (listed.total, len(listed.pairs)) == (20, 20)
    assert (pairs.number, families.number, quality.number) == (7, 6, 2)


def test_before_the_first_import_every_page_says_where_to_begin(visitor):
    client = visitor("pia")

    for path in ("/data/quality", "/data/duplicates", "/data/families"):
        answer = client.get(path)
        assert (answer.status_code, 'href="/data"' in answer.text) == (200, True), path
    assert "Nothing was imported yet" in client.get("/data").text
