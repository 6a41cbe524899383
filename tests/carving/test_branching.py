"""Placing the largest units one by one: every assignment is in one branch, and no bound is above the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.bounds import dual_bound
from patchbook.carving.branching import LEAST_NODES, WORK, Branching, nodes_for
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.problem import Places, Problem
from patchbook.carving.solve import solve
from tests.carving.conftest import build_market, every_assignment


def a_few(seed: int, tolerance: float = 0.3) -> Problem:
    rng = np.random.default_rng(seed)
    return Problem(
        weights=rng.lognormal(0, 0.8, (8, 2)),
        shares=np.full((3, 2), 1 / 3),
        tolerances=np.full(2, tolerance),
        places=Places(
            sites=rng.uniform(0, 10, (8, 2)), unit_of_site=np.arange(8), weight=np.ones(8),
            homes=rng.uniform(0, 10, (3, 2)), on_globe=False,
        ),
    )  # fmt: skip


def tree_of(problem: Problem) -> tuple[Branching, Costs]:
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), problem.places.homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    return Branching(costs, lim, problem.places.homes), costs


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999), nodes=st.integers(1, 40))
def test_no_branch_is_above_the_cheapest_assignment_in_it_and_together_they_hold_all(seed, nodes):
    problem = a_few(seed)
    tree, costs = tree_of(problem)
    lim = tree._limits
    every = every_assignment(8, 3)
    cost = costs.rows(np.arange(8), problem.places.homes)

    branches = tree.run(np.zeros((3, 2)), beat=np.inf, nodes=nodes, complete=lambda branch: np.inf, stop=lambda: False)

    held = np.zeros(len(every), int)
    for branch in branches:
        inside = (every[:, branch.units] == branch.seats).all(axis=1)
        held += inside
        for row in every[inside]:
            if lim.excess(lim.loads(row)) > 0.0 or not may_be(row, lim):
                continue
            assert branch.bound <= cost[np.arange(8), row].sum() + 1e-9
    reachable = np.array([may_be(row, lim) and np.isfinite(cost[np.arange(8), row]).all() for row in every])
    assert (held[reachable] == 1).all()


def may_be(row, lim) -> bool:
    bound = lim.only >= 0
    return bool((row[bound] == lim.only[bound]).all())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999))
def test_few_units_are_carved_as_cheaply_as_possible_and_proved_so(seed):
    problem = a_few(seed)

    solution = solve(problem)

    lim = solution.limits
    cost = Costs(problem).rows(np.arange(8), problem.places.homes)
    able = [row for row in every_assignment(8, 3) if lim.excess(lim.loads(row)) == 0.0 and may_be(row, lim)]
    if not len(lim.oversized) and able:
        best = min(cost[np.arange(8), row].sum() for row in able)
        assert solution.feasible
        assert solution.bound <= best + 1e-9
        assert solution.cost == pytest.approx(best, rel=0.004)


def test_heavy_tails_are_proved_sharper_than_by_prices_alone():
    problem = build_market(units=250, seats=8, seed=5)
    rng = np.random.default_rng(5)
    heavy = rng.lognormal(0, 1.3, 250)
    problem = replace(
        problem,
        weights=np.column_stack([heavy, np.sqrt(heavy), np.ones(250)]),
        tolerances=np.full(3, 0.1),
        places=replace(problem.places, homes=rng.uniform(0, 1000, (8, 2))),
    )

    solution = solve(problem)

    costs = Costs(problem)
    costs.bind(solution.limits.only, ~solution.limits.balanced)
    alone = dual_bound(costs, solution.centres, solution.limits, solution.prices)
    assert solution.feasible
    assert solution.branches
    assert alone < solution.bound <= solution.cost


def test_large_problems_are_not_branched():
    assert nodes_for(WORK // LEAST_NODES + 1, 1) == 0
    assert nodes_for(5_000, 25) > 100
