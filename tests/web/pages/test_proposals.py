"""A proposal's page: its effect before and after, whether it still fits, who may decide; and what is said of it."""

from __future__ import annotations

import pytest

from builders.counting import statements
from builders.desk import PLAN, a_desk
from builders.together import ADA, HAL, MAX, MIA, MONDAY, PIA, TUESDAY
from patchbook.proposals import actions as proposals
from patchbook.proposals.proposal import Status
from patchbook.web.pages.proposals import load, load_list


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    a_desk(record)
    return record


@pytest.fixture
def proposal_id(company):
    with company.writing() as tx:
        return proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MAX, at=MONDAY).proposal_id


def test_each_measure_is_told_before_and_after_with_families_torn(company, proposal_id):
    with company.reading() as tx:
        page = load(tx, proposal_id, by=MIA, at=TUESDAY)

    told = {name: {one.territory: (one.before, one.after) for one in loads} for name, loads in page.measures}
    assert told["accounts"] == {"East": (3.0, 4.0), "West": (3.0, 2.0)}
    assert set(told) == {"accounts", "potential"}
    assert page.effect.families_torn == ("A1",)
    assert (page.stale, page.why_not_mine, page.is_open, page.is_mine) == (None, None, True, False)


def test_a_proposal_that_fits_no_more_says_what_moved(company, proposal_id):
    with company.writing() as tx:
        proposals.commit(tx, PLAN, {"A4": "Middle"}, "Meanwhile.", overrule="Fine.", by=ADA, at=MONDAY)
        page = load(tx, proposal_id, by=MIA, at=TUESDAY)

    assert page.stale is not None
    assert "A4 was in West and is now in Middle" in page.stale
    assert page.effect.says == page.proposal.effect.says


def test_who_may_not_accept_is_told_why(company, proposal_id):
    with company.reading() as tx:
        assert load(tx, proposal_id, by=HAL, at=TUESDAY).why_not_mine is None
        mine = load(tx, proposal_id, by=MAX, at=TUESDAY)

    assert mine.is_mine
    assert mine.why_not_mine is not None


def test_a_proposal_is_decided_commented_and_withdrawn_by_its_forms(company, proposal_id, visitor):
    manager, proposer = visitor("mia"), visitor("max")
    said = {
        "kind": "proposal",
        "subject_id": proposal_id,
        "text": "Why now, @max?",
        "back": f"/proposals/{proposal_id}",
    }

    assert manager.post("/comments", data=said).headers["location"] == f"/proposals/{proposal_id}#comments"
    assert '<a href="/people/max">@Max</a>' in proposer.get(f"/proposals/{proposal_id}").text
    refused = manager.post(f"/proposals/{proposal_id}/decision", data={"decision": "reject"})
    assert "To reject a proposal, say why" in refused.text
    withdrawn = proposer.post(f"/proposals/{proposal_id}/withdrawal")
    late = manager.post(f"/proposals/{proposal_id}/decision", data={"decision": "accept"})

    assert withdrawn.status_code == 303
    assert late.status_code == 409
    assert "was withdrawn" in late.text


def test_a_comment_is_taken_back_by_who_wrote_it_alone(company, proposal_id, visitor):
    said = {"kind": "proposal", "subject_id": proposal_id, "text": "Oh no.", "back": f"/proposals/{proposal_id}"}
    writer = visitor("mia")
    writer.post("/comments", data=said)
    with company.reading() as tx:
        (one,) = load(tx, proposal_id, by=MIA, at=TUESDAY).thread.said

    assert visitor("max").post(f"/comments/{one.comment_id}/withdrawal", data={"back": "/"}).status_code == 403
    assert writer.post(f"/comments/{one.comment_id}/withdrawal", data={"back": "/"}).status_code == 303
    page = writer.get(f"/proposals/{proposal_id}").text
    assert "Oh no." not in page
    assert "Withdrawn." in page


def test_addressing_nobody_is_said(company, proposal_id, visitor):
    said = {"kind": "proposal", "subject_id": proposal_id, "text": "@mai?", "back": f"/proposals/{proposal_id}"}
    client = visitor("mia")
    client.post("/comments", data=said)

    assert "there is nobody &#39;mai&#39;, so nobody was told" in client.get("/inbox").text


def test_a_planner_goes_past_guardrails_with_a_reason_only(company, visitor):
    with company.writing() as tx:
        moves = {"A1": "East", "A4": "East"}
        made = proposals.propose(tx, PLAN, moves, "All of it.", by=MAX, at=MONDAY)
        page = load(tx, made.proposal_id, by=PIA, at=TUESDAY)
    assert page.refusals
    assert page.may_overrule
    client = visitor("pia")
    address = f"/proposals/{made.proposal_id}/decision"

    assert client.post(address, data={"decision": "accept"}).status_code == 409
    assert client.post(address, data={"decision": "accept", "overrule": "Agreed by all."}).status_code == 303


def test_the_list_is_read_in_as_many_queries_whatever_it_holds(company, proposal_id):
    counts = []
    for account in ("A5", "A8"):
        with company.reading() as tx, statements(tx) as counted:
            page = load_list(tx, status=Status.OPEN, by=PIA, at=TUESDAY)
        counts.append(counted.number)
        with company.writing() as tx:
            proposals.propose(tx, PLAN, {account: "East"}, "Closer.", by=MAX, at=MONDAY)

    assert [row.name for row in page.rows] == ["Max", "Max"]
    assert counts == [4, 4]
