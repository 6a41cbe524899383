"""A manager proposes, a planner approves; and the inbox by keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.desk import PLAN, a_desk
from builders.serving import served
from builders.together import MAX, MIA, MONDAY, PIA, TUESDAY
from patchbook.db.record import Record
from patchbook.plans import state as plan_state
from patchbook.proposals import actions as proposals
from patchbook.proposals.proposal import Status


@pytest.fixture
def desk(sqlite_record: Record) -> Iterator[tuple[str, Record]]:
    a_desk(sqlite_record)
    with served(sqlite_record, TUESDAY) as url:
        yield url, sqlite_record


def where(record: Record, account: str) -> str:
    with record.reading() as tx:
        return dict(plan_state.state(tx, PLAN).assignments.select("account_id", "territory").iter_rows())[account]


def test_a_manager_proposes_and_a_planner_approves(visit, desk):
    url, record = desk
    with record.writing() as tx:
        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer to Cem.", by=MAX, at=MONDAY)
    manager = visit(url, record, "max", at=TUESDAY)
    page = manager.go("/proposals")
    page.get_by_role("link", name="Closer to Cem.").click()
    page.get_by_label("Say something").fill("What do you think, @pia?")
    page.get_by_role("button", name="Say it").click()
    page.get_by_role("link", name="@Pia").wait_for()

    planner = visit(url, record, "pia", at=TUESDAY)
    page = planner.go("/inbox")
    page.get_by_text("Max wrote to you: What do you think, Pia").wait_for()
    page.get_by_role("link", name="Max proposes to move 1 account.").click()
    page.get_by_role("heading", name="1 account to move").wait_for()
    page.get_by_label("Say something").press_sequentially("Fine by me, @ma")
    page.get_by_role("option", name="Max").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Say it").click()
    page.get_by_role("link", name="@Max").wait_for()
    page.get_by_label("A word").fill("Agreed.")
    page.get_by_role("button", name="Accept and move").click()

    page.get_by_text("Accepted: 1 account moved.").wait_for()
    assert where(record, "A4") == "East"
    with record.reading() as tx:
        assert proposals.get(tx, made.proposal_id, by=PIA, at=TUESDAY).comment == "Agreed."


def test_the_inbox_is_gone_through_with_the_keyboard_and_several_are_rejected_at_once(visit, desk):
    url, record = desk
    with record.writing() as tx:
        for account in ("A4", "A5", "A8"):
            proposals.propose(tx, PLAN, {account: "East"}, f"Closer: {account}.", by=MAX, at=MONDAY)
    visitor = visit(url, record, "mia", at=TUESDAY, allow=("422",))
    page = visitor.go("/inbox")

    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_text("1 proposal accepted.").wait_for()
    page.keyboard.press("r")
    page.keyboard.type("Not this year.")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.get_by_text("1 proposal rejected.").wait_for()

    with record.writing() as tx:
        proposals.propose(tx, PLAN, {"A7": "East"}, "Closer: A7.", by=MAX, at=MONDAY)
    page = visitor.go("/inbox?only=proposals")
    page.get_by_label("All 2 here").check()
    page.get_by_role("button", name="Reject those chosen").click()
    page.locator("#bulk .refusal").get_by_text("To reject a proposal, say why").wait_for()
    page.get_by_label("A word to all those chosen").fill("Nor these.")
    page.get_by_role("button", name="Reject those chosen").click()

    page.get_by_text("2 proposals rejected.").wait_for()
    with record.reading() as tx:
        found = proposals.proposals(tx, by=MIA, at=TUESDAY).rows
    assert sorted(one.status for one in found) == [Status.ACCEPTED, *[Status.REJECTED] * 3]
