"""Scenarios in a real browser: plans compared, settings tried and one taken, a plan file put right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from builders.plans import ADA, DOCUMENT, HIRED, TUESDAY, a_carved_plan, a_market, the_plan
from builders.serving import served
from patchbook import access
from patchbook.db.record import Record
from patchbook.people.principal import Role, system
from patchbook.plans import actions as plans


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    """Served; it comes before `visit` in each test, so that browsers, whose streams hold the server, close first."""
    a_market(sqlite_record)
    plan = a_carved_plan(sqlite_record)
    with sqlite_record.writing() as tx:
        access.grant(tx, "ada", Role.PLANNER, by=system(), at=HIRED)
        plans.clone(tx, plan.plan_id, "Anew", by=ADA, at=TUESDAY)
    with served(sqlite_record, TUESDAY) as url:
        yield url, sqlite_record


def test_two_plans_are_ticked_and_compared(company, visit):
    url, record = company
    page = visit(url, record, "ada", at=TUESDAY).go("/plans")
    compare = page.get_by_role("button", name="Compare selected")
    assert compare.is_disabled()

    page.get_by_label("Compare Field 2027").check()
    expect(page.get_by_text("Tick one more.")).to_be_visible()
    page.get_by_label("Compare Anew").check()
    compare.click()

    page.get_by_role("heading", name="Side by side").wait_for()
    assert page.get_by_role("columnheader", name="Anew").count() >= 1
    expect(page.get_by_text("They mean the same.")).to_be_visible()


def test_settings_are_tried_and_a_point_chosen_with_the_keyboard_becomes_a_scenario(company, visit):
    url, record = company
    visitor = visit(url, record, "ada", at=TUESDAY)
    page = visitor.go(f"/plans/{the_plan(record).plan_id}/frontier")

    page.get_by_role("button", name="Try the settings").press("Enter")
    again = page.get_by_role("button", name="Try again")
    again.wait_for(timeout=60_000)
    again.focus()
    page.keyboard.press("Tab")
    told = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "change owner" in told
    page.keyboard.press("Enter")
    page.get_by_label("Name of the scenario").fill("By the frontier")
    assert visitor.faults() == []
    page.get_by_role("button", name="Make it a scenario").press("Enter")

    page.wait_for_url(lambda address: "/frontier" not in address)
    made = the_plan(record, "By the frontier")
    assert page.url.endswith(f"/plans/{made.plan_id}")
    assert made.scenario_of == the_plan(record).plan_id


def test_a_mistake_in_a_plan_file_is_named_with_its_line_and_nothing_typed_is_lost(company, visit):
    url, record = company
    page = visit(url, record, "ada", at=TUESDAY, allow=("422",)).go("/plans/new")
    text = DOCUMENT.replace("  - named: strategic.csv\n", "").replace("tolerance", "tolerence")
    page.get_by_label("Plan file").fill(text)

    page.get_by_role("button", name="Start from this file").click()
    page.get_by_role("button", name="Go to line 6").click()

    selected = "element => element.value.slice(element.selectionStart, element.selectionEnd)"
    assert "tolerence" in page.get_by_label("Plan file").evaluate(selected)
    page.keyboard.type("  potential: {from: revenue_usd, tolerance: 30%}")
    page.get_by_role("button", name="Start from this file").click()
    page.wait_for_url(lambda address: "/plans/plan-" in address)
