"""A partner registers a deal, and the account is theirs for its window unless somebody works on it already."""

from __future__ import annotations

import pytest

from builders.engagement import a_field, after
from builders.together import ADA, ANN, BO, CEM, FIN, HAL, MAX, MIA, MONDAY, TUESDAY, a_deal
from patchbook.engagement import registering
from patchbook.engagement.registration import (
    BadRegistration,
    ChannelConflict,
    NoRegistration,
    OwnRegistration,
    RegistrationStep,
    Status,
)
from patchbook.errors import NotAllowed
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import UnknownAccount
from patchbook.people.principal import system


def register(tx, account: str = "A1", *, partner: str = "Acme Resale", by=HAL, at=MONDAY, **changes):
    told = {"deal": "Data centre", "reason": "They sold the last one.", "person_id": "bo", **changes}
    return registering.register(tx, account, partner=partner, **told, by=by, at=at)


def partner(tx, on, account: str = "A1") -> str | None:
    return ledger.owner(tx, account, role="partner", on=on, by=system(), at=on).person_id


def test_a_registration_gives_the_partner_role_for_its_window_and_is_extended_once(record):
    with record.writing() as tx:
        a_field(tx)
        made = register(tx)
        assert partner(tx, TUESDAY) is None

        agreed = registering.approve(tx, made.registration_id, "Fine.", by=MIA, at=TUESDAY)

        assert (made.status, agreed.status) == (Status.REQUESTED, Status.APPROVED)
        assert [partner(tx, after(days)) for days in (0.5, 2, 60, 62)] == [None, "bo", "bo", None]
        assert registering.partner_of_record(tx, "A1", on=after(10)).partner == "Acme Resale"
        longer = registering.extend(tx, made.registration_id, by=MIA, at=after(40))
        assert (longer.ends - agreed.ends).days == 20
        assert [partner(tx, after(days)) for days in (39, 62, 80, 82)] == ["bo", "bo", "bo", None]
        with pytest.raises(RegistrationStep, match="a registration is extended once"):
            registering.extend(tx, made.registration_id, by=MIA, at=after(41))
        assert registering.partner_of_record(tx, "A1", on=after(82)) is None
        with pytest.raises(RegistrationStep, match=r"ended on .*only one in force can be extended"):
            registering.extend(tx, made.registration_id, by=MIA, at=after(90))


def test_a_deal_of_our_own_or_another_partner_is_a_channel_conflict_told_in_one_sentence(record):
    with record.writing() as tx:
        a_field(tx)
        a_deal(tx, "A1", "ann")
        register(tx, "A2")

        with pytest.raises(ChannelConflict, match="Acme Resale cannot register a deal on A1: our own deal deal-A1 is"):
            register(tx)
        with pytest.raises(
            ChannelConflict, match=r"Acme Resale registered 'Data centre' on .* and waits for an answer"
        ):
            register(tx, "A2", partner="Other Resale")
        rivals = registering.conflicts(tx, "A1", partner="Acme", by=ANN, at=MONDAY)
        assert [(one.kind, one.subject_id) for one in rivals] == [("opportunity", "deal-A1")]


def test_a_deal_opened_before_the_answer_stops_the_approval(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        made = register(tx)
        a_deal(tx, "A1", "ann")

        with pytest.raises(ChannelConflict):
            registering.approve(tx, made.registration_id, by=MIA, at=TUESDAY)


def test_only_who_decides_there_and_did_not_ask_approves(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        made = register(tx)
        of_mia = register(tx, "A2", by=MIA, partner="Other")

        for who in (ANN, FIN):
            with pytest.raises(NotAllowed):
                registering.approve(tx, made.registration_id, by=who, at=TUESDAY)
        with pytest.raises(OwnRegistration, match="does not approve it"):
            registering.approve(tx, of_mia.registration_id, by=MIA, at=TUESDAY)
        with pytest.raises(NoRegistration):
            registering.approve(tx, made.registration_id, by=MAX, at=TUESDAY)
        assert registering.reject(tx, made.registration_id, "No.", by=ADA, at=TUESDAY).comment == "No."
        with pytest.raises(RegistrationStep, match="is rejected"):
            registering.approve(tx, made.registration_id, by=MIA, at=TUESDAY)


def test_a_registration_ends_early_or_is_taken_back(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        one, other = register(tx), register(tx, "A2")
        registering.approve(tx, one.registration_id, by=MIA, at=MONDAY)

        registering.end(tx, one.registration_id, "The partner left.", by=MIA, at=after(5))
        with pytest.raises(OwnRegistration, match="hal registered this deal"):
            registering.withdraw(tx, other.registration_id, by=MIA, at=TUESDAY)
        gone = registering.withdraw(tx, other.registration_id, by=HAL, at=TUESDAY)

        assert [partner(tx, after(days)) for days in (4, 5)] == ["bo", None]
        assert gone.status is Status.WITHDRAWN
        assert register(tx, at=after(6)).status is Status.REQUESTED


def test_what_cannot_be_registered_is_refused_in_a_sentence(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        with pytest.raises(BadRegistration, match="names the deal in 1 to 2,000 characters; this has 0"):
            register(tx, deal=" ")
        with pytest.raises(BadRegistration, match="Nobody has the partner seat of A1; say who looks after Acme"):
            register(tx, person_id=None)
        with pytest.raises(UnknownAccount):
            register(tx, "A3", by=MIA)
        register(tx, "A1")
        register(tx, "A2")
        with pytest.raises(BadRegistration, match="has 2 registrations waiting or in force, which is all it may"):
            register(tx, "A4", partner="ACME resale")


def test_each_sees_the_registrations_of_their_accounts(record):
    with record.writing() as tx:
        a_field(tx)
        made = register(tx)

        def seen(by):
            page = registering.registrations(tx, by=by, at=TUESDAY)
            return [one.registration_id for one in page.rows]

        assert [seen(by) for by in (ANN, BO, MIA, ADA)] == [[made.registration_id]] * 4
        assert seen(CEM) == seen(MAX) == []
