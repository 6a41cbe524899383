"""Two do not call the same account without knowing of each other."""

from __future__ import annotations

import pytest

from builders.engagement import a_field, after
from builders.together import ANN, BO, CEM, FIN, HAL, MIA, MONDAY
from patchbook.engagement import outreach, registering
from patchbook.engagement.activity import BadActivity
from patchbook.errors import NotAllowed
from patchbook.ledger.answers import UnknownAccount


def test_the_owner_is_free_to_call_and_others_are_warned(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)

        assert outreach.check(tx, "A1", by=ANN, at=MONDAY).is_clear
        assert outreach.check(tx, "A1", by=MIA, at=MONDAY).warnings == ("A1 belongs to Ann; speak with them first.",)
        assert outreach.check(tx, "A1", by=CEM, at=MONDAY).warnings == (
            "A1 belongs to somebody else; speak with them first.",
        )
        assert outreach.check(tx, "H1", by=CEM, at=MONDAY).is_clear


def test_a_partner_and_a_call_of_another_are_told(record):
    with record.writing() as tx:
        a_field(tx)
        made = registering.register(
            tx, "A1", partner="Acme", deal="Big", reason="Theirs.", person_id="bo", by=HAL, at=MONDAY
        )
        registering.approve(tx, made.registration_id, by=MIA, at=MONDAY)
        outreach.note(tx, "A1", "mail", "Hello.", by=BO, at=after(1))

        found = outreach.check(tx, "A1", by=ANN, at=after(2)).warnings

        assert found == (
            "A1 is registered by Acme, with bo.",
            "bo was in contact (mail) on 2027-01-05 09:00:00+00:00.",
        )
        assert outreach.check(tx, "A1", by=ANN, at=after(30)).warnings == found[:1]


def test_what_cannot_be_noted_is_refused_in_a_sentence(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        with pytest.raises(UnknownAccount):
            outreach.check(tx, "nothing", by=ANN, at=MONDAY)
        with pytest.raises(BadActivity, match="There is no activity 'shout'; there are call, mail, meeting"):
            outreach.note(tx, "A1", "shout", by=ANN, at=MONDAY)
        with pytest.raises(BadActivity, match="is to come; note what was done"):
            outreach.note(tx, "A1", "call", on=after(1), by=ANN, at=MONDAY)
        with pytest.raises(NotAllowed):
            outreach.check(tx, "A1", by=FIN, at=MONDAY)
