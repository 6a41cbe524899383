"""Two ways to hold the same accounts, compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from patchbook.measures.sales import ASSUMPTIONS, Configuration, Demand, with_values
from patchbook.plans.sales import Books, Case, Holder, SeatCosts, outlook_of

DEMAND = Demand(potential=np.array([100.0, 200.0, 300.0, 400.0]), hours=np.full(4, 400.0), visits=np.full(4, 20.0))


def some_books(holder=(0, 0, 1, 1), *, km=50.0, new=(False,) * 4, costs=(None, None)) -> Books:
    holders = tuple(Holder(territory=f"T{n}", person_id=f"p{n}", person=None, seats=1.0, cost=costs[n]) for n in (0, 1))
    return Books(
        name="Plan",
        holders=holders,
        costs=SeatCosts.of(holders),
        configuration=Configuration(
            holder=np.array(holder), seats=np.ones(2), is_vacant=np.zeros(2, bool), distance_km=np.full(4, km),
            is_new=np.array(new),
        ),
    )  # fmt: skip


def outlook(first, second, **more):
    return outlook_of(first, second, DEMAND, ASSUMPTIONS, seed=1, draws=64, **more)


def test_the_same_books_differ_by_exactly_nothing():
    found = outlook(some_books(), some_books())

    assert (found.difference.base, found.difference.low, found.difference.high) == (0.0, 0.0, 0.0)
    assert found.difference.better == 0.5
    assert found.swings == ()


def test_the_parts_add_up_and_each_has_its_cause():
    unfair, fair = some_books((0, 0, 0, 1), km=80.0), some_books((0, 1, 0, 1), new=(False, True, False, False))
    found = outlook(unfair, fair)
    only_nearer = outlook(some_books(km=80.0), some_books(km=50.0))

    assert min(found.parts.coverage, found.parts.travel) > 0 > found.parts.changes
    assert found.parts.coverage + found.parts.travel + found.parts.changes == pytest.approx(found.difference.base)
    assert only_nearer.parts.coverage == only_nearer.parts.changes == pytest.approx(0.0)


def test_the_worst_case_sells_least_and_the_best_most():
    cases = outlook(some_books((0, 0, 0, 1)), some_books()).cases

    assert [one.case.name for one in cases] == ["worst", "base", "best"]
    assert cases[0].second < cases[1].second < cases[2].second
    assert "margin" not in cases[0].case.values


def test_a_planners_own_cases_take_the_place_of_best_and_worst():
    (found,) = outlook(some_books(), some_books(), cases=[Case(name="half", values={"won_share": 0.5})]).cases

    assert found.first == pytest.approx(outlook(some_books(), some_books()).cases[1].first / 2)


def test_the_assumption_that_matters_most_comes_first():
    moved = some_books(new=(True, True, True, True))
    swings = outlook(some_books(), moved).swings

    assert swings[0].assumption.name == "lost"
    assert swings[0].high < swings[0].low < 0
    assert all(one.width >= other.width for one, other in pairwise(swings))


def test_profit_is_margin_times_sales_less_what_the_seats_cost():
    cheap, dear = some_books((0, 0, 0, 1), costs=(50.0, 50.0)), some_books(costs=(50.0, 60.0))
    found = outlook(cheap, dear)

    assert found.profit is not None
    assert found.profit.base == pytest.approx(0.4 * found.difference.base - 10.0)
    assert found.cases[1].second_profit == pytest.approx(0.4 * found.cases[1].second - 110.0)
    assert outlook(some_books(), some_books()).profit is None


def test_the_interval_narrows_with_what_is_known():
    unfair = some_books((0, 0, 0, 1))
    known = with_values(ASSUMPTIONS, {"elasticity": (0.34, 0.34, 0.34)}, source="measured")
    vague = outlook(unfair, some_books()).difference
    sharp = outlook_of(unfair, some_books(), DEMAND, known, seed=1, draws=64).difference

    assert sharp.high - sharp.low < vague.high - vague.low


def test_the_same_seed_tells_the_same():
    one, other = (outlook(some_books((0, 0, 0, 1)), some_books()) for _ in range(2))

    assert one.difference == other.difference
    assert one.difference != replace(one.difference, low=0.0)
