"""From a draft in review to what was published, taken back; and the back button, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.desk import PLAN, a_desk
from builders.serving import served
from builders.together import ADA, MONDAY, TUESDAY
from patchbook.db.record import Record
from patchbook.period import instant
from patchbook.plans import actions as plans
from patchbook.publishing import store

FEBRUARY = instant("2027-02-01")


@pytest.fixture
def desk(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    a_desk(sqlite_record)
    with sqlite_record.writing() as tx:
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)
    with served(sqlite_record, TUESDAY) as url:
        yield url, sqlite_record


def owners(record: Record) -> dict[str, str]:
    with record.reading() as tx:
        return dict(store.book(tx, FEBRUARY).select("account_id", "person").iter_rows())


def test_a_plan_goes_from_review_to_a_receipt_and_is_taken_back(visit, desk):
    url, record = desk
    before = owners(record)
    for who in ("mia", "max", "hal"):
        page = visit(url, record, who, at=TUESDAY).go(f"/reviews/{PLAN}")
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("Approved; others are asked now.").wait_for()
    planner = visit(url, record, "pia", at=TUESDAY, allow=("409",))
    page = planner.go(f"/reviews/{PLAN}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Look at what publishing changes").click()

    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="Ann").click()
    page.get_by_text("moved", exact=True).first.wait_for()
    page.get_by_role("button", name="Publish from 2027-02-01").click()
    if page.locator("input[name=seen]").count():  # the browser points at the first that is not ticked
        assert "/publish" in page.url
        for box in page.locator("input[name=seen]").all():
            box.check()
        page.get_by_role("button", name="Publish from 2027-02-01").click()
    page.get_by_role("heading", name="Grid, published").wait_for()
    receipt = page.url

    assert owners(record)["A2"] == "bo"

    page.go_back()
    page.get_by_role("link", name="Its receipt").or_(page.get_by_role("button", name="Publish from")).first.wait_for()
    if page.get_by_role("button", name="Publish from").count():
        for box in page.locator("input[name=seen]").all():
            box.check()
        page.get_by_role("button", name="Publish from").click()
        page.get_by_text("already; nothing was changed").wait_for()
    else:
        page.get_by_role("link", name="Its receipt").click()
    page.get_by_role("heading", name="Grid, published").wait_for()
    assert page.url == receipt

    page.get_by_role("link", name="Take it back").click()
    page.get_by_label("Why").fill("Wrong date.")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("heading", name="Roll back of Grid").wait_for()

    assert page.get_by_text("“Wrong date.”").count() == 1
    assert owners(record) == before
