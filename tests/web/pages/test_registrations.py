"""Registrations, holdovers and handoffs by their pages: seen, decided by whoever it is for, refused in one sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from builders.engagement import RULES, a_field, a_seat, set_rules
from builders.together import ADA, BO, CEM, HAL, MIA, MONDAY, TUESDAY, ZOE
from patchbook.engagement import handing_over
from patchbook.holdovers import actions as holdovers
from patchbook.holdovers.holdover import Holdover
from patchbook.holdovers.store import write
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import system
from patchbook.proposals.inbox import inbox
from patchbook.web.pages.handoffs import load as load_handoff
from patchbook.web.pages.handoffs import load_list as load_handoffs
from patchbook.web.pages.holdovers import load as load_holdovers
from patchbook.web.pages.registrations import load as load_registration

HANDOFFS = "\n  handoffs: {seats: [csm], checklist: [Goals agreed], days: 3}"


@pytest.fixture
def company(record, clock):
    clock.at = TUESDAY
    with record.writing() as tx:
        a_field(tx, RULES.rstrip() + HANDOFFS)
    return record


def registered(visitor) -> str:
    told = {"account_id": "A1", "partner": "Acme Resale", "deal": "Data centre", "reason": "Again.", "person_id": "bo"}
    answer = visitor("hal").post("/registrations", data=told)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def test_a_registration_waits_for_who_decides_where_the_account_is_and_is_approved(company, visitor):
    registration_id = registered(visitor)
    with company.reading() as tx:
        assert inbox(tx, by=MIA, at=TUESDAY).counts["registrations"] == 1
        assert [inbox(tx, by=who, at=TUESDAY).counts["registrations"] for who in (HAL, CEM, BO)] == [0, 0, 0]
        assert load_registration(tx, registration_id, by=MIA, at=TUESDAY).may_decide
        assert load_registration(tx, registration_id, by=HAL, at=TUESDAY).is_mine
    manager = visitor("mia")
    address = f"/registrations/{registration_id}"
    assert manager.post(f"{address}/decision", data={"decision": "no"}).status_code == 422

    assert manager.post(f"{address}/decision", data={"decision": "yes"}).status_code == 303

    with company.reading() as tx:
        page = load_registration(tx, registration_id, by=MIA, at=TUESDAY)
    assert (page.state, page.may_decide, page.may_change) == ("in force", False, True)
    assert manager.post(f"{address}/changes", data={"decision": "extend"}).status_code == 303
    assert manager.post(f"{address}/changes", data={"decision": "end", "comment": "Lost."}).status_code == 303
    assert "Ended" in manager.get("/registrations").text


def test_more_time_on_a_deal_is_asked_for_and_decided_by_somebody_else(company, visitor):
    with company.writing() as tx:
        tx.execute(insert(opportunity).values(opportunity_id="D1", account_id="A3", name="Big one", amount_usd=9.0))
        held = Holdover(
            opportunity_id="D1", account_id="A3", person_id="bo", starts=MONDAY, expires=MONDAY + timedelta(days=20),
            source="plan-1", reason="It is nearly signed",
        )  # fmt: skip
        write(tx, [held], cause="publish", at=MONDAY)
    asked = visitor("bo").post(
        "/holdovers/extensions", data={"opportunity_id": "D1", "until": "2027-03-01", "why": "They sign in February."}
    )
    assert asked.status_code == 303, asked.text
    with company.reading() as tx:
        (item,) = [one for one in inbox(tx, by=ADA, at=TUESDAY).items.rows if one.kind == "extension"]
        page = load_holdovers(tx, by=ADA, at=TUESDAY)
        assert inbox(tx, by=BO, at=TUESDAY).counts["extensions"] == 0

    assert page.mine_to_decide == {item.subject_id}
    granted = visitor("ada").post(f"/holdovers/extensions/{item.subject_id}/decision", data={"decision": "yes"})

    assert granted.status_code == 303, granted.text
    with company.reading() as tx:
        (row,) = load_holdovers(tx, by=ADA, at=TUESDAY).rows
        assert holdovers.extensions(tx, by=ADA, at=TUESDAY).rows[0].is_granted
    assert row.expires.isoformat().startswith("2027-03-01")
    assert "Big one" in visitor("ada").get("/holdovers").text


def test_a_customer_is_prepared_by_who_sold_and_accepted_by_who_gets_it(company, visitor):
    with company.writing() as tx:
        set_rules(tx, RULES.rstrip() + HANDOFFS)
        a_seat(tx, "west", "csm", "zoe")
        deal = {"opportunity_id": "D1", "account_id": "A1", "owner_id": "ann", "opened": MONDAY - timedelta(days=9)}
        tx.execute(insert(opportunity).values(**deal, closed=MONDAY, won=1))
        handing_over.hand_over(tx, TUESDAY, by=system())
        (one,) = load_handoffs(tx, by=ADA, at=TUESDAY).rows
        assert load_handoff(tx, one.handoff_id, by=ZOE, at=TUESDAY).may_answer
    address = f"/handoffs/{one.handoff_id}"
    refused = visitor("zoe").post(f"{address}/decision", data={"decision": "yes"})
    assert refused.status_code == 409
    assert "1 thing is still to do" in refused.text

    prepared = visitor("ann").post(f"{address}/preparation", data={"done": "Goals agreed", "note": "They like tea."})
    assert prepared.status_code == 303, prepared.text
    assert visitor("zoe").post(f"{address}/decision", data={"decision": "yes"}).status_code == 303

    assert "Accepted" in visitor("zoe").get(address).text
    assert "They like tea." in visitor("zoe").get(address).text
