"""A person leaves: everything they have is handed over in one deed, and no account is alone at any instant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from builders.company import DEED, NOW, START, a_company, assign, day
from builders.counting import statements
from patchbook.audit.store import event
from patchbook.changes import LeaveVacant, Replace, SplitOverTeam, departure, leave, uncovered
from patchbook.changes.change import BadChange
from patchbook.errors import NotAllowed, NotFound
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.people.store import employment
from patchbook.period import FOREVER, Period
from patchbook.territories import pools, seats, splits
from patchbook.territories.territory import LeavesAGap, Member, Share, StillNeeded

ON = day(6)


def fillers(tx, seat_id: str) -> list[tuple[str, str]]:
    return [(str(one.valid), str(one.filler)) for one in seats.history(tx, seat_id, **DEED)]


def facts(tx, table) -> int:
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


def gaps(tx) -> list:
    return uncovered(tx, on=START)


def test_a_seat_handed_to_somebody_else_changes_one_fact_however_many_accounts_it_has(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 500})
        before = facts(tx, assignment)
        done = departure(tx, "ann", on=ON, default=Replace("zoe"), **DEED)

        assert fillers(tx, company.seat["ann"]) == [("[2027-01-01, 2027-06-01)", "ann"), ("[2027-06-01, open)", "zoe")]
        assert facts(tx, assignment) == before
        assert (done.accounts_before, done.accounts_moved, done.uncovered) == (500, 0, 0)
        assert (done.closed, done.written) == (2, 3)  # of staffing and employment: what was is closed, and succeeded
        assert people.get(tx, "ann", **DEED).employed == (Period(day(1, year=2020), ON),)
        assert gaps(tx) == []


def test_accounts_given_by_name_pass_to_somebody_for_as_long_as_they_work_at_one_instant(record):
    exception = {"account_id": "North 2/0", "role": "owner", "person_id": "ann", "kind": "exception"}
    why = {"cause": "exception", "source": "", "reason": "knows them"}
    with record.writing() as tx:
        a_company(tx)
        departure(tx, "zoe", on=day(9), **DEED)
        lay(tx, override, [{**exception, **why, "valid_from": START}], at=NOW)
    with record.writing() as tx:
        departure(tx, "ann", on=ON, overrides_to="zoe", **DEED)
        ends = (override.c.person_id, override.c.valid_from, override.c.valid_to)
        believed = select(*ends).where(override.c.recorded_to == FOREVER).order_by(override.c.valid_from)
        recorded = [max(tx.execute(select(one.c.recorded_from)).scalars()) for one in (override, staffing, employment)]

        assert tx.execute(believed).all() == [("ann", START, ON), ("zoe", ON, day(9))]
        assert len(set(recorded)) == 1
        assert gaps(tx) == []


def test_a_seat_left_vacant_is_looked_after_by_whoever_manages_it(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=ON, **DEED)
        departure(tx, "dan", on=ON, default=LeaveVacant("zoe"), **DEED)

        assert fillers(tx, company.seat["ann"])[-1] == ("[2027-06-01, open)", "vacant, nora in the interim")
        assert fillers(tx, company.seat["dan"])[-1] == ("[2027-06-01, open)", "vacant, zoe in the interim")
        assert gaps(tx) == []


def test_a_territory_is_split_over_the_team_by_capacity(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 10, "North 2": 4, "North 3": 4})
        people.change(tx, "cyd", 1, capacity=0.5, **DEED)
        done = departure(tx, "ann", on=ON, default=SplitOverTeam(), **DEED)
        where = tx.execute(
            select(assignment.c.territory_id, func.count())
            .where(assignment.c.recorded_to == FOREVER, assignment.c.valid_from <= ON, assignment.c.valid_to > ON)
            .group_by(assignment.c.territory_id)
        )

        assert dict(where.all()) == {company.territory["North 2"]: 12, company.territory["North 3"]: 6}
        assert {one.person_id: (one.before, one.after, one.target) for one in done.takes} == {
            "bob": (4, 12, 12),
            "cyd": (4, 6, 6),
        }
        assert done.accounts_moved == 10
        assert fillers(tx, company.seat["ann"])[-1][1] == "vacant, nora in the interim"
        assert gaps(tx) == []


def test_one_account_is_said_in_the_singular(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 1})
        done = departure(tx, "ann", on=ON, default=SplitOverTeam(("bob",)), **DEED)

    assert f"bob takes 1 account into {company.territory['North 2']}." in done.summary


def test_a_split_weighs_accounts_and_keeps_families_together(record):
    family = {"North 1/0": "acme", "North 1/1": "acme"}
    weights = {"North 1/0": 5.0, "North 1/1": 5.0, "North 1/2": 9.0}
    with record.writing() as tx:
        a_company(tx, accounts={"North 1": 3})
        done = departure(
            tx, "ann", on=ON, default=SplitOverTeam(("bob", "dan")), weights=weights, families=family, **DEED
        )

    assert {one.person_id: (one.account_ids, one.weight) for one in done.takes} == {
        "bob": (("North 1/0", "North 1/1"), 10.0),
        "dan": (("North 1/2",), 9.0),
    } or {one.person_id: one.weight for one in done.takes} == {"dan": 10.0, "bob": 9.0}


def test_each_seat_is_decided_on_its_own(record):
    with record.writing() as tx:
        company = a_company(tx)
        second = seats.open_seat(tx, company.territory["South 1"], "se", person_id="ann", since=START, **DEED)
        departure(tx, "ann", on=ON, default=Replace("zoe"), seats={second.seat_id: Replace("bob")}, **DEED)

        assert fillers(tx, company.seat["ann"])[-1][1] == "zoe"
        assert fillers(tx, second.seat_id)[-1][1] == "bob"


def test_whoever_takes_over_and_leaves_later_leaves_no_gap_either(record):
    with record.writing() as tx:
        company = a_company(tx)
        people.employ(tx, "zoe", Period(day(1, year=2020), day(9)), **DEED)
        departure(tx, "ann", on=ON, default=Replace("zoe"), **DEED)

        assert fillers(tx, company.seat["ann"])[1:] == [
            ("[2027-06-01, 2027-09-01)", "zoe"),
            ("[2027-09-01, open)", "vacant, nora in the interim"),
        ]


def test_a_manager_who_leaves_hands_on_the_vacant_seats_they_looked_after(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=ON, **DEED)
        done = departure(tx, "nora", on=day(8), default=Replace("zoe"), reports_to="zoe", **DEED)

        assert fillers(tx, company.seat["ann"])[-1] == ("[2027-08-01, open)", "vacant, zoe in the interim")
        assert people.get(tx, "bob", **DEED).manager_id == "zoe"
        assert done.accounts_before == 3
        assert gaps(tx) == []


def test_seats_they_were_to_fill_later_are_handed_over_too(record):
    with record.writing() as tx:
        company = a_company(tx)
        seats.staff(tx, company.seat["bob"], person_id="ann", period=Period(day(9)), **DEED)
        departure(tx, "ann", on=ON, default=Replace("zoe"), **DEED)

        assert fillers(tx, company.seat["bob"]) == [("[2027-01-01, 2027-09-01)", "bob"), ("[2027-09-01, open)", "zoe")]


@pytest.mark.parametrize("to", [None, "zoe"])
def test_accounts_given_to_them_by_name_pass_on_or_go_back(record, to):
    with record.writing() as tx:
        a_company(tx)
        fact = {"account_id": "South 1/0", "role": "owner", "person_id": "ann", "kind": "exception"}
        why = {"cause": "exception", "source": "", "reason": "strategic"}
        lay(tx, override, [{**fact, "valid_from": day(3), **why}], at=NOW)
        done = departure(tx, "ann", on=ON, default=Replace("bob"), overrides_to=to, **DEED)
        believed = select(override.c.person_id, override.c.valid_from).where(override.c.recorded_to == FOREVER)
        rows = sorted(tx.execute(believed).all())

        assert rows == ([("ann", day(3))] if to is None else [("ann", day(3)), ("zoe", ON)])
        assert "1 account given to ann by name" in done.notes[0]
        assert gaps(tx) == []


def test_covers_they_were_to_give_are_ended_and_told(record):
    with record.writing() as tx:
        a_company(tx)
        leave(tx, "bob", "ann", period=Period(day(5), day(8)), **DEED)
        done = departure(tx, "ann", on=ON, default=Replace("zoe"), **DEED)
        believed = select(cover.c.valid_to).where(cover.c.recorded_to == FOREVER)

        assert tx.execute(believed).scalars().all() == [ON]
        assert done.notes[0].startswith("bob is on leave from 2027-06-01 until 2027-08-01 and ann was to cover them")


def test_a_share_of_credit_passes_to_whoever_takes_the_seat(record):
    with record.writing() as tx:
        company = a_company(tx)
        here = company.territory["North 1"]
        shares = [Share(person_id="ann", percent=60), Share(person_id="bob", percent=40)]
        splits.split(tx, here, shares, period=Period(START), **DEED)
        departure(tx, "ann", on=ON, default=Replace("zoe"), **DEED)
        departure(tx, "bob", on=ON, **DEED)
        told = splits.splits(tx, here, on=START, **DEED)

    assert [[(share.person_id, share.percent) for share in one.shares] for one in told] == [[("ann", 60), ("bob", 40)]]
    assert told[0].valid == Period(START, ON)


def test_a_pool_that_fills_a_seat_is_never_left_without_members(record):
    with record.writing() as tx:
        company = a_company(tx)
        pool = pools.add_pool(tx, "Inbound", [Member(person_id="ann")], **DEED)
        seats.staff(tx, company.seat["bob"], pool_id=pool.pool_id, period=Period(day(3)), **DEED)
        with pytest.raises(StillNeeded, match="ann is the last member of the pool 'Inbound'"):
            departure(tx, "ann", on=ON, **DEED)
        pools.change_pool(tx, pool.pool_id, 1, members=[Member(person_id="ann"), Member(person_id="zoe")], **DEED)
        done = departure(tx, "ann", on=ON, **DEED)
        with pytest.raises(StillNeeded, match="zoe is the last member"):  # though ann is still there on that day
            departure(tx, "zoe", on=day(5), **DEED)

    assert "Take ann out of the pool 'Inbound' by 2027-06-01." in done.notes


def test_who_leaves_today_is_out_of_their_pools_today(record):
    with record.writing() as tx:
        a_company(tx)
        pool = pools.add_pool(tx, "Inbound", [Member(person_id="ann"), Member(person_id="zoe")], **DEED)
        departure(tx, "ann", on=day(1, 3), **DEED)

        assert pools.get_pool(tx, pool.pool_id, **DEED).members == (Member(person_id="zoe"),)


def test_vacant_seats_pass_to_whoever_takes_the_managers_seat(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        departure(tx, "nora", on=ON, seats={company.seat["nora"]: Replace("zoe")}, **DEED)

        assert fillers(tx, company.seat["ann"])[-1] == ("[2027-06-01, open)", "vacant, zoe in the interim")


def test_a_preview_says_the_same_and_writes_nothing(record):
    with record.writing() as tx:
        a_company(tx)
    with record.reading() as tx:  # where a write would be refused
        seen = departure(tx, "ann", on=ON, default=SplitOverTeam(), preview=True, **DEED)
        assert facts(tx, staffing) == 8
    with record.writing() as tx:
        done = departure(tx, "ann", on=ON, default=SplitOverTeam(), **DEED)

    assert (seen.is_preview, seen.summary, seen.takes, seen.seats) == (True, done.summary, done.takes, done.seats)
    assert seen.closed == seen.written == 0


def test_a_gap_is_refused_and_nothing_is_written(record):
    with record.writing() as tx:
        company = a_company(tx)
        for manager in ("nora", "mia"):
            departure(tx, manager, on=day(2), **DEED)

    def deed():
        with record.writing() as tx:
            departure(tx, "ann", on=ON, **DEED)

    with pytest.raises(
        LeavesAGap, match=r"would leave 3 accounts with nobody from .* no manager above it .* name a person, a pool"
    ):
        deed()
    with record.reading() as tx:
        assert fillers(tx, company.seat["ann"]) == [("[2027-01-01, open)", "ann")]


@pytest.mark.parametrize(
    ("who", "on", "how", "error", "says"),
    [
        ("ann", day(1, year=2019), LeaveVacant(), BadChange, "employed from 2020-01-01; name a day within it"),
        ("ann", ON, Replace("ann"), BadChange, "cannot take over from themselves"),
        ("ann", ON, LeaveVacant("ann"), BadChange, "cannot look after the seat they give up"),
        ("ann", ON, Replace("nobody"), UnknownPerson, "no person 'nobody'"),
        ("nobody", ON, LeaveVacant(), UnknownPerson, "no person 'nobody'"),
        (
            "ann",
            ON,
            Replace("old"),
            NotEmployed,
            "old is not employed on 2027-06-01; .* employed from 2020-01-01 until 2021",
        ),
        ("ann", ON, SplitOverTeam(("zoe",)), BadChange, "zoe has no territory on 2027-06-01"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(record, who, on, how, error, says):
    with record.writing() as tx:
        a_company(tx)
        old = Period(day(1, year=2020), day(1, year=2021))
        people.add(tx, Person(person_id="old", name="Old"), employed=old, **DEED)

        with pytest.raises(error, match=says):
            departure(tx, who, on=on, default=how, **DEED)


def test_a_seat_that_is_not_theirs_is_refused(record):
    with record.writing() as tx:
        company = a_company(tx)

        with pytest.raises(BadChange, match="ann does not fill the seat"):
            departure(tx, "ann", on=ON, seats={company.seat["bob"]: LeaveVacant()}, **DEED)


def test_a_manager_hands_over_in_their_own_subtree_and_knows_nobody_elsewhere(record):
    with record.writing() as tx:
        company = a_company(tx)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        rep = Principal(person_id="bob", grants=(Grant(Role.REP),))

        assert departure(tx, "ann", on=ON, default=Replace("bob"), by=nora, at=NOW).uncovered == 0
        with pytest.raises(NotFound) as hidden:
            departure(tx, "dan", on=ON, by=nora, at=NOW)
        with pytest.raises(NotFound) as missing:
            departure(tx, "zed", on=ON, by=nora, at=NOW)
        with pytest.raises(NotFound, match="no person 'dan'"):
            departure(tx, "cyd", on=ON, default=Replace("dan"), by=nora, at=NOW)
        for who in ("ann", "zed"):
            with pytest.raises(NotAllowed, match="may change people"):
                departure(tx, who, on=ON, by=rep, at=NOW)

    assert str(hidden.value).replace("dan", "zed") == str(missing.value)


def test_the_number_of_statements_does_not_grow_with_the_accounts(record):
    counted = []
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 5, "South 1": 5})
        assign(tx, {f"more/{number}": company.territory["South 1"] for number in range(3000)})
        for who in ("ann", "dan"):
            with statements(tx) as seen:
                departure(tx, who, on=ON, default=Replace("zoe"), **DEED)
            counted.append(seen.number)

    assert counted[1] <= counted[0] < 60


def test_the_audit_trail_tells_the_departure_once(record):
    with record.writing() as tx:
        a_company(tx)
        departure(tx, "ann", on=datetime(2027, 6, 1, tzinfo=UTC), default=Replace("zoe"), **DEED)
        rows = tx.execute(select(event.c.subject, event.c.by).where(event.c.deed == "departure")).all()

    assert rows == [("ann", "pat")]
