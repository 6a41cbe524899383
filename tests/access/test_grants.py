"""Roles: who may grant them, and that somebody always can."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders.roles import MONDAY, somebody
from patchbook import access
from patchbook.access.grants import AlreadyBegun, LastAdmin, NoSuchPerson
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.people.principal import Grant, Role, system


@pytest.fixture
def tx(company_tx):
    return company_tx


def roles(tx, who):
    return set(somebody(tx, who).grants)


def test_an_admin_grants_and_takes_away(tx):
    access.grant(tx, "rob", Role.PLANNER, territory_id="americas", by=somebody(tx, "ada"), at=MONDAY)
    assert roles(tx, "rob") == {Grant(Role.REP), Grant(Role.PLANNER, "americas")}

    access.revoke(tx, "rob", Role.PLANNER, territory_id="americas", by=somebody(tx, "ada"), at=MONDAY)
    assert roles(tx, "rob") == {Grant(Role.REP)}


def test_granting_twice_is_granting_once(tx):
    for _ in range(2):
        access.grant(tx, "rob", Role.PLANNER, by=somebody(tx, "ada"), at=MONDAY)

    assert len(access.grants(tx, "rob", by=somebody(tx, "rob"), at=MONDAY)) == 2


@pytest.mark.parametrize("who", ["paul", "max", "mia", "rob", "fay", "vic"])
def test_nobody_else_grants_also_not_to_themselves(tx, who):
    with pytest.raises(NotAllowed, match="Only admins may grant roles"):
        access.grant(tx, who, Role.ADMIN, by=somebody(tx, who), at=MONDAY)
    with pytest.raises(NotAllowed, match="Only admins may grant roles"):
        access.revoke(tx, "ada", Role.ADMIN, by=somebody(tx, who), at=MONDAY)


def test_everybody_sees_their_own_roles_and_an_admin_all(tx):
    assert [held.role for held in access.grants(tx, "rob", by=somebody(tx, "rob"), at=MONDAY)] == [Role.REP]
    assert [held.role for held in access.grants(tx, "rob", by=somebody(tx, "ada"), at=MONDAY)] == [Role.REP]
    with pytest.raises(NotAllowed):
        access.grants(tx, "rob", by=somebody(tx, "mia"), at=MONDAY)


def test_what_cannot_be_granted_is_explained(tx):
    ada = somebody(tx, "ada")

    with pytest.raises(NoSuchPerson, match="There is no person 'nobody'"):
        access.grant(tx, "nobody", Role.REP, by=ada, at=MONDAY)
    with pytest.raises(NotFound, match="There is no territory 'nowhere'"):
        access.grant(tx, "rob", Role.MANAGER, territory_id="nowhere", by=ada, at=MONDAY)
    with pytest.raises(BadInput, match="An admin is one for the whole company"):
        access.grant(tx, "rob", Role.ADMIN, territory_id="east", by=ada, at=MONDAY)
    with pytest.raises(NotFound, match="'rob' is not granted the role planner for 'east'"):
        access.revoke(tx, "rob", Role.PLANNER, territory_id="east", by=ada, at=MONDAY)


def test_the_last_admin_stays_one(tx):
    with pytest.raises(LastAdmin, match="'ada' is the only admin; make somebody else one first"):
        access.revoke(tx, "ada", Role.ADMIN, by=somebody(tx, "ada"), at=MONDAY)

    access.grant(tx, "paul", Role.ADMIN, by=somebody(tx, "ada"), at=MONDAY)
    access.revoke(tx, "ada", Role.ADMIN, by=somebody(tx, "ada"), at=MONDAY)
    assert roles(tx, "ada") == set()


def test_an_admin_who_left_does_not_count_as_one(tx):
    from patchbook.ledger.lay import lift
    from patchbook.people.store import employment

    access.grant(tx, "paul", Role.ADMIN, by=somebody(tx, "ada"), at=MONDAY)
    lift(tx, employment, [{"person_id": "paul", "valid_from": MONDAY}], at=MONDAY)

    with pytest.raises(LastAdmin):
        access.revoke(tx, "ada", Role.ADMIN, by=somebody(tx, "ada"), at=MONDAY)


def test_who_is_not_employed_yet_has_no_role(tx):
    assert access.principal(tx, "paul", at=MONDAY - timedelta(days=3650)).grants == ()
    assert access.principal(tx, "nobody", at=MONDAY).grants == ()
    assert access.principal(tx, "system", at=MONDAY).grants == ()  # nobody signs in as the record itself


def test_the_first_admin_is_made_once(record):
    with record.writing() as tx:
        ann = access.first_admin(tx, " Ann Smith ", "ann@example.com", at=MONDAY)
        assert access.principal(tx, ann, at=MONDAY).grants == (Grant(Role.ADMIN),)
        with pytest.raises(AlreadyBegun, match="an admin grants others theirs"):
            access.first_admin(tx, "Bob", "bob@example.com", at=MONDAY)


def test_the_first_admin_may_be_somebody_who_is_here(record):
    from sqlalchemy import insert

    from patchbook.people.store import person

    with record.writing() as tx:
        tx.execute(insert(person).values(person_id="bob", name="Bob", email="bob@example.com"))

        assert access.first_admin(tx, "Robert", "BOB@example.com", at=MONDAY) == "bob"


@pytest.mark.parametrize(
    ("name", "email", "match"), [("", "a@example.com", "has no name"), ("Ann", "ann", "'ann' is no e-mail address")]
)
def test_a_first_admin_needs_a_name_and_an_address_that_is_one(record, name, email, match):
    with record.writing() as tx, pytest.raises(BadInput, match=match):
        access.first_admin(tx, name, email, at=MONDAY)


def test_the_record_itself_may_grant(tx):
    access.grant(tx, "rob", Role.VIEWER, by=system(), at=MONDAY)

    assert Grant(Role.VIEWER) in roles(tx, "rob")
