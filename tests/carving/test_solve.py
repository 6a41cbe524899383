"""Carving gives the best assignment it can, keeps every constraint, and proves how good it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.costs import Costs
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Progress
from patchbook.carving.solve import solve
from patchbook.carving.stop import MaxIterations
from tests.carving.conftest import build_grid, build_market, every_assignment, grid_areas


def test_the_grid_is_carved_into_its_three_rows(a_grid):
    solution = solve(a_grid())

    assert solution.feasible
    assert solution.owners.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert solution.cost == pytest.approx(9.0)
    assert solution.gap == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_bound_is_below_the_optimum_and_the_cost_above_it(seed):
    rng = np.random.default_rng(seed)
    problem = build_grid(
        weights=rng.integers(1, 4, (9, 1)).astype(float),
        tolerances=np.array([0.35]),
        places=replace(build_grid().places, sites=rng.uniform(0, 3, (9, 2)), homes=rng.uniform(0, 3, (3, 2))),
    )

    solution = solve(problem)

    best = brute_force(problem)
    if best is None:
        assert not solution.feasible or len(solution.limits.oversized)
    elif not len(solution.limits.oversized):
        assert solution.bound <= best + 1e-9
        if solution.feasible:
            assert solution.cost >= best - 1e-9


def test_small_markets_come_within_two_percent_of_the_optimum_on_average():
    above = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        problem = build_grid(
            tolerances=np.array([0.0]),
            places=replace(build_grid().places, sites=rng.uniform(0, 3, (9, 2)), homes=rng.uniform(0, 3, (3, 2))),
        )
        solution = solve(problem)
        assert solution.feasible
        best = brute_force(problem)
        assert best is not None
        above.append(solution.cost / best - 1)

    assert np.mean(above) < 0.02


def test_three_measures_are_balanced_at_once(a_market):
    solution = solve(a_market(units=600, seats=8, tolerance=0.03))

    targets = solution.problem.targets()
    assert solution.feasible
    assert np.abs(solution.loads / targets - 1).max() <= 0.03 + 1e-9
    assert 0 <= solution.gap < 0.1


def test_the_same_seed_gives_the_same_answer_and_another_may_not(a_market):
    first, again = (solve(a_market(), seed=5) for _ in range(2))

    assert first.owners.tolist() == again.owners.tolist()
    assert first.cost == again.cost
    assert first.bound == again.bound


def test_a_carve_that_is_stopped_at_once_still_gives_every_unit_a_seat(a_market):
    solution = solve(a_market(), stop=MaxIterations(0))

    assert (solution.owners >= 0).all()


def test_progress_names_the_phases_in_order_and_ends_near_one(a_market):
    told: list[Progress] = []

    solve(a_market(), progress=told.append)

    phases = list(dict.fromkeys(progress.phase for progress in told))
    assert phases == ["pricing", "diving", "repairing", "improving", "proving"]
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert np.isfinite(told[-1].best_cost)


def test_a_locked_unit_stays_and_the_rest_is_balanced_around_it(a_market):
    fixed = np.full(300, -1)
    fixed[[3, 40, 77]] = [7, 0, 2]

    solution = solve(a_market(fixed=fixed))

    assert solution.feasible
    assert solution.owners[[3, 40, 77]].tolist() == [7, 0, 2]


def test_seats_take_only_what_they_may(a_market):
    rng = np.random.default_rng(0)
    kind = (rng.random(300) < 0.2).astype(np.int64)
    open_to = np.zeros((2, 8))
    open_to[1, :4] = np.inf

    solution = solve(a_market(kind=kind, kind_cost=open_to))

    assert solution.feasible
    assert (solution.owners[kind == 1] >= 4).all()


def test_a_unit_nobody_may_take_is_left_without_a_seat_and_the_rest_is_carved(a_market):
    kind = np.zeros(300, np.int64)
    kind[10] = 1
    open_to = np.zeros((2, 8))
    open_to[1] = np.inf

    solution = solve(a_market(kind=kind, kind_cost=open_to))

    assert solution.unassigned.tolist() == [10]
    assert (np.delete(solution.owners, 10) >= 0).all()


def test_pairs_kept_apart_get_different_seats(a_market):
    rng = np.random.default_rng(1)
    pairs = rng.choice(300, (12, 2), replace=False)

    solution = solve(a_market(apart=pairs))

    assert solution.feasible
    assert (solution.owners[pairs[:, 0]] != solution.owners[pairs[:, 1]]).all()


def test_a_unit_larger_than_any_share_has_a_seat_to_itself_and_the_rest_is_balanced():
    problem = build_market(units=200, seats=5)
    weights = problem.weights.copy()
    weights[17, 0] = weights[:, 0].sum() * 2
    problem = replace(problem, weights=weights)

    solution = solve(problem)

    giant = int(solution.owners[17])
    others = [seat for seat in range(5) if seat != giant]
    assert solution.limits.oversized.tolist() == [17]
    assert (solution.owners == giant).sum() == 1
    assert solution.feasible
    assert np.abs(solution.loads[others] / solution.loads[others].mean(axis=0) - 1).max() <= 0.05 + 1e-9


def test_no_more_moves_than_may(a_market):
    rng = np.random.default_rng(2)
    incumbent = rng.integers(0, 8, 300)
    problem = a_market(incumbent=incumbent, stay=np.zeros(300), moved_at_most=0.3)

    solution = solve(problem)

    moved = (solution.owners != incumbent).mean()
    assert solution.feasible
    assert moved <= 0.3
    assert moved == pytest.approx(solution.moved_share)
    assert solution.bound <= solution.cost


def test_rebalancing_moves_few_where_few_are_needed(a_market):
    balanced = solve(a_market())
    incumbent = balanced.owners.copy()
    crowded = np.flatnonzero(incumbent == 0)[:6]
    incumbent[crowded] = 1
    problem = a_market(incumbent=incumbent, stay=np.full(300, 1e6), travel=1e-3)

    solution = solve(problem)

    assert solution.feasible
    assert (solution.owners != incumbent).sum() <= 6


def test_territories_are_in_one_piece_when_asked(a_grid):
    problem = a_grid(areas=grid_areas(), places=replace(a_grid().places, homes=None))

    solution = solve(problem)

    assert solution.feasible
    assert np.bincount(solution.owners).tolist() == [3, 3, 3]


def test_without_places_only_balance_counts_and_costs_nothing():
    rng = np.random.default_rng(4)
    problem = Problem(
        weights=np.stack([rng.lognormal(0, 1, 200), np.ones(200)], axis=1),
        shares=np.full((6, 2), 1 / 6),
        tolerances=np.array([0.02, 0.05]),
    )

    solution = solve(problem)

    assert solution.feasible
    assert solution.cost == solution.bound == 0.0


def test_shares_follow_capacity_and_ramp(a_market):
    shares = np.repeat(np.array([2, 1, 1, 1, 1, 1, 0.5, 0.5])[:, None] / 8, 3, axis=1)

    solution = solve(a_market(units=600, shares=shares))

    assert solution.feasible
    assert np.abs(solution.loads / solution.problem.targets() - 1).max() <= 0.05 + 1e-9


def test_what_cannot_be_met_is_named_with_the_figures():
    problem = build_grid(weights=np.array([[5.0], *[[1.0]] * 8]), tolerances=np.array([0.3]))
    problem = replace(problem, fixed=np.array([-1, 0, 0, 0, 0, 0, 0, 0, 0]))

    solution = solve(problem)

    assert not solution.feasible
    assert any("South" in message and "±30.0% is allowed" in message for message in solution.broken)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), seats=st.integers(2, 6))
def test_what_a_feasible_carve_says_of_itself_is_true(seed, seats):
    problem = build_market(units=150, seats=seats, seed=seed, tolerance=0.1)

    solution = solve(problem)

    assert solution.cost == pytest.approx(Costs(problem).total(solution.owners, solution.centres))
    breaches = [
        b
        for constraint in CONSTRAINTS
        if constraint.supports(problem)
        for b in constraint.breaches(problem, solution.limits, solution.owners)
    ]
    assert solution.feasible == (not breaches)
    assert solution.bound <= solution.cost + 1e-9


def brute_force(problem: Problem) -> float | None:
    """The optimum by looking at every assignment."""
    owners = every_assignment(problem.units, problem.seats)
    cost = Costs(problem).rows(np.arange(problem.units), problem.places.homes)
    total = cost[np.arange(problem.units)[None], owners].sum(axis=1)
    targets = problem.targets()[:, 0]
    ok = np.ones(len(owners), bool)
    for seat in range(problem.seats):
        load = ((owners == seat) * problem.weights[:, 0]).sum(axis=1)
        ok &= np.abs(load / targets[seat] - 1) <= problem.tolerances[0] + 1e-12
    return float(total[ok].min()) if ok.any() else None
