"""No account is ever alone: the query that proves it, and random lives of a company that it is asked of."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from builders.company import DEED, START, Company, a_company, day
from patchbook import changes
from patchbook.changes import Gap, LeaveVacant, Replace, SplitOverTeam, uncovered
from patchbook.errors import PatchbookError
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.person import Person
from patchbook.people.store import employment, person
from patchbook.period import FOREVER, Period
from patchbook.territories.store import seat

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
WHY = {"cause": "test", "source": "", "reason": "test"}


def test_what_nobody_has_is_found_to_the_instant(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 2, "North 2": 1})
        vacant = {"seat_id": company.seat["ann"], "valid_from": day(3), "valid_to": day(5), **WHY}
        lay(tx, staffing, [vacant], at=START)
        held = {"account_id": "North 1/1", "role": "owner", "person_id": "bob", "kind": "named"}
        lay(tx, override, [{**held, "valid_from": day(4), "valid_to": day(8), **WHY}], at=START)
        here = company.territory["North 1"]

        assert uncovered(tx, on=START) == [
            Gap("North 1/0", here, Period(day(3), day(5))),
            Gap("North 1/1", here, Period(day(3), day(4))),
        ]
        assert uncovered(tx, on=day(4), until=day(4, 2)) == [Gap("North 1/0", here, Period(day(4), day(4, 2)))]
        assert uncovered(tx, on=day(5)) == []
        assert uncovered(tx, on=START, territory_ids=[company.territory["North 2"]]) == []


def test_an_account_of_a_territory_without_an_owners_seat_is_nobodys(record):
    with record.writing() as tx:
        company = a_company(tx, accounts=0)
        fact = {"account_id": "acme", "territory_id": company.territory["North"], "valid_from": day(2), **WHY}
        lay(tx, assignment, [fact], at=START)

        assert uncovered(tx, on=START) == [Gap("acme", company.territory["North"], Period(day(2)))]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["leave", "hire", "peel", "depart", "depart", "transfer", "come back", "reorganise", "give"]),
        *(st.integers(0, 1000) for _ in range(5)),
    ),
    min_size=20 if TORTURE else 8,
    max_size=60 if TORTURE else 14,
)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_life_of_a_company_leaves_an_account_alone_or_work_to_who_is_not_employed(engine, request):
    record = request.getfixturevalue(f"{engine}_record")
    count = {"done": 0, "refused": 0}

    @settings(max_examples=500 if TORTURE else 12, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def live(steps):
        with record.writing() as tx:
            company = a_company(tx, accounts=4)
            for manager in ("mia", "nora", "sam") if steps[0][1] % 2 else ():  # with nobody above, gaps are near
                changes.departure(tx, manager, on=START + timedelta(days=1), **DEED)
            for number, step in enumerate(steps):
                before = tx.begin_nested()
                try:
                    do(tx, company, number, *step)
                except PatchbookError:
                    before.rollback()
                    count["refused"] += 1
                else:
                    before.commit()
                    count["done"] += 1
                check(tx)
            if engine == "postgresql":
                tx.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            else:
                assert tx.execute(text("SELECT count(*) FROM work_outside_employment")).scalar() == 0
            tx.rollback()  # the next life begins with an empty record

    live()

    assert count["done"] > count["refused"] / 2 > 0, count


def do(tx, company: Company, number: int, deed: str, one: int, two: int, three: int, four: int, five: int) -> None:
    """One deed of people drawn by number; whatever is refused is refused with a reason."""
    people = sorted(tx.execute(select(person.c.person_id).where(person.c.person_id != "pat")).scalars())
    seats = sorted(tx.execute(select(seat.c.seat_id)).scalars())
    who, other, where = people[one % len(people)], people[two % len(people)], seats[three % len(seats)]
    on = START + timedelta(days=four % 360 + 1)
    handover = [Replace(other), LeaveVacant(), SplitOverTeam(), LeaveVacant(other)][five % 4]
    if deed == "leave":
        changes.leave(tx, who, other, period=Period(on, on + timedelta(days=1 + five % 90)), **DEED)
    elif deed == "come back":
        changes.come_back(tx, who, on=on, **DEED)
    elif deed == "hire":
        changes.hire(tx, other if five % 2 else newcomer(number), where, on=on, **DEED)
    elif deed == "peel":
        team = company.territory["North" if five % 2 else "South"]
        changes.peel(tx, newcomer(number), name=f"New {number}", parent_id=team, on=on, **DEED)
    elif deed == "depart":
        changes.departure(tx, who, on=on, default=handover, overrides_to=other if two % 2 else None, **DEED)
    elif deed == "transfer":
        changes.transfer(tx, who, to_seat_id=where, on=on, handover=handover, **DEED)
    elif deed == "reorganise":
        leaves = [name for name in company.territory if name[-1].isdigit()]
        to = company.territory["North" if five % 2 else "South"]
        changes.reorganisation(tx, company.territory[leaves[one % len(leaves)]], to, on=on, **DEED)
    else:
        fact = {"account_id": f"North 1/{three % 4}", "role": "owner", "person_id": who, "kind": "exception", **WHY}
        until = min((end for start, end in employed(tx).get(who, ()) if start <= on < end), default=None)
        if until is None or until <= on:
            return
        lay(tx, override, [{**fact, "valid_from": on, "valid_to": until}], at=START)


def newcomer(number: int) -> Person:
    return Person(person_id=f"new-{number}", name=f"New {number}", capacity=0.5 + number % 3 / 2)


def check(tx) -> None:
    """Ask the product's own query, and then raw facts day by day, without it."""
    assert uncovered(tx, on=START) == []
    facts = {table.name: believed(tx, table) for table in (assignment, staffing, override, cover)}
    works = employed(tx)
    for name, column in (("staffing", "person_id"), ("staffing", "interim_id"), ("override", "person_id"), ("cover", "cover_id")):  # fmt: skip # noqa: E501
        for fact in facts[name]:
            if fact[column] is not None:
                assert any(
                    start <= fact["valid_from"] and fact["valid_to"] <= end for start, end in works[fact[column]]
                ), fact
    owner_seats = {
        row.seat_id: row.territory_id
        for row in tx.execute(select(seat).where(seat.c.role == "owner", seat.c.number == 1))
    }
    accounts = {fact["account_id"] for fact in facts["assignment"]}
    ends = {fact[end] for some in facts.values() for fact in some for end in ("valid_from", "valid_to")}
    for on in sorted(end for end in ends if START <= end < FOREVER):
        has = {
            owner_seats[fact["seat_id"]]
            for fact in facts["staffing"]
            if fact["seat_id"] in owner_seats and holds(fact, on) and (fact["person_id"] or fact["interim_id"])
        }
        owned = {fact["account_id"] for fact in facts["assignment"] if holds(fact, on) and fact["territory_id"] in has}
        owned |= {fact["account_id"] for fact in facts["override"] if holds(fact, on)}
        assert owned == accounts, (on, accounts - owned)


def believed(tx, table) -> list[dict]:
    return [dict(row) for row in tx.execute(select(table).where(table.c.recorded_to == FOREVER)).mappings()]


def employed(tx) -> dict[str, list[tuple[datetime, datetime]]]:
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for fact in believed(tx, employment):
        found.setdefault(fact["person_id"], []).append((fact["valid_from"], fact["valid_to"]))
    return found


def holds(fact: dict, on: datetime) -> bool:
    return fact["valid_from"] <= on < fact["valid_to"]
