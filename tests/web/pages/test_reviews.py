"""A review's page: who is asked at which level, one's answer, and what changed since it was submitted before."""

from __future__ import annotations

import pytest

from builders.desk import PLAN, a_desk
from builders.together import ADA, HAL, MAX, MIA, MONDAY, PIA, TUESDAY
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.life import Status
from patchbook.proposals import actions as proposals
from patchbook.web.pages.reviews import load


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    a_desk(record)
    with record.writing() as tx:
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)
    return record


def looked(record, by, at=TUESDAY):
    with record.reading() as tx:
        return load(tx, PLAN, by=by, at=at)


def test_the_lowest_level_is_asked_now_and_each_sees_what_is_theirs_to_answer(company):
    page = looked(company, MIA)

    assert [(level.number, level.is_now, level.is_done) for level in page.levels] == [
        (1, True, False), (2, False, False), (3, False, False),
    ]  # fmt: skip
    assert [step.approver_id for step in page.mine] == ["mia"]
    assert looked(company, HAL).mine == ()
    planner = looked(company, PIA)
    assert {step.approver_id for step in planner.mine} == {"mia", "max"}
    assert planner.stands_in == {step.step_id for step in planner.mine}


def test_a_plan_is_approved_level_by_level_through_the_form(company, visitor):
    for who in ("mia", "max", "hal", "pia"):
        answer = visitor(who).post(f"/reviews/{PLAN}/answers", data={"decision": "approve"})
        assert answer.status_code == 303, answer.text

    with company.reading() as tx:
        assert plan_store.get(tx, PLAN).status is Status.APPROVED
    assert looked(company, PIA).may_publish
    again = visitor("mia").post(f"/reviews/{PLAN}/answers", data={"decision": "approve"})
    assert again.status_code == 409


def test_sending_back_needs_a_word_and_the_next_round_tells_what_changed(company, visitor):
    client = visitor("mia")
    assert client.post(f"/reviews/{PLAN}/answers", data={"decision": "reject"}).status_code == 422
    sent = client.post(f"/reviews/{PLAN}/answers", data={"decision": "reject", "comment": "Not A4."})
    assert sent.status_code == 303
    with company.writing() as tx:
        proposals.commit(tx, PLAN, {"A4": "Middle"}, "As Mia asked.", overrule="Fine.", by=ADA, at=TUESDAY)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=TUESDAY)

    page = looked(company, MIA)

    assert page.rounds == 2
    done = [one.what for one in page.changes]
    assert (done[0], done[-1]) == ("submitted it", "sent it back")
    assert "What changed since it was submitted before" in client.get(f"/reviews/{PLAN}").text


def test_a_planner_takes_a_plan_back_and_says_why(company, visitor):
    client = visitor("ada")
    assert client.post(f"/reviews/{PLAN}/recall", data={"why": " "}).status_code == 422

    assert client.post(f"/reviews/{PLAN}/recall", data={"why": "Too early."}).status_code == 303

    with company.reading() as tx:
        assert plan_store.get(tx, PLAN).status is Status.DRAFT
    assert looked(company, MAX).mine == ()
