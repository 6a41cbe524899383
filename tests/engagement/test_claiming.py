"""Reps take accounts nobody works on, within limits, and give them back."""

from __future__ import annotations

import pytest

from builders.engagement import a_field, after
from builders.together import ANN, BO, CEM, FIN, MAX, MIA, MONDAY, ZOE
from patchbook.engagement import claiming
from patchbook.engagement.claim import BadClaim, ClaimLimit, NoClaim, NotClaimable, Status
from patchbook.errors import NotAllowed
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import UnknownAccount
from patchbook.people.principal import system


def owner(tx, account: str, on) -> str | None:
    return ledger.owner(tx, account, on=on, by=system(), at=on).person_id


def test_a_claimed_account_is_the_reps_until_the_claim_ends_and_says_why(record):
    with record.writing() as tx:
        a_field(tx)
        listed = [one.account_id for one in claiming.claimable(tx, by=ZOE, at=MONDAY).rows]

        made = claiming.claim(tx, "H1", "I know the buyer.", by=ZOE, at=MONDAY)

        assert listed == ["H1", "H2", "H3", "H4"]
        assert [owner(tx, "H1", after(days)) for days in (0, 89, 91)] == ["zoe", "zoe", None]
        assert "Claimed: I know the buyer." in str(ledger.owner(tx, "H1", on=after(1), by=ZOE, at=after(1)).chain)
        assert [one.account_id for one in claiming.claimable(tx, by=ANN, at=after(1)).rows] == ["H2", "H3", "H4"]
        assert made.is_in_force(after(1))
        with pytest.raises(UnknownAccount):
            claiming.claim(tx, "H1", "Me too.", by=ANN, at=after(1))


def test_claims_have_limits_by_number_by_week_and_after_a_return(record):
    with record.writing() as tx:
        a_field(tx)
        first = claiming.claim(tx, "H1", "One.", by=ANN, at=MONDAY)
        claiming.claim(tx, "H2", "Two.", by=ANN, at=MONDAY)

        with pytest.raises(ClaimLimit, match="ann has 2 claims in force, and 2 are allowed; give one back first"):
            claiming.claim(tx, "H3", "Three.", by=ANN, at=MONDAY)
        claiming.give_back(tx, first.claim_id, "No budget there.", by=ANN, at=after(1))
        with pytest.raises(ClaimLimit, match=r"made 2 claims in the last seven days.*on 2027-01-11 09:00:00"):
            claiming.claim(tx, "H3", "Three.", by=ANN, at=after(1))
        with pytest.raises(ClaimLimit, match=r"H1 was returned from ann on .*can claim it again from 2027-02-04"):
            claiming.claim(tx, "H1", "Again.", by=ANN, at=after(9))
        assert claiming.claim(tx, "H1", "Mine now.", by=BO, at=after(9)).person_id == "bo"
        assert claiming.claim(tx, "H3", "Three.", by=ANN, at=after(9)).status is Status.HELD
        assert owner(tx, "H1", after(10)) == "bo"


def test_what_is_somebodys_or_not_open_is_not_claimed(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        with pytest.raises(NotClaimable, match="A1 belongs to Ann; `patchbook engagement claimable` lists"):
            claiming.claim(tx, "A1", "Mine.", by=ANN, at=MONDAY)
        with pytest.raises(UnknownAccount):
            claiming.claim(tx, "A3", "Mine.", by=ANN, at=MONDAY)
        with pytest.raises(BadClaim, match="says why"):
            claiming.claim(tx, "H1", "  ", by=ANN, at=MONDAY)
        with pytest.raises(NotAllowed):
            claiming.claim(tx, "H1", "Mine.", by=FIN, at=MONDAY)


def test_without_rules_nothing_can_be_claimed(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx, rules="engagement: {notes: [Be kind.]}")

        assert claiming.claimable(tx, by=ANN, at=MONDAY).rows == ()
        with pytest.raises(UnknownAccount):
            claiming.claim(tx, "H1", "Mine.", by=ANN, at=MONDAY)


def test_a_claim_is_seen_by_its_rep_and_their_managers_and_given_back_by_who_decides(record):
    with record.writing() as tx:
        a_field(tx)
        made = claiming.claim(tx, "H1", "Mine.", by=ANN, at=MONDAY)

        seen = {who.person_id: len(claiming.claims(tx, by=who, at=after(1)).rows) for who in (ANN, MIA, MAX, CEM)}
        assert seen == {"ann": 1, "mia": 1, "max": 0, "cem": 0}
        with pytest.raises(NoClaim):
            claiming.give_back(tx, made.claim_id, "Not theirs.", by=MAX, at=after(1))
        with pytest.raises(BadClaim, match="To give an account back, say why"):
            claiming.give_back(tx, made.claim_id, " ", by=ANN, at=after(1))
        claiming.give_back(tx, made.claim_id, "Enough.", by=ANN, at=after(1))
        with pytest.raises(NotClaimable, match="is returned; only one in force"):
            claiming.give_back(tx, made.claim_id, "Twice.", by=ANN, at=after(2))
