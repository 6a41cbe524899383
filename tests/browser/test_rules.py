"""A rule book worked on in a real browser: an overlap fixed, a condition written with proposals, layers ordered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.plans import STRATEGIC, a_market
from builders.rules import RULES
from builders.serving import served
from builders.web_company import NOW, a_company, principal_of
from patchbook.db.record import Record
from patchbook.plans import actions as plans


@pytest.fixture
def book(sqlite_record: Record) -> Iterator[tuple[str, Record, str]]:
    """Where it is served, the record, and the address of a draft's rules."""
    a_company(sqlite_record)
    a_market(sqlite_record)
    with sqlite_record.writing() as tx:
        files = {"strategic.csv": STRATEGIC}
        plan = plans.start(tx, None, RULES, files=files, by=principal_of("pia"), at=NOW)
    with served(sqlite_record, NOW) as url:
        yield url, sqlite_record, f"/plans/{plan.plan_id}/rules"


def document(record: Record, path: str) -> str:
    with record.reading() as tx:
        return plans.get(tx, path.split("/")[2], by=principal_of("pia"), at=NOW).document


def test_a_rule_with_an_overlap_is_fixed(visit, book):
    url, record, path = book
    visitor = visit(url, record, "pia", at=NOW)
    page = visitor.go(path)
    # The prover runs beside the page, and what it finds comes when it is there.
    page.get_by_role("link", name="1 error").wait_for()
    page.get_by_role("link", name="Problems").click()
    overlap = page.locator(".problem", has_text="Rule 2 (Large) and rule 3 (South) both take records")
    assert "FL" in overlap.locator(".witness").inner_text()
    assert visitor.faults() == []

    overlap.get_by_role("link", name="Exclude the overlap from rule 2 (Large): gives them to South").click()
    page.get_by_text("3 of 24 accounts would go elsewhere.").wait_for()
    assert page.get_by_role("cell", name="South").first.is_visible()
    assert document(record, path) == RULES
    page.get_by_role("button", name="Change the condition of rule 2 (Large)").click()

    page.get_by_text("Done: change the condition of rule 2 (Large). 3 accounts would go elsewhere.").wait_for()
    page.get_by_role("link", name="1 error").wait_for()
    page.get_by_role("link", name="Problems").click()
    page.locator(".problem").first.wait_for()
    assert page.locator(".problem", has_text="rule 3 (South) both take").count() == 0
    told = document(record, path)
    assert "# The South is ours." in told
    assert "revenue_usd >= 150 AND" in told


def test_a_condition_is_written_with_proposals_and_says_whom_it_takes(visit, book):
    url, record, path = book
    visitor = visit(url, record, "pia", at=NOW)
    page = visitor.go(f"{path}/new?kind=rule")
    page.get_by_label("Territory").fill("Coast")
    area = page.get_by_label("Condition")
    area.click()
    page.keyboard.press("Control+Space")
    page.get_by_role("option", name="revenue_usd").wait_for()
    page.keyboard.type("stat")
    page.get_by_role("option", name="state").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("= ")
    page.get_by_role("option", name="'CA'").click()
    page.get_by_text("2 accounts meet it; 1 is not taken by a layer before.").wait_for()
    assert area.input_value() == "state = 'CA' "
    assert visitor.faults() == []

    page.keyboard.press("Escape")
    page.keyboard.type("AND revenu > 5")
    page.get_by_role("button", name="Write revenue_usd instead").click()
    page.get_by_text("State is CA, and revenue_usd is above 5.").wait_for()
    page.get_by_role("button", name="Add it").click()

    page.get_by_text("Done: add the rule Coast.").wait_for()
    assert "territory: Coast" in document(record, path)


def test_layers_are_put_in_order_by_keys_and_by_dragging(visit, book):
    url, record, path = book
    visitor = visit(url, record, "pia", at=NOW)
    page = visitor.go(path)
    page.locator("#layer-4 h2 a").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Done: move rule 4 (Texas) before rule 3 (South).").wait_for()
    # The layer that was moved has the focus, so the next key moves it on.
    page.locator("#layer-3:focus").wait_for()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Done: move rule 3 (Texas) before rule 2 (Large).").wait_for()
    page.locator("#layer-2:focus").wait_for()
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_text("Done: move rule 2 (Texas) after rule 3 (Large).").wait_for()

    page.locator("#layer-2 .place").drag_to(page.locator("#layer-4 .what"))
    page.get_by_text("Done: move rule 2 (Large) after rule 4 (South).").wait_for()

    assert [line.inner_text().split("\n")[0] for line in page.locator(".layer h2 a").all()] == [
        "Named", "Texas", "South", "Large", "House",
    ]  # fmt: skip


def test_problems_and_a_change_fit_on_a_phone_in_the_dark(visit, book):
    url, record, path = book
    visitor = visit(url, record, "pia", at=NOW, width=360, scheme="dark")
    for part in ("", "/problems", "/layers/3", "/change?deed=move&layer=4&to=3"):
        visitor.go(f"{path}{part}").get_by_role("heading", level=1).wait_for()

        assert visitor.faults() == [], part
        assert visitor.overflow() <= 0, part
