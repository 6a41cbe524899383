"""The register of exceptions by its pages: asked for, agreed to by both sides, counted, renewed and ended."""

from __future__ import annotations

import pytest

from builders.counting import statements
from builders.desk import a_desk
from builders.together import ADA, MAX, MIA, PIA, TUESDAY
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import Status
from patchbook.period import instant
from patchbook.web.pages.exceptions import load, load_list

ASKED = {"account_id": "A1", "person_id": "cem", "kind": "strategic", "reason": "Same buyer.",
         "starts": "2027-01-05", "expires": "2027-02-01"}  # fmt: skip


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    a_desk(record)
    return record


def asked(visitor, **changes) -> str:
    answer = visitor("ada").post("/exceptions", data={**ASKED, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def agreed(visitor, exception_id: str) -> None:
    for who in ("mia", "max"):
        answer = visitor(who).post(f"/exceptions/{exception_id}/decision", data={"decision": "yes"})
        assert answer.status_code == 303, answer.text


def test_both_sides_agree_and_it_counts_against_the_budget(company, visitor):
    exception_id = asked(visitor)
    with company.reading() as tx:
        assert load(tx, exception_id, by=MIA, at=TUESDAY).may_agree
        assert not load(tx, exception_id, by=ADA, at=TUESDAY).may_agree
        assert load(tx, exception_id, by=ADA, at=TUESDAY).may_withdraw
    agreed(visitor, exception_id)

    with company.reading() as tx:
        page = load_list(tx, by=PIA, at=TUESDAY)

    (one,) = page.rows
    assert (one.approvers, page.state(one), page.ends_soon(one)) == (("mia", "max"), "in force", True)
    assert page.budget is not None
    assert (page.budget.in_force, page.budget.assigned) == (1, 8)
    text = visitor("pia").get("/exceptions").text
    assert "Cem" in text
    assert "instead of" in text


def test_those_that_end_first_are_on_top_and_those_that_end_soon_alone(company, visitor):
    later = asked(visitor, account_id="A3", person_id="ann", expires="2027-03-20")
    sooner = asked(visitor)
    agreed(visitor, sooner)
    with company.reading() as tx:
        assert [one.exception_id for one in load_list(tx, by=PIA, at=TUESDAY).rows] == [sooner, later]
        soon = load_list(tx, soon=True, by=PIA, at=TUESDAY)

    assert [one.exception_id for one in soon.rows] == [sooner]
    assert "expiring_before=2027-02-04" in soon.csv


def test_it_is_renewed_and_ended_with_a_reason(company, visitor):
    exception_id = asked(visitor)
    agreed(visitor, exception_id)
    client = visitor("ada")
    data = {"expires": "2027-02-20", "reason": "Not signed yet."}

    renewed = client.post(f"/exceptions/{exception_id}/renewals", data=data)
    assert renewed.status_code == 303
    assert client.post(f"/exceptions/{exception_id}/end", data={"why": "  "}).status_code == 422
    assert client.post(f"/exceptions/{exception_id}/end", data={"why": "Signed."}).status_code == 303

    with company.reading() as tx:
        assert exceptions.get(tx, exception_id, by=PIA, at=TUESDAY).status is Status.ENDED
        again = exceptions.get(tx, renewed.headers["location"].rsplit("/", 1)[1], by=PIA, at=TUESDAY)
    assert (again.starts, again.renews_id) == (instant("2027-02-01"), exception_id)


def test_a_date_that_is_none_is_refused_in_one_sentence(company, visitor):
    answer = visitor("ada").post("/exceptions", data={**ASKED, "expires": "soon"})

    assert answer.status_code == 422
    assert "&#39;soon&#39; is no date" in answer.text


def test_who_sees_only_their_own_learns_nothing_of_the_cost_to_others(company, visitor):
    exception_id = asked(visitor)
    answer = visitor("cem").get(f"/exceptions/{exception_id}")

    assert answer.status_code in (200, 404)
    assert "What it costs the balance" not in answer.text


def test_the_register_is_read_in_as_many_queries_whatever_it_holds(company, visitor):
    counts = []
    for account, person in (("A1", "cem"), ("A3", "ann")):
        asked(visitor, account_id=account, person_id=person)
        with company.reading() as tx, statements(tx) as counted:
            load_list(tx, by=MAX, at=TUESDAY)
        counts.append(counted.number)

    assert counts == [7, 7]
