"""The page of a plan's borders, and what a published territory tells of its own."""

from __future__ import annotations

import pytest

from builders.demo_workspace import DEMO_NOW
from builders.plans import ADA, TUESDAY, the_plan
from patchbook import access
from patchbook.territories import actions as territories
from patchbook.web.pages import plan_borders
from patchbook.web.pages.territories import load_one


@pytest.fixture
def company(market):
    return market


def page(record, plan, **asked):
    with record.reading() as tx:
        return plan_borders.load(tx, plan.plan_id, by=ADA, at=TUESDAY, **asked)


def test_the_page_shows_each_border_with_its_reason_and_one_territory_alone(company, visitor):
    plan = the_plan(company)
    everything = page(company, plan)
    name = everything.kept.borders[0].territory
    client = visitor("ada")
    text = client.get(f"/plans/{plan.plan_id}/borders").text
    alone = client.get(
        f"/plans/{plan.plan_id}/borders", params={"territory": name}, headers={"HX-Request": "true"}
    ).text

    assert everything.kept.borders[0].reason in text.replace("&#39;", "'")
    assert {one.territory for one in page(company, plan, territory=name).kept.borders} == {name}
    assert f"Why the borders of {name} are there" in alone
    assert "<html" not in alone
    assert "has no border" in client.get(f"/plans/{plan.plan_id}/borders", params={"territory": "Strategic"}).text


def test_the_api_tells_the_same_borders(company, visitor):
    plan, client = the_plan(company), visitor("ada")
    told = client.get(f"/api/v1/plans/{plan.plan_id}/borders", headers={"Accept": "application/json"}).json()
    name = told["borders"][0]["territory"]
    one = client.get(f"/api/v1/plans/{plan.plan_id}/borders", params={"territory": name}).json()

    assert told["are_kept"]
    assert [border["reason"] for border in told["borders"]] == [
        border.reason for border in page(company, plan).kept.borders
    ]
    assert {border["territory"] for border in one["borders"]} == {name}
    assert visitor("ann").get(f"/api/v1/plans/{plan.plan_id}/borders").status_code == 403


def test_of_many_borders_those_that_hold_most_are_shown(company, monkeypatch):
    plan = the_plan(company)
    monkeypatch.setattr(plan_borders, "MOST", 1)
    shown = page(company, plan)

    assert len(shown.kept.borders) == 1
    assert shown.hidden > 0


def test_a_published_territory_tells_why_its_borders_are_there(demo_record, demo_workspace):
    with demo_record.reading() as tx:
        by = access.principal(tx, demo_workspace.people["planner"], at=DEMO_NOW)
        nodes = territories.tree(tx, on=DEMO_NOW, by=by, at=DEMO_NOW)
        one = next(node.territory for node in nodes if node.territory.name.startswith("Field 01"))
        shown = load_one(tx, one.territory_id, by=by, at=DEMO_NOW)

    (plan,) = shown.borders
    assert {border.territory for border in plan.borders} == {one.name}
    assert all(border.reason for border in plan.borders)
