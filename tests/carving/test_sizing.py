"""One seat more or one fewer: where, what it saves, and that the estimates never hide a saving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.costs import Costs
from patchbook.carving.peel import peeled
from patchbook.carving.problem import Places, Problem
from patchbook.carving.sizing import (
    curve,
    grown,
    missed,
    next_seat,
    places,
    repriced,
    shrunk,
    travel_of,
    with_seat,
    without_seat,
)
from patchbook.carving.solve import solve
from tests.carving.conftest import build_market


def two_towns(*, homes: bool = True, **changes) -> Problem:
    """Forty units around a home at 0 and forty around a town at 100 with another forty, both served from near 0."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(-5, 5, 40), rng.uniform(95, 105, 80)])
    sites = np.stack([x, rng.uniform(-5, 5, 120)], axis=1)
    problem = Problem(
        weights=np.ones((120, 1)),
        shares=np.full((2, 1), 0.5),
        tolerances=np.array([0.1]),
        places=Places(
            sites=sites, unit_of_site=np.arange(120), weight=np.ones(120), on_globe=False,
            homes=np.array([[0.0, 0.0], [0.0, 4.0]]) if homes else None,
        ),
        seat_names=("Ann", "Bob"),
    )  # fmt: skip
    return replace(problem, **changes)


def homes_of(seats: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 1000, (seats, 2))


def a_market(units: int = 200, seats: int = 6, **changes) -> Problem:
    market = build_market(units, seats, **changes)
    return replace(market, places=replace(market.places, homes=homes_of(seats)))


def test_the_next_seat_is_worth_most_where_the_accounts_are_and_nobody_lives():
    solution = solve(two_towns())

    found, solved = next_seat(solution, few=2)

    assert 90 < found[0].site[0] < 110
    assert found[0].saving > 0
    assert solved[0].saving > 3_000
    assert 90 < solved[0].solution.centres[-1][0] < 110
    assert solved[0].solution.feasible
    assert (solved[0].solution.centres[:2] == solution.centres).all()


def test_where_everybody_is_at_home_already_one_more_costs_and_its_estimate_says_so():
    homes = np.array([[0.0, 0.0], [100.0, 2.0], [100.0, -2.0]])
    solution = solve(two_towns(shares=np.full((3, 1), 1 / 3), places=replace(two_towns().places, homes=homes)))

    (first, *_), (best, *_) = next_seat(solution, few=1)

    assert first.saving < -300
    assert best.saving < -300


@pytest.mark.parametrize("size", [1.0, 0.5])
def test_what_is_solved_is_a_fresh_solution_of_the_problem_with_the_seat(size):
    solution = solve(a_market())
    place = places(solution, size=size)[0]

    one = grown(solution, place, size=size)

    fresh = solve(with_seat(solution, place, size=size))
    assert one.solution.cost <= fresh.cost + 1e-9
    assert one.saving == pytest.approx(solution.cost - one.solution.cost)
    again = one.solution.problem
    known = replace(again, places=replace(again.places, homes=one.solution.centres))
    assert Costs(known).total(one.solution.owners, one.solution.centres) == pytest.approx(one.solution.cost)
    assert with_seat(solution, place, size=size).shares.sum() == pytest.approx(again.measures)
    assert again.shares[-1, 0] == pytest.approx(size / (6 + size))
    assert one.travel_saved == pytest.approx(travel_of(solution) - travel_of(one.solution))


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([0.05, 0.2]))
def test_no_carve_with_a_seat_at_the_place_saves_more_over_the_bound_than_its_estimate(seed, seats, tolerance):
    market = build_market(40, seats, seed=seed, tolerance=tolerance)
    solution = solve(replace(market, places=replace(market.places, homes=homes_of(seats, seed))))

    for place in places(solution, each=1)[:2]:
        sharper = repriced(solution, place)
        fresh = solve(with_seat(solution, place))
        if fresh.feasible:
            assert solution.bound - fresh.cost <= sharper.saving + 1e-6 * solution.cost
            assert sharper.saving <= place.saving


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 5))
def test_without_a_seat_the_whole_costs_at_least_what_the_prices_say(seed, seats):
    market = build_market(40, seats, seed=seed, tolerance=0.2)
    solution = solve(replace(market, places=replace(market.places, homes=homes_of(seats, seed))))

    found = missed(solution)

    for seat in range(seats):
        fresh = solve(without_seat(solution, seat))
        if fresh.feasible:
            assert fresh.cost - solution.bound >= found[seat] - 1e-6 * solution.cost


def test_a_seat_that_a_lock_needs_cannot_be_missed():
    fixed = np.full(120, -1)
    fixed[7] = 1
    solution = solve(two_towns(fixed=fixed))

    assert missed(solution)[1] == np.inf
    assert np.isfinite(missed(solution)[0])


def test_a_seat_left_out_is_the_problem_of_the_others_with_owners_renumbered():
    solution = solve(a_market(incumbent=np.arange(200) % 6, stay=np.full(200, 10.0)))

    one = shrunk(solution, 2)

    assert one.seat == 2
    assert one.solution.problem.seats == 5
    assert (one.solution.centres == np.delete(solution.centres, 2, axis=0)).all()
    assert set(one.solution.problem.incumbent.tolist()) == {-1, 0, 1, 2, 3, 4}
    assert one.solution.feasible
    stayed = solution.owners != 2
    now = np.where(solution.owners > 2, solution.owners - 1, solution.owners)
    assert one.moved_share == pytest.approx(1 - (stayed & (now == one.solution.owners)).mean())


def test_the_curve_goes_from_the_fewest_seats_to_the_most_and_this_carve_is_on_it():
    solution = solve(a_market())

    steps = curve(solution, fewer=2, more=2, few=1)

    assert [step.solution.problem.seats for step in steps] == [4, 5, 6, 7, 8]
    assert steps[2].solution is solution
    assert steps[-1].solution.cost < solution.cost
    again = curve(solution, fewer=2, more=2, few=1)
    assert [step.solution.cost for step in again] == [step.solution.cost for step in steps]


def test_a_study_of_places_ends_when_it_is_told_to():
    solution = solve(a_market(units=80, seats=4))

    assert next_seat(solution, stop=lambda: True) == ((), ())
    assert len(curve(solution, stop=lambda: True)) == 1


def test_without_places_the_next_seat_takes_what_its_neighbour_may():
    kinds = np.array([[0.0, 50.0], [np.inf, 0.0]])
    problem = two_towns(places=None, kind=np.arange(120) % 2, kind_cost=kinds)
    solution = solve(problem)

    found, solved = next_seat(solution, few=2)

    assert {place.near for place in found} == {0, 1}
    assert all(place.site is None for place in found)
    assert (with_seat(solution, found[0]).kind_cost[:, -1] == kinds[:, found[0].near]).all()
    # A second seat like the first may only take the units of one kind, and these are too few for two.
    assert [one.place.near for one in solved] == [1, 0]
    assert [one.solution.feasible for one in solved] == [True, False]


@pytest.mark.parametrize("size", [1.0, 0.5])
def test_a_peel_moves_only_to_or_between_the_givers_and_hardly_more_than_the_newcomer_gets(size):
    solution = solve(a_market(units=300, tolerance=0.1))
    place = places(solution)[0]

    one = peeled(solution, place, size=size, givers=3)

    moved = one.owners != solution.owners
    assert set(solution.owners[moved]) <= set(one.givers.tolist())
    assert one.is_within
    assert place.near in one.givers
    assert one.gives.sum() == moved.sum()
    got = (one.owners == 6).sum()
    assert 0 < got <= moved.sum() <= 1.5 * got
    assert one.loads[-1].mean() == pytest.approx(3 * size / (3 + size), rel=0.15)


def test_of_a_large_problem_a_sample_is_priced_and_the_bound_holds_all_the_same(monkeypatch):
    solution = solve(a_market(units=600, seats=5))
    place = places(solution)[0]
    whole = repriced(solution, place)

    monkeypatch.setattr("patchbook.carving.sizing.PRICED_A_SEAT", 40)
    sampled = repriced(solution, place)

    fresh = solve(with_seat(solution, place))
    assert solution.bound - fresh.cost <= sampled.saving
    assert sampled.saving == pytest.approx(whole.saving, abs=0.05 * solution.cost)
