"""Somebody joins: they fill a vacant seat, or a new territory is peeled off its neighbours."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from builders.company import DEED, NOW, START, a_company, assign, day
from patchbook.audit.store import event
from patchbook.changes import departure, hire, peel, uncovered
from patchbook.changes.change import BadChange
from patchbook.changes.hire import SeatIsTaken
from patchbook.errors import Conflict, NotFound
from patchbook.holdovers.holdover import HoldoverRule, Policy, Treatment
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity, override
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import NotEmployed
from patchbook.period import FOREVER, Period
from patchbook.territories import seats
from patchbook.territories.territory import UnknownSeat

ON = day(6)
NEW = Person(person_id="kim", name="Kim", latitude=52.5, longitude=13.4)


def fillers(tx, seat_id: str) -> list[tuple[str, str]]:
    return [(str(one.valid), str(one.filler)) for one in seats.history(tx, seat_id, **DEED)]


def accounts_of(tx, territory_id: str, on=ON) -> set[str]:
    here = (assignment.c.territory_id == territory_id, assignment.c.recorded_to == FOREVER)
    then = (assignment.c.valid_from <= on, assignment.c.valid_to > on)
    return set(tx.execute(select(assignment.c.account_id).where(*here, *then)).scalars())


@pytest.mark.parametrize("who", ["zoe", NEW])
def test_a_vacant_seat_is_filled_from_a_day_on(record, who):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        seen = hire(tx, who, company.seat["ann"], on=ON, preview=True, **DEED)
        done = hire(tx, who, company.seat["ann"], on=ON, **DEED)
        name = getattr(who, "person_id", who)

        assert fillers(tx, company.seat["ann"])[1:] == [
            ("[2027-03-01, 2027-06-01)", "vacant, nora in the interim"),
            ("[2027-06-01, open)", name),
        ]
        assert people.get(tx, name, **DEED).employed[-1].end == FOREVER
        assert done.summary == seen.summary
        assert done.accounts_after == 3
        assert uncovered(tx, on=START) == []


def test_what_is_planned_for_the_seat_later_still_holds(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        seats.staff(tx, company.seat["ann"], person_id="bob", period=Period(day(9)), **DEED)
        hire(tx, "zoe", company.seat["ann"], on=ON, **DEED)

        assert fillers(tx, company.seat["ann"])[2:] == [
            ("[2027-06-01, 2027-09-01)", "zoe"),
            ("[2027-09-01, open)", "bob"),
        ]


def test_a_hire_that_cannot_be_is_refused_in_a_sentence(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "zoe", on=day(3), **DEED)
        departure(tx, "ann", on=day(3), **DEED)
        with pytest.raises(SeatIsTaken, match="is filled by bob on 2027-06-01; hand it over by a departure"):
            hire(tx, NEW, company.seat["bob"], on=ON, **DEED)
        with pytest.raises(NotEmployed, match="zoe is not employed on 2027-06-01"):
            hire(tx, "zoe", company.seat["ann"], on=ON, **DEED)
        with pytest.raises(Conflict, match="There is a person 'bob' already; name them by their id"):
            hire(tx, Person(person_id="bob", name="Bob"), company.seat["ann"], on=ON, **DEED)
        with pytest.raises(UnknownSeat, match="no seat 'throne'"):
            hire(tx, NEW, "throne", on=ON, **DEED)


def test_a_manager_hires_into_their_own_subtree_only(record):
    with record.writing() as tx:
        company = a_company(tx)
        for who in ("ann", "dan"):
            departure(tx, who, on=day(3), **DEED)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        hire(tx, NEW, company.seat["ann"], on=ON, by=nora, at=NOW)

        with pytest.raises(UnknownSeat):
            hire(tx, Person(person_id="lee", name="Lee"), company.seat["dan"], on=ON, by=nora, at=NOW)
        with pytest.raises(NotFound):
            peel(tx, "kim", name="X", parent_id=company.territory["South"], on=ON, by=nora, at=NOW)


def test_a_starter_book_is_peeled_off_whoever_has_too_much_with_the_fewest_moves(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 20, "North 2": 8, "North 3": 4})
        where = {"name": "North 4", "parent_id": company.territory["North"], "on": ON}
        seen = peel(tx, NEW, **where, preview=True, **DEED)
        done = peel(tx, NEW, **where, **DEED)
        made = done.made["territory_id"]

        # 32 accounts among four: everybody's target is 8, and only ann has more.
        assert {one.person_id: (one.before, one.after, one.target) for one in done.gives} == {"ann": (20, 12, 8)}
        assert (done.takes[0].weight, done.takes[0].target, done.accounts_moved) == (8, 8, 8)
        assert len(accounts_of(tx, made)) == 8
        assert accounts_of(tx, made, on=day(5)) == set()
        assert fillers(tx, done.made["seat_id"]) == [("[2027-06-01, open)", "kim")]
        assert (seen.gives, seen.accounts_moved) == (done.gives, done.accounts_moved)
        assert uncovered(tx, on=START) == []


def test_a_peel_leaves_open_deals_where_the_policy_says(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 4})
        deals = [{"opportunity_id": f"O{number}", "account_id": f"North 1/{number}"} for number in range(4)]
        tx.execute(insert(opportunity), deals)
        policy = Policy(rules=(HoldoverRule(treatment=Treatment.EXEMPT),))
        where = {"name": "North 4", "parent_id": company.territory["North"], "on": ON, "policy": policy}
        done = peel(tx, NEW, **where, **DEED)

        held = select(override.c.person_id, override.c.kind, override.c.valid_from, override.c.account_id)
        moved = done.gives[0].account_ids
        assert tx.execute(held).all() == [("ann", "holdover", ON, account) for account in moved]
        assert f"ann keeps {len(moved)} open {'deal' if len(moved) == 1 else 'deals'} of accounts that move." in (
            done.summary
        )


def test_a_peel_takes_the_heaviest_first_and_leaves_what_is_fixed(record):
    weights = {f"North 1/{number}": 10.0 if number < 4 else 1.0 for number in range(24)}
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 24})
        fact = {"account_id": "North 1/0", "role": "owner", "person_id": "bob", "kind": "named"}
        lay(tx, override, [{**fact, "valid_from": START, "cause": "x", "source": "", "reason": "x"}], at=NOW)
        done = peel(
            tx,
            NEW,
            name="North 4",
            parent_id=company.territory["North"],
            on=ON,
            weights=weights,
            neighbours=[company.territory["North 1"]],
            **DEED,
        )

    assert done.takes[0].account_ids[:3] == ("North 1/1", "North 1/2", "North 1/3")
    assert "North 1/0" not in done.takes[0].account_ids
    assert done.takes[0].weight == pytest.approx(30.0)


def test_a_peel_keeps_families_together_and_prefers_what_is_near(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 8})
        family = {f"North 1/{number}": "acme" for number in (0, 7)}
        near = {f"North 1/{number}": (52.5 - number, 13.4) for number in range(8)}
        done = peel(
            tx,
            NEW,
            name="North 4",
            parent_id=company.territory["North"],
            on=ON,
            families=family,
            positions=near,
            neighbours=[company.territory["North 1"]],
            share=0.5,
            **DEED,
        )

    assert done.takes[0].target == pytest.approx(8 / 3)
    assert done.takes[0].account_ids == ("North 1/1", "North 1/2")


def test_a_peel_with_nothing_to_give_is_refused(record):
    with record.writing() as tx:
        company = a_company(tx, accounts=0)
        before = tx.execute(select(func.count()).select_from(event)).scalar()
        with pytest.raises(BadChange, match="No territory beside the new one has accounts to give"):
            peel(tx, NEW, name="North 4", parent_id=company.territory["North"], on=ON, **DEED)
        with pytest.raises(BadChange, match="start with 2 of a full book"):
            peel(tx, NEW, name="North 4", parent_id=company.territory["North"], on=ON, share=2, **DEED)
        assign(tx, {})

        assert tx.execute(select(func.count()).select_from(event)).scalar() == before
