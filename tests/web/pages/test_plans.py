"""Plans as cards, and what is done with them there."""

from __future__ import annotations

import pytest

from builders.counting import statements
from builders.plans import ADA, ANN, TUESDAY, a_draft, the_plan
from patchbook.plans import actions as plans
from patchbook.plans.life import Status
from patchbook.web.pages.plans import load


@pytest.fixture
def company(market):
    return market


def page(record, by=ADA, **asked):
    with record.reading() as tx:
        return load(tx, by=by, at=TUESDAY, **asked)


def test_a_plan_stands_with_its_scenarios_and_what_each_comes_to(company):
    (family,) = page(company).families

    assert family.name == "Field 2027"
    assert [(card.name, card.is_scenario) for card in family.cards] == [("Field 2027", False), ("Anew", True)]
    card = family.cards[0]
    assert (card.accounts, card.territories, card.unassigned, card.owner) == (24, 4, 0, "Ada Plan")
    (measure,) = card.measures
    assert (measure.name, measure.tolerance, measure.is_off) == ("potential", 0.3, False)
    assert 0 <= card.moved_share <= 1
    assert card.picture.startswith('<svg class="small-map"')


def test_plans_without_scenarios_share_a_line_and_those_not_carved_have_no_figures(company):
    for name in ("Next", "After next"):
        a_draft(company, name=name)

    families = page(company).families

    loose = next(family for family in families if not family.name)
    assert {card.name for card in loose.cards} == {"Next", "After next"}
    assert [card.has_figures for card in loose.cards] == [False, False]


def test_one_can_look_at_the_plans_of_one_status(company):
    plan = the_plan(company)
    with company.writing() as tx:
        plans.withdraw(tx, the_plan(company, "Anew").plan_id, revision=None, by=ADA, at=TUESDAY)

    (family,) = page(company, status="withdrawn").families
    assert [card.name for card in family.cards] == ["Anew"]
    (family,) = page(company, status="draft").families
    assert [card.plan_id for card in family.cards] == [plan.plan_id]


def test_the_next_page_goes_on_where_this_one_ends(company):
    for number in range(9):
        a_draft(company, name=f"Draft {number}")

    first = page(company)
    second = page(company, after=first.next)

    names = [card.name for shown in (first, second) for family in shown.families for card in family.cards]
    assert len(names) == len(set(names)) == 11
    assert second.next is None


def test_a_rep_sees_no_figures_of_others_and_no_draft(company):
    assert page(company, by=ANN).families == ()


def test_the_page_asks_the_record_a_handful_of_questions_however_many_plans_there_are(company):
    page(company)
    for _ in range(2):
        with company.reading() as tx, statements(tx) as asked:
            load(tx, by=ADA, at=TUESDAY)
        assert asked.number == 4
        a_draft(company, name="One more")


def test_a_scenario_is_made_by_a_form(visitor, company):
    plan = the_plan(company)

    answer = visitor("ada").post(f"/plans/{plan.plan_id}/scenarios", data={"name": "<b>Mine"})

    made = the_plan(company, "<b>Mine")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/plans/{made.plan_id}")
    assert made.scenario_of == plan.plan_id
    shown = visitor("ada").get("/plans").text
    assert "&lt;b&gt;Mine" in shown
    assert "<b>Mine" not in shown


def test_a_draft_is_submitted_once_and_a_stale_page_is_told_who_did(visitor, company):
    plan = the_plan(company)
    client = visitor("ada")

    answer = client.post(f"/plans/{plan.plan_id}/submission", data={"revision": plan.revision})
    again = client.post(f"/plans/{plan.plan_id}/submission", data={"revision": plan.revision})

    assert (answer.status_code, answer.headers["location"]) == (303, "/plans")
    assert "Field 2027 is" in client.get("/plans").text
    assert again.status_code == 409
    assert "ada submitted it" in again.text


def test_a_plan_is_withdrawn_and_stays_readable(visitor, company):
    plan = the_plan(company, "Anew")

    visitor("ada").post(f"/plans/{plan.plan_id}/withdrawal", data={"revision": plan.revision})

    assert the_plan(company, "Anew").status is Status.WITHDRAWN


def test_a_manager_is_offered_nothing_they_may_not_do(visitor, company):
    with company.writing() as tx:
        plans.invite(tx, the_plan(company).plan_id, ["mia"], by=ADA, at=TUESDAY)

    shown = visitor("mia").get("/plans").text

    assert "Field 2027" in shown
    for word in ("New plan", "Clone", ">Withdraw<", ">Submit"):
        assert word not in shown
