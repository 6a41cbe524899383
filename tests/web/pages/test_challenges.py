"""Challenges by their pages: a window is opened, a rep files, a manager sees what it does and decides."""

from __future__ import annotations

import pytest

from builders.desk import PLAN, a_desk
from builders.together import ANN, MIA, TUESDAY
from patchbook.challenges import actions as challenges
from patchbook.challenges.challenge import Status
from patchbook.web.pages.challenges import load, load_book, load_list


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    a_desk(record)
    return record


def opened(visitor) -> None:
    answer = visitor("ada").post("/challenges/window", data={"plan_id": PLAN, "until": "2027-01-20"})
    assert answer.status_code == 303, answer.text


def filed(visitor) -> str:
    opened(visitor)
    data = {"account_id": "A2", "ask": "keep", "reason_code": "relationship", "note": "Ten years."}
    answer = visitor("ann").post(f"/plans/{PLAN}/challenges", data=data)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def test_a_rep_sees_their_future_book_once_the_window_is_open(company, visitor):
    rep = visitor("ann")
    assert rep.get(f"/plans/{PLAN}/future-book").status_code == 404
    opened(visitor)

    with company.reading() as tx:
        page = load_book(tx, PLAN, by=ANN, at=TUESDAY)

    assert page.is_open
    assert {one.account_id: one.change for one in page.rows}["A2"] == "loses"
    assert "Keep it" in rep.get(f"/plans/{PLAN}/future-book").text


def test_who_decides_sees_what_accepting_would_do_and_the_rep_does_not(company, visitor):
    challenge_id = filed(visitor)
    with company.reading() as tx:
        page = load(tx, challenge_id, by=MIA, at=TUESDAY)
        own = load(tx, challenge_id, by=ANN, at=TUESDAY)
        listed = load_list(tx, by=MIA, at=TUESDAY)

    assert page.effect is not None
    assert page.effect.territories == ("Middle", "West")
    assert page.territories == ("Middle", "West")
    assert (page.may_decide, own.may_decide, own.effect) == (True, False, None)
    assert [one.account_id for one in listed.rows] == ["A2"]


def test_a_manager_rejects_with_a_word_and_the_rep_reads_it(company, visitor):
    challenge_id = filed(visitor)
    manager = visitor("mia")
    assert manager.post(f"/challenges/{challenge_id}/decision", data={"decision": "reject"}).status_code == 422

    data = {"decision": "reject", "outcome": "Bo sits next door."}
    assert manager.post(f"/challenges/{challenge_id}/decision", data=data).status_code == 303

    assert "Bo sits next door." in visitor("ann").get(f"/challenges/{challenge_id}").text


def test_a_challenge_is_withdrawn_by_who_filed_it(company, visitor):
    challenge_id = filed(visitor)

    assert visitor("ann").post(f"/challenges/{challenge_id}/withdrawal").status_code == 303

    with company.reading() as tx:
        assert challenges.get(tx, challenge_id, by=ANN, at=TUESDAY).status is Status.WITHDRAWN
