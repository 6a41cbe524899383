"""What waits outside of plans comes to whoever is to do something about it, and leaves when it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from builders import leads as company
from builders.engagement import a_field, a_seat, after
from builders.leads import ANN, BOB, MIA, NOW, PAT, a_company, a_lead, minutes, receive
from builders.together import ANN as ANN_OF_WEST
from builders.together import BO, CEM
from builders.together import MIA as MIA_OF_WEST
from patchbook.engagement import handing_over, outreach, timing_out
from patchbook.imports import actions as imports
from patchbook.leads import actions as leads
from patchbook.leads import routing
from patchbook.leads.lane import deciding
from patchbook.ledger.tables import opportunity
from patchbook.live import actions as live
from patchbook.live.policy import Answer, Policy
from patchbook.people.permission import Deed
from patchbook.people.principal import system
from patchbook.people.store import person
from patchbook.proposals import inbox as room
from patchbook.proposals.inbox import inbox
from patchbook.service import actions as service

LEVELS = "service_levels: {inbound: {accept_within: 30, touch_within: 60, reassign: false}}\n"
HANDOFFS = "engagement: {handoffs: {seats: [csm], checklist: [Goals agreed], days: 3}}"


def waiting(tx, who, at, kind) -> list[str]:
    found = inbox(tx, by=who, at=at)
    assert found.total == len(found.items.rows)
    return [item.says for item in found.items.rows if item.kind == kind]


def test_a_live_change_waits_for_planners_until_it_is_decided(sqlite_record):
    a_company(sqlite_record)
    grown = company.ACCOUNTS.replace("A3,Cog,cog.com,US,40", "A3,Cog,cog.com,US,600")
    with sqlite_record.writing() as tx:
        imports.accounts(tx, grown.encode(), name="accounts.csv", by=PAT, at=NOW)
        done = live.review(tx, Policy(default=Answer.PROPOSE, hold_days=0, margin_percent=1_000), by=PAT, at=NOW)
        (change,) = done.changes

        (says,) = waiting(tx, PAT, NOW, "live change")
        assert says.startswith("A3 would go to West: ")
        assert inbox(tx, by=PAT, at=NOW).counts["live_changes"] == 1
        assert waiting(tx, MIA, NOW, "live change") == waiting(tx, ANN, NOW, "live change") == []
        limited = replace(PAT, token_scopes=frozenset({Deed.SEE}))
        assert waiting(tx, limited, NOW, "live change") == []

        live.reject(tx, change.change_id, "She keeps it.", by=PAT, at=NOW)
        assert inbox(tx, by=PAT, at=NOW).total == 0


def test_more_than_can_be_read_is_counted_all_the_same(sqlite_record, monkeypatch):
    a_company(sqlite_record)
    grown = company.ACCOUNTS.replace("40", "600") + "A4,Dot,dot.com,US,700\n"
    monkeypatch.setattr(room, "MOST", 1)
    with sqlite_record.writing() as tx:
        imports.accounts(tx, grown.encode(), name="accounts.csv", by=PAT, at=NOW)
        policy = Policy(default=Answer.PROPOSE, new_accounts=Answer.PROPOSE, hold_days=0, margin_percent=1_000)
        live.review(tx, policy, by=PAT, at=NOW)

        found = inbox(tx, by=PAT, at=NOW)
        assert (len(found.items.rows), found.counts["live_changes"]) == (1, 2)


def test_a_lead_that_waited_too_long_waits_for_the_manager_who_was_told(record):
    a_company(record)
    with record.writing() as tx:
        routing.set_routing(tx, LEVELS, by=PAT, at=NOW)
    lead_id = receive(record, a_lead()).lead.lead_id
    late = NOW + minutes(90)
    with deciding(record) as lane:
        assert service.sweep(lane, by=system(), at=late).escalated == 2
    with record.reading() as tx:
        assert waiting(tx, MIA, late, "escalation") == [f"ann did not accept {lead_id} within 30 business minutes."]
        for nobody in (ANN, BOB, PAT):
            assert waiting(tx, nobody, late, "escalation") == []
    with deciding(record) as lane:
        leads.touch(lane, lead_id, "call", by=ANN, at=late)
    with record.reading() as tx:
        assert inbox(tx, by=MIA, at=late).total == 0


@pytest.mark.parametrize("end", ["given to another", "closed"])
def test_a_lead_that_left_who_let_it_wait_waits_for_no_manager(sqlite_record, end):
    a_company(sqlite_record)
    with sqlite_record.writing() as tx:
        routing.set_routing(tx, LEVELS, by=PAT, at=NOW)
        tx.execute(update(person).where(person.c.person_id == "ann").values(manager_id=None))
    lead_id = receive(sqlite_record, a_lead()).lead.lead_id
    late = NOW + minutes(90)
    with deciding(sqlite_record) as lane:
        service.sweep(lane, by=system(), at=late)
    with sqlite_record.reading() as tx:
        assert len(waiting(tx, PAT, late, "escalation")) == 1, "nobody was told, so planners are"
        assert waiting(tx, MIA, late, "escalation") == []
    with deciding(sqlite_record) as lane:
        if end == "closed":
            leads.close(lane, lead_id, "gone", by=PAT, at=late)
        else:
            leads.assign(lane, lead_id, "bob", "his", by=PAT, at=late)
            leads.assign(lane, lead_id, "ann", "hers after all", by=PAT, at=late + minutes(1))
    with sqlite_record.reading() as tx:
        assert waiting(tx, PAT, late + minutes(1), "escalation") == []


def test_a_warning_waits_for_the_owner_until_something_is_done(record):
    with record.writing() as tx:
        a_field(tx)
        timing_out.enforce(tx, after(0))

        mine = [
            says for says in waiting(tx, ANN_OF_WEST, after(1), "time-out") if says.startswith("Nothing was done on A1")
        ]
        assert len(mine) == 1
        assert waiting(tx, MIA_OF_WEST, after(1), "time-out") == []
        outreach.note(tx, "A1", "call", "They are well.", by=ANN_OF_WEST, at=after(2))
        timing_out.enforce(tx, after(3))
        assert not [one for one in waiting(tx, ANN_OF_WEST, after(3), "time-out") if "A1" in one]


def test_a_handoff_waits_for_whoever_is_to_accept_it(record):
    with record.writing() as tx:
        a_field(tx, HANDOFFS)
        a_seat(tx, "west", "csm", "bo")
        told = {"owner_id": "ann", "won": 1, "opened": after(-90), "closed": after(0)}
        tx.execute(insert(opportunity).values(opportunity_id="won-A1", account_id="A1", **told))
        handing_over.hand_over(tx, after(1))

        (item,) = inbox(tx, by=BO, at=after(2)).items.rows
        assert (item.kind, item.says, item.due) == ("handoff", "ann hands A1 over to you.", after(4))
        assert waiting(tx, ANN_OF_WEST, after(2), "handoff") == waiting(tx, CEM, after(2), "handoff") == []
        handing_over.send_back(tx, item.subject_id, "Who signs there?", by=BO, at=after(2))
        assert inbox(tx, by=BO, at=after(2) + timedelta(hours=1)).total == 0
