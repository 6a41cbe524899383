"""A form whose session ends, or whose connection is lost, loses nothing and does nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select

from builders.serving import served
from builders.web_company import NOW, a_company
from patchbook import access
from patchbook.access.store import session
from patchbook.comments.store import comment
from patchbook.db.record import Record
from patchbook.people.principal import system

PASSWORD = "correct horse battery"
WORDS = "Five years of work, written in ten minutes"
PAGE = "/comments/account/north-1-account-1"


@pytest.fixture
def company(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    a_company(sqlite_record)
    with sqlite_record.writing() as tx:
        access.set_password(tx, "ron", PASSWORD, by=system(), at=NOW)
    with served(sqlite_record, NOW) as url:
        yield url, sqlite_record


def said(record: Record) -> int:
    with record.reading() as tx:
        return tx.execute(select(func.count()).select_from(comment).where(comment.c.text == WORDS)).scalar_one()


def test_a_session_that_ends_while_one_writes_is_begun_again_in_another_tab(company, visit):
    url, record = company
    visitor = visit(url, record, "ron", at=NOW, allow=("401",))
    page = visitor.go(PAGE)
    page.get_by_label("Say something").fill(WORDS)
    with record.writing() as tx:
        tx.execute(delete(session))

    page.get_by_role("button", name="Say it").click()
    page.get_by_role("alert").get_by_text("Your session has ended, and nothing was done.").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    other = opened.value
    other.get_by_label("E-mail").fill("ron@example.com")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_role("heading", name="You are signed in again").wait_for()
    assert said(record) == 0
    assert page.get_by_label("Say something").input_value() == WORDS
    page.get_by_role("button", name="Say it").click()

    page.locator(".words", has_text=WORDS).wait_for()
    assert said(record) == 1


def test_what_was_sent_into_a_lost_connection_is_pressed_again_and_done_once(company, visit):
    url, record = company
    visitor = visit(url, record, "ron", at=NOW, allow=("ERR_FAILED", "ERR_CONNECTION", "ERR_INTERNET", "net::"))
    page = visitor.go(PAGE)
    page.get_by_label("Say something").fill(WORDS)

    def lost(route) -> None:
        route.fetch()  # it arrives and is done, and the answer never comes back
        route.abort("connectionfailed")

    page.route("**/comments", lost)
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("No connection: nothing is known to have been done.").wait_for()
    assert said(record) == 1
    page.unroute("**/comments")
    page.get_by_role("button", name="Say it").click()

    page.locator(".words", has_text=WORDS).wait_for()
    assert said(record) == 1
