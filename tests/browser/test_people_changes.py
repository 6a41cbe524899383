"""A departure in a real browser: told step by step, looked at, done, and its receipt; Back loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.serving import served
from builders.web_company import NOW, a_company, canary
from patchbook.db.record import Record

RON, RITA = f"Ron {canary('ron')}", f"Rita {canary('rita')}"


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    a_company(sqlite_record)
    with served(sqlite_record, NOW) as url:
        yield url, sqlite_record


def test_somebody_leaves_and_no_account_is_alone(visit, company):
    url, record = company
    visitor = visit(url, record, "nora", at=NOW)
    page = visitor.go("/people")
    page.get_by_role("link", name=RON).click()
    page.get_by_role("link", name="Departure").click()
    page.get_by_label("First day they are not there").fill("2027-04-01")
    page.get_by_role("button", name="Next: each seat").click()
    seat = page.get_by_role("group", name="North-1")
    seat.get_by_label("Somebody takes it over").check()
    seat.get_by_label("Who takes over").select_option(label=RITA)
    page.get_by_role("button", name="Look at what it does").click()
    page.get_by_role("heading", name="What it does").wait_for()
    assert visitor.faults() == []

    page.go_back()
    page.go_forward()
    assert seat.get_by_label("Somebody takes it over").is_checked()

    page.get_by_role("button", name=f"Let {RON} go").click()
    page.wait_for_url("**/people/ron/changes/*")
    receipt = page.get_by_role("region", name="Receipt")
    assert "0 accounts uncovered" in receipt.inner_text()
    assert RITA in receipt.inner_text()
    assert visitor.faults() == []

    page.go_back()
    page.get_by_role("alert").wait_for()
    assert "cannot leave on 2027-04-01" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button", name=f"Let {RON} go").count() == 0
