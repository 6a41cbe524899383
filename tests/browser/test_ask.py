"""Asking in a real browser: suggestions by keyboard, then the owner on another day, and as known before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
import pytest

from builders.serving import served
from builders.web_company import NOW, TREE, a_company, accounts_of, canary, principal_of
from patchbook import changes
from patchbook.changes import Replace
from patchbook.db.record import Record
from patchbook.imports import actions as imports
from patchbook.people.principal import system

RON, RITA = f"Ron {canary('ron')}", f"Rita {canary('rita')}"


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    """Ron's accounts go to Rita in April; that was recorded in March."""
    a_company(sqlite_record)
    ids = [account for name in TREE for account in accounts_of(name)]
    frame = pl.DataFrame({"account_id": ids, "name": [f"Acme {one.replace('-', ' ')}" for one in ids]})
    with sqlite_record.writing() as tx:
        imports.accounts(tx, frame, name="accounts", by=principal_of("pia"), at=NOW)
        leaves = datetime(2027, 4, 1, tzinfo=UTC)
        changes.departure(tx, "ron", on=leaves, default=Replace("rita"), by=system(), at=NOW)
    with served(sqlite_record, NOW) as url:
        yield url, sqlite_record


def test_one_asks_by_keyboard_and_moves_through_time(visit, company):
    url, record = company
    visitor = visit(url, record, "pia", at=NOW)
    page = visitor.go("/")
    page.keyboard.press("/")
    page.keyboard.type("acme north 1 account 2")
    option = page.get_by_role("option")
    option.first.wait_for()
    assert visitor.faults() == []
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("combobox").get_attribute("aria-activedescendant") == "ask-option-1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/north-1-account-2")

    who = page.locator(".owner .who")
    assert RON in who.inner_text()
    page.get_by_label("Move through time").press("PageUp")
    page.locator(".owner .who", has_text=RITA).wait_for()
    assert page.url.endswith("?on=2027-04-01")
    page.get_by_label("Move through time").press("ArrowLeft")
    page.locator(".owner .who", has_text=RON).wait_for()

    page.get_by_label("On", exact=True).fill("2027-05-01")
    page.locator(".owner .who", has_text=RITA).wait_for()
    page.get_by_label("As known on").fill("2027-02-01")
    page.locator(".owner .who", has_text=RON).wait_for()
    assert visitor.faults() == []


def test_escape_closes_the_suggestions_and_enter_asks_for_all(visit, company):
    url, record = company
    page = visit(url, record, "pia", at=NOW, width=390).go("/people")
    box = page.get_by_role("combobox", name="Who owns")
    box.fill("acme")
    page.get_by_role("option").first.wait_for()
    box.press("Escape")
    assert page.get_by_role("option").count() == 0 or not page.locator("#ask-list").is_visible()

    box.press("Enter")
    page.get_by_role("heading", name="Who owns what").wait_for()

    assert page.locator(".hits li").count() >= 10


def test_without_script_the_forms_answer_too(browser, company):
    from patchbook import access

    url, record = company
    with record.writing() as tx:
        begun = access.begin(tx, "pia", how="test", at=NOW)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "patchbook-session", "value": begun.secret, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/accounts/north-1-account-2")
    page.get_by_label("On", exact=True).fill("2027-05-01")
    page.get_by_role("button", name="Show").click()

    assert RITA in page.locator(".owner .who").inner_text()
    context.close()


def test_a_question_given_up_for_the_next_does_not_stop_that_one(visit, company):
    url, record = company
    page = visit(url, record, "pia", at=NOW).go("/")
    page.route("**/ask?q=acme", lambda route: None)
    page.keyboard.press("/")
    with page.expect_request("**/ask?q=acme"):
        page.keyboard.type("acme")
    page.keyboard.type(" north 1")

    page.get_by_role("option").first.wait_for()
