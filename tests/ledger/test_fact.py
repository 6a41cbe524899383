"""Which fact decides, and when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from patchbook.ledger.fact import Fact, holding, stretches
from patchbook.period import Period

START = datetime(2027, 1, 1, tzinfo=UTC)
UNTOLD = ("role", "number", "territory_id", "territory", "person_id", "person", "other_id", "other")
NONE = dict.fromkeys((*UNTOLD, "pool_id", "pool", "opportunity_id", "kind", "shares"))


def on(day: int) -> datetime:
    return START + timedelta(days=day)


def a_fact(table: str, start: int, end: int, **columns: object) -> Fact:
    told = {"account_id": "acme", "recorded_from": START, "cause": "", "source": "", "reason": "", "is_visible": True}
    return Fact(**{**NONE, **told, "fact_id": 1, "table": table, "valid": Period(on(start), on(end)), **columns})


def laid_out(cuts: list[int], table: str, **columns: object) -> list[Fact]:
    """Facts of one key: from each day to the next, every second one left out."""
    periods = list(pairwise(sorted(set(cuts))))
    return [a_fact(table, start, end, **columns) for start, end in periods[::2]]


days = st.lists(st.integers(0, 30), max_size=6)


@given(homes=days, ann=days, bob=days, given_to=days, covers=days)
def test_a_history_is_what_each_instant_says(homes, ann, bob, given_to, covers):
    seat = {"role": "owner", "number": 1, "territory_id": "east"}
    facts = [
        *laid_out(homes, "assignment", territory_id="east"),
        *laid_out(ann, "staffing", **seat, person_id="ann"),
        *laid_out(given_to, "override", role="owner", opportunity_id="", person_id="bob", kind="exception"),
        *laid_out(covers, "cover", person_id="ann", other_id="cyd"),
        *laid_out(bob, "cover", person_id="bob", other_id="ann"),
    ]

    found = list(stretches(facts, "owner"))

    for first, second in pairwise(found):
        assert first.period.end == second.period.start
        assert first.holding.what != second.holding.what
    for day in range(31):
        told = [stretch.holding for stretch in found if stretch.period.contains(on(day))]
        here = holding(facts, on(day), "owner")
        assert [each.what for each in told] == ([here.what] if told else [])
        assert told or not here.is_anything


def test_a_history_begins_and_ends_with_the_facts_of_the_account():
    seat = {"role": "owner", "number": 1, "territory_id": "east", "person_id": "ann"}
    facts = [a_fact("staffing", 0, 30, **seat), a_fact("assignment", 5, 10, territory_id="east")]

    assert [stretch.period for stretch in stretches(facts, "owner")] == [Period(on(5), on(10))]


def test_only_the_first_seat_of_a_role_owns():
    second = {"role": "owner", "number": 2, "territory_id": "east", "person_id": "ann"}
    facts = [a_fact("staffing", 0, 30, **second), a_fact("assignment", 0, 30, territory_id="east")]

    assert holding(facts, on(1), "owner").person == (None, None)


def test_an_override_of_one_opportunity_leaves_the_account_alone():
    told = {"role": "owner", "person_id": "bob", "kind": "holdover", "opportunity_id": "deal-1"}
    facts = [a_fact("override", 0, 30, **told), a_fact("assignment", 0, 30, territory_id="east")]

    assert holding(facts, on(1), "owner").override is None
    assert holding(facts, on(1), "owner", opportunity_id="deal-1").person[0] == "bob"
    assert holding(facts, on(1), "owner", opportunity_id="deal-2").override is None
