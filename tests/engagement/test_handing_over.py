"""What is won is handed to who looks after customers, once everything on the checklist is done."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from builders.engagement import a_field, a_seat, after
from builders.together import ADA, ANN, BO, CEM, MIA, MONDAY
from patchbook.engagement import handing_over
from patchbook.engagement.handoff import BadHandoff, NoHandoff, NotReady, NotYoursToHand, Status
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import Grant, Principal, Role

RULES = "engagement: {handoffs: {seats: [csm], checklist: [Goals agreed, Contacts introduced], days: 3}}"


def a_won_deal(tx, account: str = "A1", closed=MONDAY) -> None:
    told = {"owner_id": "ann", "won": 1, "opened": after(-90), "closed": closed}
    tx.execute(insert(opportunity).values(opportunity_id=f"won-{account}", account_id=account, **told))


def test_a_won_deal_goes_to_the_csm_of_the_territory_who_accepts_it_once_all_is_done(record):
    with record.writing() as tx:
        a_field(tx, RULES)
        a_seat(tx, "west", "csm", "bo")
        a_won_deal(tx)
        a_won_deal(tx, "A4", closed=after(-60))

        assert (handing_over.hand_over(tx, after(1)), handing_over.hand_over(tx, after(2))) == (1, 0)

        (made,) = handing_over.handoffs(tx, by=BO, at=after(2)).rows
        assert (made.from_person, made.to_person, made.because) == ("ann", "bo", "The customer success manager of A1")
        assert made.due_at == after(4)
        with pytest.raises(NotReady, match="2 things are still to do before A1 is accepted: Goals agreed and Contacts"):
            handing_over.accept(tx, made.handoff_id, by=BO, at=after(2))
        handing_over.send_back(tx, made.handoff_id, "Who signs there?", by=BO, at=after(2))
        with pytest.raises(BadHandoff, match="'Lunch' is not on the checklist; it has Goals agreed and Contacts"):
            handing_over.prepare(tx, made.handoff_id, done=["Lunch"], by=ANN, at=after(2))
        ready = handing_over.prepare(
            tx, made.handoff_id, done=["Goals agreed", "Contacts introduced"], note="Joe signs.", by=ANN, at=after(3)
        )
        with pytest.raises(NotYoursToHand, match="is for bo to answer"):
            handing_over.accept(tx, made.handoff_id, by=ANN, at=after(3))
        with pytest.raises(NoHandoff):
            handing_over.accept(tx, made.handoff_id, by=CEM, at=after(3))
        done = handing_over.accept(tx, made.handoff_id, by=BO, at=after(3))
        assert (ready.status, ready.note, done.status) == (Status.OPEN, "Joe signs.", Status.ACCEPTED)
        assert handing_over.handoffs(tx, status=Status.OPEN, by=MIA, at=after(4)).rows == ()


def test_where_nobody_looks_after_customers_the_handoff_says_so(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx, RULES)
        a_won_deal(tx)

        handing_over.hand_over(tx, after(1))

        (made,) = handing_over.handoffs(tx, by=ADA, at=after(2)).rows
        assert (made.to_person, made.because) == (None, "Nobody is the customer success manager of A1")


def test_a_manager_of_others_does_not_prepare_a_handoff_though_they_see_everything(sqlite_record):
    sees_all = Principal(person_id="cem", grants=(Grant(Role.MANAGER), Grant(Role.VIEWER)))
    with sqlite_record.writing() as tx:
        a_field(tx, RULES)
        a_won_deal(tx)
        handing_over.hand_over(tx, after(1))
        (made,) = handing_over.handoffs(tx, by=ADA, at=after(2)).rows

        with pytest.raises(NotYoursToHand, match="ann sold won-A1"):
            handing_over.prepare(tx, made.handoff_id, done=["Goals agreed"], by=sees_all, at=after(2))
        assert handing_over.prepare(tx, made.handoff_id, done=["Goals agreed"], by=MIA, at=after(2))
