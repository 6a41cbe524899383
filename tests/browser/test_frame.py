"""The frame around every page in a real browser: signing in, the menu, light and dark, wide and narrow, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.serving import served
from builders.web_company import NOW, a_company
from patchbook import access
from patchbook.db.record import Record
from patchbook.people.principal import system

PASSWORD = "correct horse battery"


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    a_company(sqlite_record)
    with sqlite_record.writing() as tx:
        access.set_password(tx, "pia", PASSWORD, by=system(), at=NOW)
    with served(sqlite_record, NOW) as url:
        yield url, sqlite_record


def test_one_signs_in_and_out_with_the_keyboard(visit, company):
    url, _ = company
    visitor = visit(url)
    page = visitor.go("/")
    page.get_by_label("E-mail").fill("pia@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).wait_for()

    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "ask"
    page.locator(".me summary").press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")

    assert page.get_by_role("status").inner_text() == "You are signed out."


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_frame_fits_and_has_no_serious_fault(visit, company, width, scheme):
    url, record = company
    visitor = visit(url, record, "pia", at=NOW, width=width, scheme=scheme)
    page = visitor.go("/")

    assert visitor.faults() == []
    assert visitor.overflow() <= 0
    assert page.get_by_role("navigation", name="Main").is_visible() == (width > 1000)
