"""What is told of a unit's place can be worked out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.bounds.dual import dual_bound
from patchbook.carving.costs import Costs
from patchbook.carving.explain import explain
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, build_market, every_assignment


@settings(max_examples=8)
@given(seed=st.integers(0, 1000), seats=st.integers(2, 6))
def test_the_runner_up_is_the_second_cheapest_at_the_prices_and_what_hinders_it_is_true(seed, seats):
    problem = build_market(units=120, seats=seats, seed=seed, tolerance=0.1)
    solution = solve(problem)
    lim = solution.limits

    told = explain(solution)

    costs = Costs(problem)
    costs.bind(lim.only, ~lim.balanced)
    rows = costs.rows(np.arange(120), solution.centres)
    loads = lim.loads(solution.owners)
    for unit in range(120):
        seat = int(solution.owners[unit])
        priced = rows[unit] + solution.prices @ lim.weights[unit]
        others = [other for other in range(seats) if other != seat and np.isfinite(priced[other])]
        assert told.cost[unit] == pytest.approx(rows[unit, seat])
        assert told.only[unit] == (not others)
        if not others:
            continue
        runner = int(told.runner_up[unit])
        assert priced[runner] == pytest.approx(min(priced[other] for other in others))
        assert told.runner_up_cost[unit] == pytest.approx(max(0.0, priced[runner] - priced[seat]))
        assert rows[unit, told.cheapest[unit]] == pytest.approx(rows[unit].min())
        assert told.saving[unit] == pytest.approx(rows[unit, seat] - rows[unit].min())
        too_full = loads[runner] + lim.weights[unit] > lim.high[runner] + 1e-9
        too_empty = loads[seat] - lim.weights[unit] < lim.low[seat] - 1e-9
        assert (told.over_tolerance[unit] >= 0) == bool((too_full | too_empty).any())
        if told.over_tolerance[unit] >= 0:
            measure, where = int(told.over_tolerance[unit]), int(told.over_seat[unit])
            assert where in (runner, seat)
            assert (too_full if where == runner else too_empty)[measure]


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000))
def test_the_plan_loses_what_the_runner_up_is_told_to_cost_but_for_the_gap(seed):
    """Held against every assignment there is: the best with the unit at its runner-up, and the best of all."""
    rng = np.random.default_rng(seed)
    market = build_market(units=7, seats=3, seed=seed, tolerance=0.5)
    places = replace(market.places, homes=rng.uniform(0, 1000, (3, 2)))
    solution = solve(replace(market, weights=rng.uniform(1, 2, (7, 3)), places=places))
    lim = solution.limits
    everything = every_assignment(7, 3)
    loads = np.einsum("aij,im->ajm", (everything[:, :, None] == np.arange(3)).astype(float), lim.weights)
    good = (loads <= lim.high + 1e-9).all(axis=(1, 2)) & (loads >= lim.low - 1e-9).all(axis=(1, 2))
    costs = Costs(solution.problem)
    costs.bind(lim.only, ~lim.balanced)
    cost = costs.rows(np.arange(7), solution.centres)[np.arange(7), everything].sum(axis=1)
    proven = dual_bound(costs, solution.centres, lim, solution.prices)

    told = explain(solution)

    for unit in np.flatnonzero(told.runner_up >= 0):
        there = cost[good & (everything[:, unit] == told.runner_up[unit])].min(initial=np.inf)
        assert there - proven >= told.runner_up_cost[unit] - 1e-6


def test_a_locked_unit_has_no_other_seat():
    fixed = np.full(9, -1)
    fixed[4] = 2

    told = explain(solve(build_grid(fixed=fixed, tolerances=np.array([0.4]))))

    assert told.only[4]
    assert told.runner_up[4] == -1
    assert np.isnan(told.runner_up_cost[4])


def test_a_unit_nobody_may_take_has_nothing_to_tell():
    kind = np.array([1, *[0] * 8])
    open_to = np.array([[0.0] * 3, [np.inf] * 3])

    told = explain(solve(build_grid(kind=kind, kind_cost=open_to, tolerances=np.array([0.5]))))

    assert (told.cheapest[0], told.runner_up[0], told.over_tolerance[0]) == (-1, -1, -1)
