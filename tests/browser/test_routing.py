"""Routing and administration in a real browser: a lead arrives and appears, waits while one reads, and is tried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from builders.demo_workspace import DEMO_NOW
from builders.serving import served
from patchbook.db.record import Record
from patchbook.demo.workspace import Workspace


class Ticking:
    """A clock that goes on a millisecond whenever it is looked at, so that no two decisions are at one instant."""

    def __init__(self) -> None:
        self.at = DEMO_NOW

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@pytest.fixture
def demo(demo_record: Record, demo_workspace: Workspace) -> Iterator[tuple[str, Record, Workspace]]:
    with served(demo_record, Ticking()) as url:
        yield url, demo_record, demo_workspace


SEND = """async (name) => {
  const lead = {source: "web form", source_id: name, fields: {name, country: "US"}}
  const answer = await fetch("/api/v1/leads", {method: "POST", body: JSON.stringify(lead),
    headers: {"Content-Type": "application/json"}})
  return answer.status
}"""


def test_a_lead_arrives_and_appears_and_waits_while_one_reads(visit, demo):
    url, record, people = demo
    reader = visit(url, record, people.planner, at=DEMO_NOW)
    sender = visit(url, record, people.planner, at=DEMO_NOW)
    page = reader.go("/routing")
    sender.go("/signed-in")
    page.mouse.move(5, 5)

    assert sender.page.evaluate(SEND, "First Arrival Ltd") == 201
    page.get_by_role("row", name="First Arrival Ltd").wait_for()

    page.get_by_role("columnheader", name="Why").hover()
    for name in ("Second Arrival Ltd", "Third Arrival Ltd"):
        assert sender.page.evaluate(SEND, name) == 201
    more = page.get_by_role("button", name="2 new decisions")
    more.wait_for()
    assert page.get_by_role("row", name="Second Arrival Ltd").count() == 0
    more.click()
    page.get_by_role("link", name="Third Arrival Ltd").click()
    page.get_by_role("heading", name="Third Arrival Ltd", level=1).wait_for()

    assert page.get_by_text("What happened").is_visible()
    assert reader.faults() == []


def test_a_lead_is_tried_out_and_a_mistake_in_the_document_is_gone_to(visit, demo):
    url, record, people = demo
    visitor = visit(url, record, people.planner, at=DEMO_NOW, allow=("422",))
    page = visitor.go("/routing/document")
    text = page.get_by_label("The text")
    good = text.input_value()

    page.get_by_role("button", name="Test it").click()
    page.locator("#tried .decision").wait_for()
    text.fill(good.replace("stages: [match, owner]", "stages: [match, ownr]"))
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("button", name="Line 5").click()

    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert text.evaluate(chosen).strip() == "stages: [match, ownr]"
    page.get_by_role("button", name="Let it hold").click()
    page.get_by_role("alert").wait_for()
    assert "ownr" in text.input_value()


def test_a_token_is_made_and_its_secret_shown_once(visit, demo):
    url, record, people = demo
    visitor = visit(url, record, people.planner, at=DEMO_NOW)
    page = visitor.go("/admin/tokens")
    page.get_by_label("What it is for").fill("nightly export")
    page.get_by_role("button", name="Make it").click()

    shown = page.locator("output")
    shown.wait_for()
    assert shown.inner_text().startswith("patchbook_")
    assert "patchbook_" not in page.url
    page.get_by_role("link", name="I have it").click()
    page.get_by_role("rowheader", name="nightly export").wait_for()
    assert page.locator("output").inner_text() == ""
