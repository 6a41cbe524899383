"""Turns are fair: Tijdeman's bound over hundreds of weights, and no more than one apart whatever people do."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.routing.questions.pools import Member
from patchbook.routing.route import Absent, Choose, PoolRules
from patchbook.routing.turn import Turns, turns_of


def members(*weights: float) -> list[Member]:
    return [Member(person_id=f"p{place}", weight=weight) for place, weight in enumerate(weights)]


def run(turns: Turns, leads: int, available: list[str]) -> tuple[Turns, list[str]]:
    order = []
    for _ in range(leads):
        order.append(turns.next(available))
        turns = turns.given(order[-1], available)
    return turns, order


def weight_vectors() -> list[list[int]]:
    chance = random.Random(1980)
    vectors = [[50, *[1] * 20], [1, 1], [1, 2, 3], [7, 1, 1], [5, 5, 1], [1] * 9]
    while len(vectors) < 504:
        vectors.append([chance.randint(1, 9) for _ in range(chance.randint(2, 8))])
    return vectors


def test_nobody_is_ever_further_from_their_share_than_tijdemans_bound():
    furthest = Fraction(0)
    for weights in weight_vectors():
        total, n = sum(weights), len(weights)
        bound = 1 - Fraction(1, 2 * n - 2)
        people = [one.person_id for one in members(*weights)]
        turns = turns_of(None, members(*weights))
        got = [0] * n
        for number in range(1, 2 * total + 1):
            whose = turns.next(people)
            turns = turns.given(whose, people)
            got[int(whose[1:])] += 1
            off = max(abs(have - Fraction(weight * number, total)) for have, weight in zip(got, weights, strict=True))
            furthest = max(furthest, off)
            assert off <= bound, (weights, number)
    assert furthest < Fraction(97, 100)


def test_equal_members_are_never_more_than_one_apart_and_go_round_in_one_order():
    people = [f"p{place}" for place in range(7)]
    _, order = run(turns_of(None, members(*[1] * 7)), 70, people)

    assert order == people * 10


def test_fractions_of_a_weight_count():
    people = ["p0", "p1", "p2"]
    _, order = run(turns_of(None, members(0.5, 0.25, 0.25)), 400, people)

    assert [order.count(one) for one in people] == [200, 100, 100]


@settings(max_examples=40)
@given(data=st.data())
def test_two_who_are_both_available_never_gain_more_than_one_apart_whoever_else_comes_and_goes(data):
    n = data.draw(st.integers(2, 6))
    people = [f"p{place}" for place in range(n)]
    turns = turns_of(None, members(*[1] * n))
    windows: dict[tuple[str, str], set[int]] = {}
    for _ in range(data.draw(st.integers(10, 60))):
        available = data.draw(st.sets(st.sampled_from(people), min_size=1))
        whose = turns.next(available)
        turns = turns_of(json.loads(json.dumps(turns.given(whose, available).packed())), members(*[1] * n))
        assert_apart(windows, people, available, whose, at_most=1)


@settings(max_examples=40)
@given(data=st.data())
def test_so_it_is_while_others_join_and_leave_the_pool(data):
    stay, others = ["p0", "p1"], ["q0", "q1", "q2"]
    people = list(stay)
    packed = None
    windows: dict[tuple[str, str], set[int]] = {}
    for _ in range(data.draw(st.integers(10, 60))):
        if data.draw(st.integers(0, 3)) == 0:
            people = [*stay, *sorted(data.draw(st.sets(st.sampled_from(others))))]
        turns = turns_of(packed, [Member(person_id=one) for one in people])
        available = data.draw(st.sets(st.sampled_from(people), min_size=1))
        whose = turns.next(available)
        packed = turns.given(whose, available).packed()
        assert_apart(windows, stay, available, whose, at_most=1)


def assert_apart(windows, people, available, whose, at_most):
    """Every window that ends now: the gains of a pair since each earlier moment both were there throughout."""
    for one in people:
        for other in people:
            if one < other:
                if one in available and other in available:
                    gain = (whose == one) - (whose == other)
                    seen = {gain + before for before in windows.get((one, other), set())} | {gain}
                    assert max(abs(each) for each in seen) <= at_most, (one, other)
                    windows[one, other] = seen
                else:
                    windows[one, other] = set()


@settings(max_examples=40)
@given(data=st.data())
def test_gains_scaled_by_weight_stay_close_whoever_comes_and_goes(data):
    n = data.draw(st.integers(2, 5))
    weights = data.draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
    people = [f"p{place}" for place in range(n)]
    turns = turns_of(None, members(*weights))
    windows: dict[tuple[int, int], set[Fraction]] = {}
    for _ in range(data.draw(st.integers(10, 60))):
        available = data.draw(st.sets(st.sampled_from(people), min_size=1))
        whose = turns.next(available)
        turns = turns.given(whose, available)
        for i in range(n):
            for j in range(i):
                if {people[i], people[j]} <= available:
                    gain = Fraction((whose == people[i]) * weights[j] - (whose == people[j]) * weights[i])
                    seen = {gain + before for before in windows.get((i, j), set())} | {gain}
                    # In turns per weight: at most two turns of each.
                    assert max(map(abs, seen)) <= 2 * (weights[i] + weights[j])
                    windows[i, j] = seen
                else:
                    windows[i, j] = set()


@settings(max_examples=40)
@given(data=st.data())
def test_a_credit_moves_a_pair_apart_by_no_more_than_itself(data):
    people = ["p0", "p1", "p2", "p3"]
    turns = turns_of(None, members(1, 1, 1, 1))
    got, credits = dict.fromkeys(people, 0), 0
    for _ in range(data.draw(st.integers(5, 40))):
        whose = turns.next(people)
        turns = turns.given(whose, people)
        got[whose] += 1
        if data.draw(st.booleans()):
            turns, credits = turns.credited(whose), credits + 1
    assert max(got.values()) - min(got.values()) <= 1 + credits


def test_a_lead_given_back_is_made_up_for_at_the_next_turn():
    people = ["p0", "p1", "p2"]
    turns, _ = run(turns_of(None, members(1, 1, 1)), 3, people)

    _, order = run(turns.credited("p1"), 4, people)

    assert order.count("p1") == 2


def test_a_credit_survives_a_leave():
    people = ["p0", "p1", "p2"]
    turns, _ = run(turns_of(None, members(1, 1, 1)), 3, people)
    away, _ = run(turns.credited("p1"), 8, ["p0", "p2"])

    _, order = run(away, 4, people)

    assert order.count("p1") == 2


def test_who_holds_their_position_comes_back_to_one_turn_and_no_flood():
    people = ["p0", "p1", "p2"]
    turns, _ = run(turns_of(None, members(1, 1, 1)), 30, people)
    turns, _ = run(turns, 20, ["p0", "p2"])

    _, order = run(turns, 9, people)

    assert [order.count(one) for one in people] == [3, 3, 3]


@pytest.mark.parametrize("catch_up_to", [1, 2, 5])
def test_who_catches_up_gets_so_many_missed_turns_and_no_more(catch_up_to):
    rules = PoolRules(absent=Absent.CATCH_UP, catch_up_to=catch_up_to)
    people = ["p0", "p1", "p2"]
    turns = turns_of(None, members(1, 1, 1), rules)
    for _ in range(60):
        turns = turns.given(turns.next(["p0", "p2"]), ["p0", "p2"], rules)
    order = []
    for _ in range(60):
        order.append(turns.next(people))
        turns = turns.given(order[-1], people, rules)

    extra = order.count("p1") - min(order.count("p0"), order.count("p2"))
    assert catch_up_to <= extra <= catch_up_to + 1


def test_who_joins_starts_level_and_last_and_who_leaves_is_forgotten():
    turns, _ = run(turns_of(None, members(1, 1)), 101, ["p0", "p1"])

    joined = turns_of(turns.packed(), members(1, 1, 1))
    joined, order = run(joined, 6, ["p0", "p1", "p2"])
    left = turns_of(joined.packed(), members(1, 1))

    assert sorted(order) == ["p0", "p0", "p1", "p1", "p2", "p2"]
    assert len(left.packed()["members"]) == 2


@settings(max_examples=40)
@given(data=st.data())
def test_joining_leaving_and_other_weights_never_leave_a_lag_above_two(data):
    turns = turns_of(None, members(1, 2))
    for _ in range(data.draw(st.integers(2, 8))):
        weights = data.draw(st.lists(st.sampled_from([1, 2, 2.5, 3, 0.5, 10]), min_size=1, max_size=6))
        turns = turns_of(turns.packed(), members(*weights))
        people = [f"p{place}" for place in range(len(weights))]
        for _ in range(data.draw(st.integers(0, 12))):
            turns = turns.given(turns.next(people), people)
        assert all(abs(turns.lag(one, people)) <= 2 for one in people)


def test_turns_by_value_even_out_what_the_leads_are_worth():
    rules = PoolRules(choose=Choose.VALUE)
    chance = random.Random(27)
    people = ["p0", "p1", "p2", "p3"]
    turns = turns_of(None, members(1, 1, 1, 1), rules)
    got = dict.fromkeys(people, 0)
    for _ in range(500):
        cents = chance.choice([100, 5_000, 100_000])
        whose = turns.next(people)
        turns = turns_of(turns.given(whose, people, rules, cents=cents).packed(), members(1, 1, 1, 1), rules)
        got[whose] += cents
    assert max(got.values()) - min(got.values()) <= 100_000


def test_names_do_not_matter():
    one, _ = run(turns_of(None, members(3, 1, 2)), 60, ["p0", "p1", "p2"])
    renamed = [Member(person_id=name, weight=weight) for name, weight in (("zoe", 3), ("abe", 1), ("max", 2))]
    other, _ = run(turns_of(None, renamed), 60, ["zoe", "abe", "max"])

    assert [counter.given for counter in one.counters] == [counter.given for counter in other.counters]


def test_a_turn_another_way_counts_when_it_is_said_to():
    people = ["p0", "p1"]
    turns, _ = run(turns_of(None, members(1, 1)), 10, people)

    _, order = run(turns.counted("p0").counted("p0"), 6, people)

    assert order.count("p1") - order.count("p0") == 2
