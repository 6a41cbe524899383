"""Seats: several roles at a territory, filled by people or pools, vacant with somebody who looks after them."""

from __future__ import annotations

import pytest

from builders.company import DEED, NOW, START, a_company, day
from patchbook.changes import Replace, departure
from patchbook.errors import NotAllowed
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.period import Period
from patchbook.territories import actions as territories
from patchbook.territories import pools, seats
from patchbook.territories.territory import (
    BadTerritory,
    LeavesAGap,
    Member,
    SeatRole,
    StillNeeded,
    UnknownPool,
    UnknownSeat,
    UnknownTerritory,
)


def fillers(tx, seat_id: str) -> list[tuple[str, str]]:
    return [(str(one.valid), str(one.filler)) for one in seats.history(tx, seat_id, **DEED)]


def test_a_territory_has_several_roles_and_several_seats_of_one(record):
    with record.writing() as tx:
        company = a_company(tx)
        here = company.territory["North 1"]
        for role, who in (("sdr", "bob"), ("csm", None), ("sdr", "cyd"), ("overlay", "zoe")):
            seats.open_seat(tx, here, role, person_id=who, since=day(2), **DEED)
        there = seats.seats(tx, here, on=day(2), **DEED)
        before = seats.seats(tx, here, on=START, **DEED)

    assert [(one.seat.role, one.seat.number, str(one.filler)) for one in there] == [
        (SeatRole.CSM, 1, "vacant, nora in the interim"),
        (SeatRole.OVERLAY, 1, "zoe"),
        (SeatRole.OWNER, 1, "ann"),
        (SeatRole.SDR, 1, "bob"),
        (SeatRole.SDR, 2, "cyd"),
    ]
    assert [one.seat.role for one in before] == [SeatRole.OWNER]


def test_a_seat_is_somebodys_from_the_day_it_is_there(record):
    with record.writing() as tx:
        company = a_company(tx)
        people.employ(tx, "zoe", Period(day(1, year=2020), day(5)), **DEED)
        made = seats.open_seat(tx, company.territory["North 1"], "se", person_id="zoe", since=day(2), **DEED)

        assert fillers(tx, made.seat_id) == [
            ("[2027-02-01, 2027-05-01)", "zoe"),
            ("[2027-05-01, open)", "vacant, nora in the interim"),
        ]


def test_whoever_looks_after_a_vacant_seat_is_replaced_by_the_next_above_when_they_leave(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "nora", on=day(9), default=Replace("zoe"), **DEED)
        seats.staff(tx, company.seat["ann"], period=Period(day(3)), **DEED)

        assert fillers(tx, company.seat["ann"])[1:] == [
            ("[2027-03-01, 2027-09-01)", "vacant, nora in the interim"),
            ("[2027-09-01, open)", "vacant, mia in the interim"),
        ]


def test_a_pool_fills_a_seat(record):
    with record.writing() as tx:
        company = a_company(tx)
        members = [Member(person_id="bob", weight=2), Member(person_id="cyd")]
        pool = pools.add_pool(tx, "Inbound", members, **DEED)
        seats.staff(tx, company.seat["ann"], pool_id=pool.pool_id, period=Period(day(3), day(5)), **DEED)

        assert [filler for _, filler in fillers(tx, company.seat["ann"])] == ["ann", f"pool {pool.pool_id}", "ann"]
        assert pools.get_pool(tx, pool.pool_id, **DEED).members == tuple(members)
        assert [one.name for one in pools.pools(tx, **DEED).rows] == ["Inbound"]


def test_a_seat_with_accounts_is_never_left_to_nobody(record):
    with record.writing() as tx:
        company = a_company(tx)
        alone = territories.add(tx, "Island", since=START, **DEED)
        made = seats.open_seat(tx, alone.territory_id, "owner", person_id="zoe", since=START, **DEED)
        seats.staff(tx, made.seat_id, period=Period(day(3), day(4)), **DEED)  # it has no accounts: nobody is missed
        territories.move_subtree(tx, company.territory["North 1"], None, on=START, **DEED)

        with pytest.raises(LeavesAGap, match="would leave 3 accounts with nobody from"):
            seats.staff(tx, company.seat["ann"], period=Period(day(3)), **DEED)


def test_a_seat_is_filled_only_while_it_is_there(record):
    with record.writing() as tx:
        company = a_company(tx, accounts=0)
        made = seats.open_seat(tx, company.territory["North 1"], "se", person_id="zoe", since=day(3), **DEED)
        territories.close(tx, company.territory["North 1"], on=day(9), **DEED)

        for period in (Period(day(2), day(5)), Period(day(8), day(10))):
            with pytest.raises(StillNeeded, match="is not there all the time from"):
                seats.staff(tx, made.seat_id, person_id="bob", period=period, **DEED)


@pytest.mark.parametrize(
    ("told", "error", "says"),
    [
        ({"person_id": "ann", "pool_id": "p"}, BadTerritory, "name one of them"),
        ({"person_id": "nobody"}, UnknownPerson, "no person 'nobody'"),
        ({"pool_id": "nothing"}, UnknownPool, "no pool 'nothing'"),
        ({"person_id": "old"}, NotEmployed, "old is not employed on 2027-03-01; the record has"),
        ({"interim_id": "old"}, NotEmployed, "old is not employed on 2027-03-01"),
    ],
)
def test_a_filler_that_cannot_be_is_refused_in_a_sentence(record, told, error, says):
    with record.writing() as tx:
        company = a_company(tx)
        old = Period(day(1, year=2020), day(1, year=2021))
        people.add(tx, Person(person_id="old", name="Old"), employed=old, **DEED)
        with pytest.raises(error, match=says):
            seats.staff(tx, company.seat["ann"], **told, period=Period(day(3)), **DEED)
        with pytest.raises(error, match=says):
            seats.open_seat(tx, company.territory["North 1"], "se", **told, since=day(3), **DEED)


def test_unknown_seats_roles_and_territories_are_refused(record):
    with record.writing() as tx:
        company = a_company(tx)
        with pytest.raises(UnknownSeat, match="no seat 'throne'"):
            seats.staff(tx, "throne", period=Period(START), **DEED)
        with pytest.raises(BadTerritory, match="no role 'king' of a seat; there are owner, sdr"):
            seats.open_seat(tx, company.territory["North"], "king", since=START, **DEED)
        with pytest.raises(UnknownTerritory, match="no territory 'atlantis'"):
            seats.open_seat(tx, "atlantis", since=START, **DEED)
        with pytest.raises(UnknownTerritory):
            seats.open_seat(tx, company.territory["North"], since=day(1, year=2026), **DEED)


def test_a_manager_fills_seats_in_their_own_subtree_only(record):
    with record.writing() as tx:
        company = a_company(tx)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        rep = Principal(person_id="ann", grants=(Grant(Role.REP),))
        seats.staff(tx, company.seat["ann"], person_id="bob", period=Period(day(3)), by=nora, at=NOW)

        with pytest.raises(UnknownSeat) as hidden:
            seats.staff(tx, company.seat["dan"], person_id="bob", period=Period(day(3)), by=nora, at=NOW)
        with pytest.raises(UnknownSeat):
            seats.history(tx, company.seat["dan"], by=nora, at=NOW)
        with pytest.raises(UnknownTerritory):
            seats.seats(tx, company.territory["South 1"], on=START, by=nora, at=NOW)
        with pytest.raises(NotAllowed, match="may change people"):
            seats.staff(tx, company.seat["ann"], person_id="ann", period=Period(day(3)), by=rep, at=NOW)
        with pytest.raises(NotAllowed, match="may edit territories"):
            seats.open_seat(tx, company.territory["North"], since=START, by=nora, at=NOW)

    assert str(hidden.value) == f"There is no seat {company.seat['dan']!r}."
