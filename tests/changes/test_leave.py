"""Somebody is away: one fact says who acts for them, and its end is their return."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from builders.company import DEED, NOW, a_company, day
from patchbook.changes import come_back, departure, leave, uncovered
from patchbook.changes.change import BadChange
from patchbook.changes.leave import CoverIsAway, OverlappingLeave
from patchbook.ledger.tables import assignment, cover
from patchbook.people import actions as people
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.period import FOREVER, Period

JUNE = Period(day(6), day(7))


def covers(tx) -> list[tuple[str, str, str]]:
    believed = select(cover).where(cover.c.recorded_to == FOREVER).order_by(cover.c.person_id, cover.c.valid_from)
    return [(row.person_id, row.cover_id, str(Period(row.valid_from, row.valid_to))) for row in tx.execute(believed)]


def test_a_leave_is_one_fact_and_its_end_is_the_return(record):
    with record.writing() as tx:
        a_company(tx)
        owners = tx.execute(select(assignment)).all()
        done = leave(tx, "ann", "bob", period=JUNE, **DEED)

        assert (done.closed, done.written) == (0, 1)
        assert done.summary == ("ann is away from 2027-06-01, back on 2027-07-01; bob acts for them on 3 accounts.",)
        assert covers(tx) == [("ann", "bob", "[2027-06-01, 2027-07-01)")]
        assert tx.execute(select(assignment)).all() == owners
        assert uncovered(tx, on=day(1)) == []


def test_who_comes_back_early_has_their_accounts_back(record):
    with record.writing() as tx:
        a_company(tx)
        leave(tx, "ann", "bob", period=JUNE, **DEED)
        leave(tx, "cyd", "bob", period=JUNE, **DEED)
        come_back(tx, "ann", on=day(6, 15), **DEED)
        called_off = come_back(tx, "cyd", on=day(5), **DEED)

        assert covers(tx) == [("ann", "bob", "[2027-06-01, 2027-06-15)")]
        assert called_off.on == JUNE.start
        with pytest.raises(BadChange, match="ann is not away on 2027-08-01 or later"):
            come_back(tx, "ann", on=day(8), **DEED)


def test_a_preview_of_a_leave_writes_nothing(record):
    with record.writing() as tx:
        a_company(tx)
        seen = leave(tx, "ann", "bob", period=JUNE, preview=True, **DEED)

        assert (seen.is_preview, seen.accounts_before, covers(tx)) == (True, 3, [])


@pytest.mark.parametrize(
    ("person", "cover_id", "period", "error", "says"),
    [
        (
            "ann",
            "cyd",
            Period(day(6, 20), day(8)),
            OverlappingLeave,
            r"ann is away from 2027-06-01 until .* choose days be",
        ),
        ("bob", "ann", JUNE, CoverIsAway, "two people cannot cover each other"),
        ("cyd", "ann", JUNE, CoverIsAway, "ann is away from .* themselves; name somebody who is there"),
        ("bob", "cyd", JUNE, CoverIsAway, "bob covers ann from .*; give ann another cover first"),
        ("ann", "ann", Period(day(8), day(9)), BadChange, "cannot act for themselves"),
        ("ann", "dan", Period(day(8), day(10)), NotEmployed, "dan is not employed on 2027-09-01"),
        ("ann", "bob", Period(day(1, year=2019), day(2)), NotEmployed, "ann is not employed on 2019-01-01"),
        ("nobody", "bob", JUNE, UnknownPerson, "no person 'nobody'"),
        ("ann", "nobody", JUNE, UnknownPerson, "no person 'nobody'"),
    ],
)
def test_a_leave_that_cannot_be_is_refused_in_a_sentence(record, person, cover_id, period, error, says):
    with record.writing() as tx:
        a_company(tx)
        departure(tx, "dan", on=day(9), **DEED)
        leave(tx, "ann", "bob", period=JUNE, **DEED)
        before = covers(tx)

        with pytest.raises(error, match=says):
            leave(tx, person, cover_id, period=period, **DEED)

        assert covers(tx) == before


def test_leaves_that_only_meet_do_not_overlap(record):
    with record.writing() as tx:
        a_company(tx)
        leave(tx, "ann", "bob", period=JUNE, **DEED)
        leave(tx, "ann", "cyd", period=Period(day(7), day(8)), **DEED)
        leave(tx, "bob", "cyd", period=Period(day(8), day(9)), **DEED)

        assert len(covers(tx)) == 3


def test_a_manager_arranges_leave_in_their_own_subtree_only(record):
    with record.writing() as tx:
        company = a_company(tx)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        leave(tx, "ann", "bob", period=JUNE, by=nora, at=NOW)

        for person, cover_id in (("dan", "bob"), ("cyd", "dan")):
            with pytest.raises(UnknownPerson, match="no person 'dan'"):
                leave(tx, person, cover_id, period=JUNE, by=nora, at=NOW)
        assert people.get(tx, "bob", by=nora, at=NOW).name == "Bob"
