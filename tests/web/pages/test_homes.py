"""The first pages, the book, the packs and the generated documents, as data from the demo's workspace."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from builders.demo_workspace import DEMO_NOW
from patchbook import access
from patchbook.engagement import calling, kickoff
from patchbook.engagement.kickoff import NotYourPack, OldPack
from patchbook.errors import NotFound
from patchbook.people.profile import UnknownPerson
from patchbook.web.app import create_app
from patchbook.web.pages import data_dictionary, my_book, rules_of_engagement, start
from patchbook.web.pages.home import manager, planner, rep, team, viewer

REP, MANAGER, PLANNER, VIEWER, ELSEWHERE = "P108", "M01", "R01", "R04", "P124"


@pytest.fixture
def tx(demo_record):
    with demo_record.writing() as tx:
        yield tx


def asking(tx, who: str) -> dict:
    return {"by": access.principal(tx, who, at=DEMO_NOW), "at": DEMO_NOW}


def test_the_planners_home_tells_what_is_under_way_and_what_waits(tx):
    page = planner.load(tx, **asking(tx, PLANNER))

    assert not page.is_empty
    assert page.accounts.rows == 1065
    assert len(page.team.bars) == 26
    assert [abs(worst) <= allowed + 1e-9 for worst, allowed in zip(page.team.worst, page.team.tolerances, strict=True)]
    assert {plan.status for plan in page.under_way} <= {"draft", "in review", "approved", "scheduled"}
    assert page.inbox.total > 0


def test_a_manager_sees_the_bars_of_their_own_territories_alone(tx):
    everybody = team.load(tx, **asking(tx, PLANNER))
    mine = manager.load(tx, **asking(tx, MANAGER))

    assert 0 < len(mine.team.bars) < len(everybody.bars)
    assert {bar.territory for bar in mine.team.bars} < {bar.territory for bar in everybody.bars}
    assert [one.person for one in mine.leavers]


def test_a_rep_finds_their_book_whom_to_call_and_what_is_coming(tx):
    page = rep.load(tx, **asking(tx, REP))
    book = calling.whole_book(tx, REP, **asking(tx, REP))

    assert page.accounts == len(book) > 0
    assert {call.account_id for call in page.calls} <= {row.account_id for row in book}
    assert [call.score for call in page.calls] == sorted((call.score for call in page.calls), reverse=True)
    assert all(call.says for call in page.calls)
    (coming,) = page.coming
    assert coming.gains + coming.loses + coming.keeps > 0


def test_whoever_looks_on_sees_how_much_of_the_plan_is_looked_after(tx):
    page = viewer.load(tx, **asking(tx, VIEWER))

    assert page.covered_share == 1.0
    assert not page.sees_credit
    assert viewer.load(tx, **asking(tx, "R03")).sees_credit


def test_the_book_is_searched_and_ordered(tx):
    mine = asking(tx, REP)
    whole = my_book.load(tx, **mine)
    first = whole.lines[0]

    potentials = [line.potential for line in whole.lines]
    assert potentials == sorted(potentials, reverse=True)
    found = my_book.load(tx, search=first.name.upper(), order="name", **mine)
    assert first.row.account_id in {line.row.account_id for line in found.lines}
    assert my_book.load(tx, search="no account is called so", **mine).total == 0


def test_the_steps_of_the_demo_are_done_up_to_the_plan_that_waits_for_approval(tx):
    steps = {step.name: step for step in start.load(tx, **asking(tx, PLANNER)).steps}

    assert [name for name, step in steps.items() if step.is_next] == ["Approve"]
    assert steps["Approve"].path.startswith("/reviews/")
    assert steps["Publish"].is_done


def test_in_an_empty_record_the_first_step_is_next_and_the_home_page_leads_there(sqlite_record):
    with sqlite_record.writing() as tx:
        admin = access.first_admin(tx, "Ada", "ada@example.com", at=DEMO_NOW)
        session = access.begin(tx, admin, how="test", at=DEMO_NOW)
        page = start.load(tx, by=access.principal(tx, admin, at=DEMO_NOW), at=DEMO_NOW)
    client = TestClient(create_app(sqlite_record, clock=lambda: DEMO_NOW), follow_redirects=False)
    client.cookies.set("patchbook-session", session.secret)

    assert page.done == 0
    assert page.steps[0].is_next
    assert client.get("/").headers["location"] == "/start"


def test_a_pack_tells_what_is_kept_gained_and_lost_and_why(tx):
    pack = kickoff.pack(tx, REP, **asking(tx, REP))

    assert len(pack.book) == pack.keeps + len(pack.gained)
    assert not {one.account_id for one in pack.lost} & {one.account_id for one in pack.book}
    assert all(one.reason for one in pack.book)
    assert [share.measure for share in pack.shares] == ["potential", "workload"]
    assert {one.other for one in (*pack.gained, *pack.lost)} == {None}  # whose they were is not a rep's to know
    assert any(one.other for one in kickoff.pack(tx, REP, **asking(tx, MANAGER)).gained)


def test_a_pack_is_seen_by_whom_it_is_for_and_those_above_alone(tx):
    for who in (ELSEWHERE, "M02"):
        with pytest.raises(UnknownPerson):
            kickoff.pack(tx, REP, **asking(tx, who))


def test_a_pack_is_acknowledged_once_by_its_own_reader_and_as_it_is(tx):
    mine = asking(tx, REP)
    pack = kickoff.pack(tx, REP, **mine)
    with pytest.raises(NotYourPack):
        kickoff.acknowledge(tx, REP, pack.digest, **asking(tx, MANAGER))
    with pytest.raises(OldPack):
        kickoff.acknowledge(tx, REP, "another", **mine)

    kickoff.acknowledge(tx, REP, pack.digest, **mine)
    kickoff.acknowledge(tx, REP, pack.digest, **mine)

    assert kickoff.pack(tx, REP, **mine).acknowledged_at == DEMO_NOW
    read = {one.person_id: one.at for one in kickoff.readers(tx, pack.plan.plan_id, **asking(tx, MANAGER))}
    assert read[REP] == DEMO_NOW
    assert [at for person, at in read.items() if person != REP] == [None] * (len(read) - 1)
    assert ELSEWHERE not in read


def test_who_has_nothing_has_no_pack(tx):
    with pytest.raises(NotFound, match="No plan in force"):
        kickoff.pack(tx, PLANNER, **asking(tx, PLANNER))


def test_the_rules_of_engagement_are_html_in_which_nothing_of_others_runs(tx):
    page = rules_of_engagement.load(tx, **asking(tx, MANAGER))

    assert "<h2>" in page.html
    assert not re.search(r"<(script|img|iframe)", str(page.html))
    assert page.readers
    assert rules_of_engagement.load(tx, **asking(tx, REP)).readers == ()


def test_the_dictionary_names_every_field_with_its_source_and_what_uses_it(tx):
    page = data_dictionary.load(tx, **asking(tx, PLANNER))
    fields = {(one.of, one.name): one for one in page.entries}

    assert fields["account", "account_id"].filled == 1.0
    assert "accounts.csv" in fields["account", "revenue_usd"].source
    assert any(name.startswith("Field 2027") for name in fields["account", "potential_usd"].used_by)
    assert any("the measure potential" in name for name in fields["account", "potential_usd"].used_by)
    assert any(name.startswith("Field 2027") for name in fields["person", "role"].used_by)
    assert {"Bea Zhang"} <= {one.name for one in page.owners}
    assert page.jobs


def test_pages_of_a_rep_open_and_a_challenge_is_filed_by_a_form(demo_record):
    with demo_record.writing() as tx:
        session = access.begin(tx, REP, how="test", at=DEMO_NOW)
        coming = rep.load(tx, **asking(tx, REP)).coming[0]
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    client = TestClient(create_app(demo_record, clock=lambda: DEMO_NOW), headers=headers)
    client.cookies.set("patchbook-session", session.secret)
    lost = next(row for row in coming.changes if row.change == "loses" and row.challenge_id is None)
    form = {"plan_id": coming.plan.plan_id, "account_id": lost.account_id, "ask": "keep", "reason": "relationship"}

    answer = client.post("/my/challenges", data={**form, "words": "Five years of <b>work</b>"})

    assert f"Your challenge about {lost.account_id} is open" in answer.text
    for path in ("/my/book", f"/kickoff/{REP}", "/rules-of-engagement"):
        assert client.get(path).status_code == 200
    assert client.get("/kickoff").status_code == 403
