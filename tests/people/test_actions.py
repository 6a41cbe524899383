"""People in the record: added, changed, taken from a file, employed; and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from builders.counting import statements
from patchbook.audit.store import event
from patchbook.errors import Conflict, NotAllowed
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import staffing
from patchbook.people import actions as people
from patchbook.people.actions import WorkRemains
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import BadProfile, ManagerCycle, Profile, StaleRevision, UnknownPerson
from patchbook.period import FOREVER, Period
from patchbook.territories.store import seat, territory

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
PLANNER = Principal(person_id="pat", grants=(Grant(Role.PLANNER),))
REP = Principal(person_id="ann", grants=(Grant(Role.REP),))
DEED = {"by": PLANNER, "at": NOW}


def day(month: int, number: int = 1) -> datetime:
    return datetime(2027, month, number, tzinfo=UTC)


def hired(tx, *names: str, **told) -> None:
    for name in names:
        people.add(tx, Person(person_id=name, name=name.title(), **told), employed=Period(day(1)), **DEED)


def test_a_person_is_kept_as_they_were_told(record):
    ann = Profile(
        person_id="ann",
        name="Ann",
        email="ann@example.org",
        skills=frozenset({"steel", "glass"}),
        latitude=52.5,
        longitude=13.4,
        time_zone="Europe/Berlin",
        working_hours={"monday": (("09:00", "17:30"),)},
        capacity=0.5,
        other={"city": "Berlin"},
    )
    with record.writing() as tx:
        people.add(tx, ann, employed=Period(day(1)), **DEED)

    with record.reading() as tx:
        assert people.get(tx, "ann", **DEED) == replace(ann, employed=(Period(day(1)),))


def test_a_stale_revision_is_told_who_changed_what_was_read(record):
    with record.writing() as tx:
        hired(tx, "ann")
        changed = people.change(tx, "ann", 1, role="manager", **DEED)

        with pytest.raises(StaleRevision, match="ann is at revision 2, and you read revision 1; pat changed it on"):
            people.change(tx, "ann", 1, role="rep", **DEED)

    assert changed.revision == 2


def test_a_change_of_personal_data_leaves_none_of_it_in_the_audit_trail(record):
    with record.writing() as tx:
        hired(tx, "ann")
        people.change(tx, "ann", 1, name="Ann Secret", email="ann@secret.org", capacity=0.5, **DEED)
        told = str(tx.execute(select(event.c.before, event.c.after)).all())

    assert "ecret" not in told
    assert "'capacity': 0.5" in told


def test_a_line_of_managers_never_comes_back_to_its_start(record):
    with record.writing() as tx:
        hired(tx, "ann")
        hired(tx, "bob", manager_id="ann")
        hired(tx, "cyd", manager_id="bob")

        with pytest.raises(ManagerCycle, match="a line of managers must end somewhere"):
            people.change(tx, "ann", 1, manager_id="cyd", **DEED)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"time_zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"working_hours": {"someday": ()}}, "the day 'someday'"),
        ({"working_hours": {"monday": (("17:00", "09:00"),)}}, "17:00 to 09:00"),
        ({"working_hours": {"monday": (("9", "17"),)}}, "write a stretch as 09:00"),
        ({"ramp": 2.0}, "ramp between 0 and 1"),
        ({"manager_id": "ann"}, "their own manager"),
        ({"shoe_size": 43}, "no field 'shoe_size'"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(record, changed, says):
    with record.writing() as tx:
        hired(tx, "ann")

        with pytest.raises(BadProfile, match=says):
            people.change(tx, "ann", 1, **changed, **DEED)


def test_two_people_never_share_an_id_or_an_address(record):
    with record.writing() as tx:
        hired(tx, "ann", email="ann@example.org")

        with pytest.raises(Conflict, match="There is a person 'ann' already"):
            hired(tx, "ann")
        with pytest.raises(Conflict, match="bob has the e-mail address of somebody else"):
            hired(tx, "bob", email="ann@example.org")


def test_a_list_goes_by_name_page_after_page(record):
    with record.writing() as tx:
        hired(tx, *(f"p{number:02}" for number in range(7)))

    with record.reading() as tx:
        seen, cursor = [], None
        while True:
            page = people.people(tx, after=cursor, limit=3, **DEED)
            seen += [profile.person_id for profile in page.rows]
            if (cursor := page.next_cursor) is None:
                break
        found = people.people(tx, search="P03", **DEED)
        nobody = people.people(tx, search="%", **DEED)
        later = people.people(tx, on=datetime(2026, 1, 1, tzinfo=UTC), **DEED)

    assert seen == [f"p{number:02}" for number in range(7)]
    assert [profile.person_id for profile in found.rows] == ["p03"]
    assert nobody.rows == later.rows == ()


def test_who_is_out_of_sight_is_as_unknown_as_who_is_not_there(record):
    with record.writing() as tx:
        hired(tx, "ann", "bob")

    with record.reading() as tx:
        page = people.people(tx, by=REP, at=NOW)
        with pytest.raises(UnknownPerson) as hidden:
            people.get(tx, "bob", by=REP, at=NOW)
        with pytest.raises(UnknownPerson) as missing:
            people.get(tx, "zed", by=REP, at=NOW)

    assert [profile.person_id for profile in page.rows] == ["ann"]
    assert str(hidden.value).replace("bob", "zed") == str(missing.value)


def test_a_manager_sees_who_reports_to_them(record):
    with record.writing() as tx:
        hired(tx, "mia")
        hired(tx, "bob", manager_id="mia")
        hired(tx, "cyd", manager_id="bob")
        hired(tx, "dan")
        mia = Principal(person_id="mia", grants=(Grant(Role.MANAGER),))

        page = people.people(tx, by=mia, at=NOW)

    assert [profile.person_id for profile in page.rows] == ["bob", "cyd", "mia"]


def test_only_those_who_may_change_people(record):
    with record.writing() as tx:
        hired(tx, "ann")

        with pytest.raises(NotAllowed, match="Only admins and planners may edit people"):
            people.change(tx, "ann", 1, role="manager", by=REP, at=NOW)


def test_people_of_a_file_are_added_changed_and_left(record):
    first = [Person(person_id="bob", name="Bob", manager_id="mia"), Person(person_id="ann", name="Ann")]
    second = [Person(person_id="ann", name="Ann", segment="field"), Person(person_id="bob", name="Bob"), first[0]]
    with record.writing() as tx:
        taken = people.take(tx, first, employed_from=day(1), **DEED)
        again = people.take(tx, first, employed_from=day(6), **DEED)
        third = people.take(tx, second, employed_from=day(6), **DEED)
        bob = people.get(tx, "bob", **DEED)

    assert (taken.added, taken.managers) == (("bob", "ann", "mia"), ("mia",))
    assert (again.added, again.changed, again.unchanged) == ((), (), 2)
    assert (third.changed, third.unchanged) == (("ann",), 1)
    assert (bob.manager_id, bob.employed) == ("mia", (Period(day(1)),))


def test_a_file_of_many_people_takes_few_statements(record):
    persons = [Person(person_id=f"p{number}", name=f"P {number}", manager_id="p0") for number in range(1, 3000)]
    with record.writing() as tx, statements(tx) as counted:
        people.take(tx, persons, employed_from=day(1), **DEED)

    assert counted.number < 60


def test_an_employment_is_shortened_extended_and_begun_again(record):
    with record.writing() as tx:
        hired(tx, "ann")
        shorter = people.employ(tx, "ann", Period(day(1), day(6)), **DEED)
        again = people.employ(tx, "ann", Period(day(9)), **DEED)
        whole = people.employ(tx, "ann", Period(day(6), day(9)), **DEED)
        later = people.employ(tx, "ann", Period(day(3), FOREVER), **DEED)

    assert shorter.employed == (Period(day(1), day(6)),)
    assert again.employed == (Period(day(1), day(6)), Period(day(9)))
    assert whole.employed == (Period(day(1)),)
    assert later.employed == (Period(day(3)),)


def test_an_employment_does_not_end_while_there_is_work_after_it(record):
    with record.writing() as tx:
        hired(tx, "ann")
        tx.execute(territory.insert().values(territory_id="here", made_at=NOW))
        tx.execute(seat.insert().values(seat_id="seat-1", territory_id="here", role="owner", made_at=NOW))
        why = {"cause": "test", "source": "", "reason": "test"}
        lay(tx, staffing, [{"seat_id": "seat-1", "person_id": "ann", "valid_from": day(2), **why}], at=NOW)
        before = tx.execute(select(func.count()).select_from(event)).scalar()

        with pytest.raises(WorkRemains, match=r"ann fills the seat seat-1 .* with a departure on 2027-06-01"):
            people.employ(tx, "ann", Period(day(1), day(6)), **DEED)

        assert tx.execute(select(func.count()).select_from(event)).scalar() == before
        assert people.employ(tx, "ann", Period(datetime(2020, 1, 1, tzinfo=UTC)), **DEED).revision == 1
