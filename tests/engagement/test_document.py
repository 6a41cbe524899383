"""The rules of engagement can be read, have versions, and are acknowledged."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.engagement import RULES, a_field, after, set_rules
from builders.together import ADA, ANN, FIN, MAX, MIA, MONDAY, VIC
from patchbook.engagement import acknowledging
from patchbook.engagement.acknowledging import NoDocument, OldDocument
from patchbook.engagement.document import render, safe
from patchbook.leads.document import loads
from patchbook.routing.engagement import SEATS, Engagement


def test_the_document_tells_every_setting_in_plain_words():
    told = render(loads(RULES)["engagement"])

    assert "- Inbound business belongs to the account's SDR, or where there is none to the account's owner." in told
    assert "- Renewal business belongs to the customer success manager, or where there is none to the" in told
    assert "is the partner's for 60 days from the approval, and can be extended once by 20 days." in told
    assert (
        "- An account in Field without activity for 30 days and no open opportunity goes back to House; its owner is"
        " told at least 10 days before." in told
    )
    assert "- Accounts of House can be claimed by whoever wants to work on them, for 90 days." in told
    assert "- Large deals go to East: `amount_usd >= 100000`." in told
    assert "somebody chooses; nothing is decided unseen" in told
    assert "- Call before you write." in told
    assert "- No account can be claimed." in render(Engagement())


@given(st.text())
def test_what_somebody_wrote_is_never_mark_up(text):
    told = safe(text)

    assert "\n" not in told
    assert "<" not in told
    assert not re.search(r"(?<!\\)[*_`\[\]#|]", told.replace("\\\\", ""))


def test_a_change_of_the_settings_is_a_new_version_and_the_old_one_stays_readable(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        first = acknowledging.keep(tx, at=MONDAY)
        set_rules(tx, RULES.replace("days: 60", "days: 61"))

        second = acknowledging.document(tx, by=ANN, at=after(1))

        assert (first.version, second.version, first.digest == second.digest) == (1, 2, False)
        assert acknowledging.document(tx, version=1, by=ANN, at=after(1)) == first
        set_rules(tx, RULES.replace("days: 60", "days: 61") + "# another comment\n")
        assert acknowledging.keep(tx, at=after(2)).version == 2, "rules that say the same are the same version"
        with pytest.raises(NoDocument, match="no version 9 of the rules of engagement; the newest is 2"):
            acknowledging.document(tx, version=9, by=ANN, at=after(2))


def test_reps_acknowledge_and_managers_see_who_has_not(record):
    with record.writing() as tx:
        a_field(tx)
        done = acknowledging.acknowledge(tx, version=1, by=ANN, at=MONDAY)
        again = acknowledging.acknowledge(tx, by=ANN, at=after(1))

        def missing(by, at=MONDAY):
            return [one.person_id for one in acknowledging.acknowledgements(tx, missing=True, by=by, at=at).rows]

        assert (done.version, again.at) == (1, MONDAY)
        assert [missing(who) for who in (ANN, MIA, MAX)] == [[], ["bo", "mia"], ["cem", "max", "zoe"]]
        assert "ann" not in missing(ADA)
        assert missing(VIC) == missing(ADA)
        assert len(missing(FIN)) == 11
        set_rules(tx, RULES.replace("days: 60", "days: 61"))
        with pytest.raises(OldDocument, match="Version 1 of the rules of engagement is not the newest; read version 2"):
            acknowledging.acknowledge(tx, version=1, by=ANN, at=after(2))
        assert missing(ANN, after(2)) == ["ann"]


def test_every_seat_of_the_settings_has_words():
    assert {seat for seats in Engagement().motions.values() for seat in seats} <= set(SEATS)
