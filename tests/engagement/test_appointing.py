"""A multinational has one owner everywhere and others by country, and a site that comes later is theirs too."""

from __future__ import annotations

import pytest

from builders.engagement import a_field, after
from builders.together import ADA, ANN, MIA, MONDAY
from patchbook.engagement import answers, appointing, claiming
from patchbook.engagement.family import BadAppointment, NoAppointment
from patchbook.errors import NotAllowed
from patchbook.imports import actions as imports
from patchbook.ledger import actions as ledger
from patchbook.people.principal import system

SITES = """\
account_id,name,parent_id,country
A1,Acme,,US
A2,Acme Deutschland,A1,DE
A3,Acme Wien,A1,AT
H1,Acme Bonn,A1,DE
"""


def an_acme(tx, more: str = "") -> None:
    imports.accounts(tx, f"{SITES}{more}".encode(), name="accounts.csv", by=ADA, at=MONDAY)


def owners(tx, role: str = "owner", on=None) -> list[str | None]:
    on = on or after(1)
    return [ledger.owner(tx, site, role=role, on=on, by=system(), at=on).person_id for site in ("A1", "A2", "A3", "H1")]


def test_a_global_owner_and_regional_owners_share_a_family(record):
    with record.writing() as tx:
        a_field(tx)
        an_acme(tx)
        claiming.claim(tx, "H1", "I know them.", by=ANN, at=MONDAY)

        everywhere = appointing.appoint(tx, "A2", "cem", reason="The buyer sits in the US.", by=ADA, at=MONDAY)
        german = appointing.appoint(tx, "A1", "zoe", country="Germany", reason="Speaks German.", by=ADA, at=MONDAY)

        assert everywhere.sites == ("A1", "A2", "A3", "H1")
        assert (german.sites, german.left, german.appointment.country) == (("A2",), ("H1",), "DE")
        assert owners(tx) == ["ann", "zoe", "cem", "ann"]
        assert owners(tx, "global") == ["cem"] * 4
        found = appointing.multinational(tx, "A1", by=ADA, at=after(1))
        assert found.says == "A1 is owned globally by cem; zoe in DE."
        assert [(one.account_id, one.country, one.person_id) for one in found.sites] == [
            ("A1", "US", "ann"), ("A2", "DE", "zoe"), ("A3", "AT", "cem"), ("H1", "DE", "ann"),
        ]  # fmt: skip
        assert answers.family_of(tx, "H1").countries == ("AT", "DE", "US")
        assert {one.account_id for one in appointing.multinational(tx, "A1", by=ANN, at=after(1)).sites} == {
            "A1",
            "A2",
            "H1",
        }


def test_a_site_that_comes_later_is_given_once_and_an_appointment_can_end(record):
    with record.writing() as tx:
        a_field(tx)
        an_acme(tx)
        made = appointing.appoint(tx, "A1", "zoe", country="DE", reason="Speaks German.", by=ADA, at=MONDAY)
        an_acme(tx, "H2,Acme Köln,A1,DE\n")

        assert (appointing.reach_new_sites(tx, at=after(1)), appointing.reach_new_sites(tx, at=after(2))) == (1, 0)
        assert ledger.owner(tx, "H2", on=after(3), by=system(), at=after(3)).person_id == "zoe"
        appointing.end(tx, made.appointment.appointment_id, why="She left the country.", by=ADA, at=after(4))
        assert owners(tx, on=after(5)) == ["ann", "ann", "cem", None]
        with pytest.raises(BadAppointment, match="only one that holds now can be ended"):
            appointing.end(tx, made.appointment.appointment_id, why="Again.", by=ADA, at=after(6))


def test_who_cannot_be_appointed_is_refused_in_a_sentence(sqlite_record):
    with sqlite_record.writing() as tx:
        a_field(tx)
        an_acme(tx)
        with pytest.raises(BadAppointment, match="The family of A1 has no site in FR; its countries are AT, DE, US"):
            appointing.appoint(tx, "A1", "zoe", country="France", reason="No.", by=ADA, at=MONDAY)
        with pytest.raises(BadAppointment, match="'Atlantis' is no country; write one as DE or Germany"):
            appointing.appoint(tx, "A1", "zoe", country="Atlantis", reason="No.", by=ADA, at=MONDAY)
        with pytest.raises(NotAllowed):
            appointing.appoint(tx, "A1", "zoe", reason="No.", by=MIA, at=MONDAY)
        with pytest.raises(NoAppointment):
            appointing.end(tx, "nothing", why="No.", by=ADA, at=MONDAY)
        assert answers.family_of(tx, "A9") is None
        assert answers.partner_of(tx, "A1", on=MONDAY) is None
