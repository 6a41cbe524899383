"""Whoever takes over an account gets one page of what is going on there."""

from __future__ import annotations

import pytest

from builders.engagement import a_field, after
from builders.together import ANN, BO, CEM, MIA, MONDAY, a_deal
from patchbook.engagement import outreach, registering, timing_out, transition
from patchbook.ledger.answers import UnknownAccount


def test_the_pack_tells_deals_partners_warnings_and_what_was_done(record):
    with record.writing() as tx:
        a_field(tx)
        registering.register(
            tx, "A1", partner="Acme <b>", deal="Big", reason="Theirs.", person_id="bo", by=MIA, at=MONDAY
        )
        timing_out.enforce(tx, MONDAY)
        a_deal(tx, "A1", "ann")
        outreach.note(tx, "A1", "call", "They *like* it.", by=ANN, at=after(1))

        found = transition.pack(tx, "A1", by=ANN, at=after(2))

        assert found.owner_id == "ann"
        assert [one.kind for one in found.lines] == ["owner", "deal", "registration", "warning", "activity"]
        assert "## Partners\n\n- Acme &lt;b&gt; registered 'Big', waiting for an answer" in found.markdown
        assert "They \\*like\\* it." in found.markdown
        assert found.table.columns == ["kind", "subject_id", "person_id", "since", "until", "says"]
        for who in (BO, CEM):
            with pytest.raises(UnknownAccount):
                transition.pack(tx, "A4" if who is BO else "A1", by=who, at=after(2))
