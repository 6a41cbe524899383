"""A study in a real browser: found from the carve dialog, asked, read, sorted; light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from builders.plans import HIRED, TUESDAY, a_carved_plan, a_market, the_plan
from builders.serving import served
from patchbook import access
from patchbook.db.record import Record
from patchbook.people.principal import Role, system


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    """Served; it comes before `visit` in each test, so that browsers, whose streams hold the server, close first."""
    a_market(sqlite_record)
    a_carved_plan(sqlite_record)
    with sqlite_record.writing() as tx:
        access.grant(tx, "ada", Role.PLANNER, by=system(), at=HIRED)
    with served(sqlite_record, TUESDAY) as url:
        yield url, sqlite_record


def test_a_question_in_the_carve_dialog_is_asked_and_its_answer_read(company, visit):
    url, record = company
    visitor = visit(url, record, "ada", at=TUESDAY)
    plan_id = the_plan(record).plan_id
    page = visitor.go(f"/plans/{plan_id}")
    page.get_by_role("link", name="Carve…").click()
    page.get_by_role("link", name="How fair is the carve, and how much fairer than today?").press("Enter")

    page.get_by_label("The measure whose loads are drawn").fill("potential")
    page.get_by_role("button", name="Ask", exact=True).press("Enter")

    page.get_by_text("Field, potential: the territory furthest from its share").wait_for(timeout=60_000)
    picture = page.get_by_role("img", name="Field: territories by potential, off their share.")
    assert "steps" in picture.get_attribute("aria-label")
    assert visitor.faults() == []
    heading = page.get_by_role("columnheader", name="Territory")
    heading.get_by_role("link").press("Enter")
    expect(page.get_by_role("columnheader", name="Territory")).to_have_attribute("aria-sort", "ascending")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").last.click()
    assert taken.value.suggested_filename == "balance-loads.csv"

    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert visitor.faults() == []
    assert visitor.overflow() == 0
    visitor.go(f"/plans/{plan_id}/studies")
    expect(page.get_by_text("Field, potential: the territory")).to_be_visible()
    assert visitor.overflow() == 0
