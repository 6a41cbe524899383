"""A carve begun from a neighbour keeps every constraint, and is as good as its neighbour allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.nearby import solve_nearby
from patchbook.carving.solve import solve


def breaches(solution):
    return [
        breach.message
        for constraint in CONSTRAINTS
        if constraint.supports(solution.problem)
        for breach in constraint.breaches(solution.problem, solution.limits, solution.owners)
    ]


@pytest.fixture(scope="module")
def market():
    from carving.conftest import build_market

    rng = np.random.default_rng(2)
    problem = build_market(
        240, 6, incumbent=rng.integers(-1, 6, 240), stay=np.full(240, 60.0), value=np.ones(240),
        kind=np.zeros(240, np.int64), kind_cost=np.zeros((2, 6)), fixed=np.full(240, -1),
        apart=np.array([[10, 11], [12, 13]]),
    )  # fmt: skip
    problem.kind[:30] = 1
    problem.kind_cost[1, 3:] = np.inf
    problem.fixed[[50, 60]] = [2, 4]
    return problem


@pytest.mark.parametrize("change", [{"tolerances": np.full(3, 0.03)}, {"tolerances": np.full(3, 0.2)}, {"travel": 4.0}])
def test_every_constraint_of_the_new_problem_is_kept_and_its_cost_is_near_that_of_a_carve_from_nothing(market, change):
    near = solve(market, seed=1)
    problem = replace(market, **change)

    found = solve_nearby(problem, near, seed=1)

    assert breaches(found) == []
    assert found.feasible
    assert found.bound <= found.cost
    assert found.cost <= 1.05 * solve(problem, seed=1).cost


def test_looser_tolerances_never_make_it_dearer(market):
    near = solve(market, seed=1)

    found = solve_nearby(replace(market, tolerances=market.tolerances * 2), near, seed=1)

    assert found.cost <= near.cost * (1 + 1e-9)


def test_the_same_seed_gives_the_same_carve(market):
    near = solve(market, seed=1)

    one, other = (solve_nearby(replace(market, travel=2.0), near, seed=3) for _ in range(2))

    assert np.array_equal(one.owners, other.owners)
    assert (one.cost, one.bound) == (other.cost, other.bound)


def test_what_no_seat_may_take_stays_without_one(market):
    kind_cost = market.kind_cost.copy()
    kind_cost[1] = np.inf
    problem = replace(market, kind_cost=kind_cost, fixed=None)
    near = solve(problem, seed=1)

    found = solve_nearby(replace(problem, travel=2.0), near, seed=1)

    assert np.array_equal(found.unassigned, np.arange(30))
    assert breaches(found) == []


def test_territories_stay_in_one_piece():
    from carving.conftest import build_grid, grid_areas

    problem = build_grid(areas=grid_areas(), tolerances=np.array([0.4]))
    near = solve(problem, seed=1)

    found = solve_nearby(replace(problem, tolerances=np.array([0.0])), near, seed=1)

    assert breaches(found) == []
