"""What the prices say a demand costs is never proven wrong: lifting it saves at most the estimate and the slack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patchbook.carving.bounds.dual import dual_bound
from patchbook.carving.costs import Costs
from patchbook.carving.demands import (
    demands_of,
    with_load,
    with_tolerance,
    without_locks,
    without_needs,
    without_pairs,
    without_preference,
)
from patchbook.carving.limits import limits
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Solution
from patchbook.carving.solve import solve
from patchbook.carving.worth import POINT, family_worth, unit_size, worth
from tests.carving.conftest import build_grid, build_market, every_assignment

ROUNDING = 1e-6


def a_small_market(seed: int, **changes) -> Problem:
    """Seven units and three seats at home, two measures, wide tolerances; some units locked, owned or of a kind."""
    rng = np.random.default_rng(seed)
    market = build_market(units=7, seats=3, seed=seed)
    weights = rng.uniform(1, 2, (7, 2))
    places = replace(market.places, homes=rng.uniform(0, 1000, (3, 2)))
    needs = np.array([[0.0, 0.0, 0.0], [0.0, np.inf, 5.0]])
    problem = replace(
        market, weights=weights, shares=np.full((3, 2), 1 / 3), tolerances=np.array([0.4, 0.5]), places=places,
        fixed=np.array([0, -1, -1, -1, 1, -1, -1]), incumbent=rng.integers(-1, 3, 7), stay=np.full(7, 40.0),
        kind=np.array([0, 1, 0, 1, 0, *rng.integers(0, 2, 2)]), kind_cost=needs, apart=np.array([[1, 2]]),
    )  # fmt: skip
    return replace(problem, **changes)


def cheapest(problem: Problem, solution: Solution) -> float:
    """The least cost of any assignment within every limit, by looking at each."""
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), solution.centres)[0])
    costs.bind(lim.only, ~lim.balanced)
    everything = every_assignment(problem.units, problem.seats)
    block = costs.block(0, problem.units, solution.centres)
    cost = block[np.arange(problem.units), everything].sum(axis=1)
    at = (everything[:, :, None] == np.arange(problem.seats)).astype(float)
    loads = np.einsum("aij,im->ajm", at, lim.weights)
    good = (loads <= lim.high + 1e-9).all(axis=(1, 2)) & (loads >= lim.low - 1e-9).all(axis=(1, 2))
    for a, b in [] if problem.apart is None else problem.apart:
        good &= everything[:, a] != everything[:, b]
    if problem.moved_at_most is not None:
        moved = ((everything != problem.incumbent) & (problem.incumbent >= 0)).sum(axis=1)
        good &= moved <= problem.moved_at_most * (problem.incumbent >= 0).sum() + 1e-9
    return float(cost[good].min(initial=np.inf))


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000))
def test_at_any_prices_the_dual_without_a_demand_is_lower_by_just_its_estimate(seed):
    solution = solve(a_small_market(seed))
    problem = solution.problem
    prices = np.random.default_rng(seed).uniform(-300, 300, (3, 2))
    told = worth(replace(solution, prices=prices))
    lifted = {
        "lock": (without_locks(problem, np.array([4])), told.lock[4]),
        "locks": (without_locks(problem, np.array([0, 4])), told.lock[0] + told.lock[4]),
        "tolerance": (with_tolerance(problem, 1, problem.tolerances[1] + POINT), told.tolerance[1]),
        "load": (with_load(problem, 2, 0, 1 + POINT), told.load[2, 0]),
        "kind": (without_needs(problem, np.array([1])), told.kind[1]),
    }

    kept = dual(problem, solution, prices)

    assert {name: kept - dual(trial, solution, prices) for name, (trial, _) in lifted.items()} == pytest.approx(
        {name: estimate for name, (_, estimate) in lifted.items()}
    )


def dual(problem: Problem, solution: Solution, prices: np.ndarray) -> float:
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), solution.centres)[0])
    costs.bind(lim.only, ~lim.balanced)
    return dual_bound(costs, solution.centres, lim, prices)


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000), cap=st.sampled_from([None, 0.5]))
def test_lifting_a_demand_never_saves_more_than_its_estimate_and_the_slack(seed, cap):
    problem = a_small_market(seed, moved_at_most=cap)
    solution = solve(problem)
    assume(solution.feasible)
    told = worth(solution)
    lifted = [
        *((without_locks(problem, np.array([unit])), told.lock[unit]) for unit in (0, 4)),
        (without_locks(problem, np.array([0, 4])), told.lock[0] + told.lock[4]),
        *((with_tolerance(problem, m, problem.tolerances[m] + POINT), told.tolerance[m]) for m in (0, 1)),
        *((with_load(problem, seat, 0, 1 + POINT), told.load[seat, 0]) for seat in range(3)),
        (without_needs(problem, np.array([1])), told.kind[1]),
        *([] if cap is None else [(replace(problem, moved_at_most=cap + POINT), told.cap)]),
    ]

    for trial, estimate in lifted:
        assert solution.cost - cheapest(trial, solution) <= estimate + told.slack + ROUNDING


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_letting_families_go_apart_never_saves_more_than_their_estimates_and_the_slack(seed):
    alone = a_small_market(seed, apart=None, fixed=None)
    unit_of_row = np.array([0, 0, 1, 2, 3, 4, 4])
    whole = together(alone, unit_of_row)
    solution = solve(whole)
    assume(solution.feasible and not len(solution.limits.oversized))

    told = family_worth(solution, alone, unit_of_row)

    assert told.family[[1, 2, 3]].tolist() == [0, 0, 0]
    assert told.cost - cheapest(alone, solution) <= told.family.sum() + told.slack + ROUNDING


def together(alone: Problem, unit_of_row: np.ndarray) -> Problem:
    """The problem with its units joined: each needs what any of them needs, and has the owner of its first."""
    units = int(unit_of_row.max()) + 1
    kind = np.zeros(units, np.int64)
    np.maximum.at(kind, unit_of_row, alone.kind)
    first = np.array([int(np.flatnonzero(unit_of_row == unit)[0]) for unit in range(units)])
    return replace(
        alone, weights=np.stack([np.bincount(unit_of_row, column, units) for column in alone.weights.T], axis=1),
        places=replace(alone.places, unit_of_site=unit_of_row[alone.places.unit_of_site]),
        kind=kind, incumbent=alone.incumbent[first], stay=np.bincount(unit_of_row, alone.stay, units),
        value=np.bincount(unit_of_row, minlength=units).astype(float),
    )  # fmt: skip


def test_a_lock_across_the_grid_costs_the_way_across():
    """The corner at (2, 2) is nearest to North; locked to South it travels √8 instead of 2 km."""
    fixed = np.full(9, -1)
    fixed[8] = 0

    told = worth(solve(build_grid(fixed=fixed, tolerances=np.array([9.0]))))

    assert told.lock[8] == pytest.approx(np.sqrt(8) - 2, abs=1e-3)
    assert np.isnan(told.lock[:8]).all()
    assert told.tolerance == pytest.approx([0.0], abs=1e-3)


def test_a_pair_that_wants_one_seat_costs_the_shorter_way_to_another():
    solution = solve(build_grid(apart=np.array([[0, 1], [0, 8]]), tolerances=np.array([9.0])))

    told = worth(solution)

    assert told.pair == pytest.approx([np.sqrt(2) - 1, 0.0], abs=1e-3)


def test_without_preference_a_unit_leaves_its_owner_for_a_nearer_seat():
    """The corner at (0, 2) is owned by South: staying there costs 2 km, leaving would cost 5."""
    incumbent = np.full(9, -1)
    incumbent[6] = 0
    problem = build_grid(incumbent=incumbent, stay=np.full(9, 5.0), tolerances=np.array([9.0]))

    assert [solve(trial).owners[6] for trial in (problem, without_preference(problem))] == [0, 2]


def test_a_seat_is_priced_in_the_measures_own_unit():
    problem = build_market(units=60, seats=4)
    solution = solve(problem)

    assert unit_size(problem, solution.limits) == pytest.approx(problem.weights.sum(axis=0) / 4)


def test_each_lift_takes_its_own_demand_and_leaves_the_others():
    problem = a_small_market(1, moved_at_most=0.5)

    assert without_pairs(problem, np.array([0])).apart is None
    assert without_locks(problem, np.array([4])).fixed.tolist() == [0, -1, -1, -1, -1, -1, -1]
    assert np.isfinite(without_needs(problem, np.array([1])).kind_cost).all()
    assert with_load(problem, 1, 0, 1.5).shares[:, 0].tolist() == pytest.approx([0.25, 0.5, 0.25])
    assert with_load(problem, 1, 0, 1.5).shares[:, 1].tolist() == pytest.approx([1 / 3] * 3)
    names = ["±40.0% of measure 1", "±50.0% of measure 2", "eligibility", "locks", "moved_at_most", "apart"]
    assert [demand.name for demand in demands_of(problem)] == names
