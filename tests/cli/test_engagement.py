"""Rules of engagement as somebody types them, from the document to a deal that is registered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from builders.engagement import a_field, a_seat
from patchbook.ledger.tables import opportunity


@pytest.fixture
def says(patchbook_says, sqlite_record):
    """The command line over a company with rules."""
    with sqlite_record.writing() as tx:
        a_field(tx)

    def run(*arguments: str, as_: str = "ada") -> str:
        code, printed, complained = patchbook_says(
            "engagement", *arguments, "--as", as_, "--data", sqlite_record.folder
        )
        assert code == 0, complained
        return printed

    return run


def test_the_rules_are_read_acknowledged_and_kept_track_of(says):
    assert "An account in Field without activity for 30 days" in says("show", as_="ann")
    assert says("acknowledge", as_="ann") == "Ann has read version 1.\n"
    missing = json.loads(says("acknowledgements", "--missing", "--json", as_="mia"))
    assert [one["person_id"] for one in missing["rows"]] == ["bo", "mia"]
    assert "yes" in says("acknowledgements", as_="ann")


def test_a_deal_is_registered_approved_extended_and_ended(says):
    told = ("--partner", "Acme", "--deal", "Data centre", "--reason", "Theirs.", "--person", "bo")
    made = json.loads(says("register", "A1", *told, "--json", as_="hal"))["registration_id"]
    assert "Acme registered 'Data centre'" in says("conflicts", "A1", "--partner", "Other")
    assert f"{made} is approved until" in says("approve", made, as_="mia")
    assert "Acme" in says("registrations")
    assert f"{made} is approved until" in says("extend", made, as_="mia")
    assert f"{made} is ended" in says("end", made, "--comment", "They gave up.", as_="mia")
    assert says("conflicts", "A1", "--partner", "Other") == "Nothing stands against a registration of Other on A1.\n"
    again = json.loads(says("register", "A1", *told, "--json", as_="hal"))["registration_id"]
    assert "is rejected" in says("reject", again, "--comment", "No.", as_="mia")
    last = json.loads(says("register", "A2", *told, "--json", as_="hal"))["registration_id"]
    assert "is withdrawn" in says("withdraw", last, as_="hal")


def test_an_account_is_claimed_noted_and_given_back(says):
    assert "H1" in says("claimable", as_="ann")
    made = json.loads(says("claim", "H1", "--reason", "I know them.", "--json", as_="ann"))["claim_id"]
    assert made in says("claims", as_="ann")
    assert "Nobody else is at H1." in says("note", "H1", "call", as_="ann")
    assert (
        says("outreach", "H1")
        == "H1 belongs to Ann; speak with them first.\nann was in contact (call)"
        + (says("outreach", "H1").partition("(call)")[2])
    )
    assert says("return", made, "--why", "No budget.", as_="ann") == "H1 is given back.\n"


def test_what_is_due_is_listed_and_done(says):
    assert "warn" in says("due")
    assert says("warnings") == "No account is about to go back.\n"
    assert "8 owners warned, 0 accounts returned" in says("enforce")
    assert "House" in says("warnings", as_="ann")


def test_a_family_is_appointed_and_shown(says):
    assert says("family", "A1").startswith("A1 is owned globally by nobody.")
    made = json.loads(says("appoint", "A1", "cem", "--reason", "They know each other.", "--json"))
    assert made["sites"] == ["A1"]
    assert says("family", "A1").startswith("A1 is owned globally by cem.")
    ended = says("end-appointment", made["appointment"]["appointment_id"], "--why", "Enough.")
    assert "has ended" in ended
    assert says("deals") == "No opportunity has a territory yet.\n"


def test_a_customer_that_was_won_is_handed_over(says, sqlite_record):
    with sqlite_record.writing() as tx:
        a_seat(tx, "west", "csm", "bo")
        when = datetime.now(UTC) - timedelta(days=1)
        told = {"owner_id": "ann", "won": 1, "opened": when, "closed": when}
        tx.execute(insert(opportunity).values(opportunity_id="won", account_id="A1", **told))
    assert "1 handoff begun" in says("enforce")
    (made,) = json.loads(says("handoffs", "--json"))["rows"]
    done = [word for one in made["checklist"] for word in ("--done", one["item"])]

    assert says("send-back", made["handoff_id"], "--why", "Who signs?", as_="bo") == "The handoff of A1 is returned.\n"
    assert says("prepare", made["handoff_id"], *done, "--note", "Joe.", as_="ann") == "The handoff of A1 is open.\n"
    assert says("accept", made["handoff_id"], as_="bo") == "The handoff of A1 is accepted.\n"
