"""A proof that a problem has no answer is never wrong, and says what is short by how much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.impossible import limits_of, patterns, prove
from patchbook.carving.problem import Problem
from tests.carving.conftest import build_grid, build_market, every_assignment

EVERY = every_assignment(7, 3)


def a_tight_market(seed: int, tolerance: float, cap: float | None) -> Problem:
    """Seven units and three seats with needs, locks, pairs apart and perhaps a cap: now possible, now not."""
    rng = np.random.default_rng(seed)
    return replace(
        build_market(units=7, seats=3, seed=seed),
        weights=rng.integers(1, 4, (7, 2)).astype(float), shares=np.full((3, 2), 1 / 3),
        tolerances=np.array([tolerance, 2 * tolerance]), kind=rng.integers(0, 3, 7),
        kind_cost=np.array([[0.0, 0, 0], [0, np.inf, 0], [np.inf, np.inf, 0]]),
        fixed=np.where(rng.random(7) < 0.15, rng.integers(0, 3, 7), -1), incumbent=rng.integers(-1, 3, 7),
        moved_at_most=cap, apart=np.array([[0, 1], [2, 3]]) if seed % 2 else None,
    )  # fmt: skip


def has_an_answer(problem: Problem) -> bool:
    """By looking at every assignment."""
    lim = limits_of(problem)
    pattern, open_to = patterns(problem, lim)
    good = open_to[pattern[None, :], EVERY].all(axis=1)
    loads = np.einsum("aij,im->ajm", (EVERY[:, :, None] == np.arange(3)).astype(float), lim.weights)
    good &= (loads <= lim.high + 1e-9).all(axis=(1, 2)) & (loads >= lim.low - 1e-9).all(axis=(1, 2))
    for a, b in [] if problem.apart is None else problem.apart:
        good &= EVERY[:, a] != EVERY[:, b]
    if problem.moved_at_most is not None:
        held = problem.incumbent >= 0
        good &= ((problem.incumbent != EVERY) & held).sum(axis=1) <= problem.moved_at_most * held.sum() + 1e-9
    locked = [] if problem.fixed is None else np.flatnonzero(problem.fixed >= 0)
    return bool(good.any()) and all(
        np.isfinite(problem.kind_cost[problem.kind[unit], problem.fixed[unit]]) for unit in locked
    )


@settings(max_examples=30)
@given(seed=st.integers(0, 100_000), tolerance=st.sampled_from([0.05, 0.2, 0.4]), cap=st.sampled_from([None, 0.2, 0.6]))
def test_what_is_proven_impossible_is_and_of_a_small_problem_all_that_is_impossible_is_proven(seed, tolerance, cap):
    problem = a_tight_market(seed, tolerance, cap)

    quick, thorough = prove(problem, thoroughly=False), prove(problem)

    assert (thorough is None) == has_an_answer(problem)
    assert quick is None or thorough is not None
    assert quick is None or quick.holds_divided


def test_a_kind_that_holds_more_than_its_seats_may_carry_is_told_in_figures():
    """Four of nine accounts need the one seat that may carry a third and a tenth of it."""
    kind = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    problem = build_grid(kind=kind, kind_cost=np.array([[0.0] * 3, [np.inf, 0.0, np.inf]]), tolerances=np.array([0.1]))

    found = prove(problem).shortfall

    assert (found.units.tolist(), found.seats.tolist(), found.is_too_much) == ([0, 1, 2, 3], [1], True)
    assert (found.held, found.allowed) == (pytest.approx(4 / 9), pytest.approx(1.1 / 3))
    assert found.by == pytest.approx(4 / 9 - 1.1 / 3)


def test_a_seat_that_may_take_too_little_is_told_in_figures():
    kind = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0])
    problem = build_grid(kind=kind, kind_cost=np.array([[np.inf, 0.0, 0.0], [0.0] * 3]), tolerances=np.array([0.1]))

    found = prove(problem).shortfall

    assert (found.units.tolist(), found.seats.tolist(), found.is_too_much) == ([0, 1], [0], False)
    assert (found.held, found.allowed) == (pytest.approx(2 / 9), pytest.approx(0.3))


def test_measures_that_fit_alone_and_not_together_are_proven_by_prices():
    """Whoever may go to the first seat has twice as much workload for its potential."""
    kind = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0])
    weights = np.stack([np.ones(9), np.where(kind == 1, 2.0, 1.0)], axis=1)
    problem = build_grid(
        weights=weights, shares=np.full((3, 2), 1 / 3), tolerances=np.array([0.05, 0.05]), kind=kind,
        kind_cost=np.array([[np.inf, 0.0, 0.0], [0.0] * 3]), measure_names=("potential", "workload"),
    )  # fmt: skip

    found = prove(problem, thoroughly=False)

    assert found.holds_divided
    assert found.shortfall is None


def test_pooled_units_prove_the_same_of_a_large_market():
    """Accounts that need the first of eight seats hold a third of the count."""
    market = build_market(units=20_000, seats=8, tolerance=0.05)
    kind = (np.arange(20_000) % 3 == 0).astype(np.int64)
    weights = market.weights.copy()
    weights[kind == 1, 0] *= 3.0  # potential and workload each fit their two seats; both together do not
    shut = np.array([[0.0] * 8, [0.0, 0.0, 0.0, 0.0, *[np.inf] * 4]])
    problem = replace(market, weights=weights, kind=kind, kind_cost=shut)

    assert prove(problem, thoroughly=False).holds_divided
    assert prove(replace(problem, tolerances=np.full(3, 0.9)), thoroughly=False) is None


def test_a_lock_to_a_seat_that_may_not_take_the_unit_is_named():
    fixed = np.array([-1, 1, *[-1] * 7])
    problem = build_grid(kind=np.ones(9, np.int64), kind_cost=np.array([[0.0] * 3, [0.0, np.inf, 0.0]]), fixed=fixed)

    assert prove(problem).locked_out.tolist() == [1]


def test_units_that_nobody_may_take_are_left_out_as_in_a_carve():
    kind = np.array([1, *[0] * 8])
    problem = build_grid(kind=kind, kind_cost=np.array([[0.0] * 3, [np.inf] * 3]), tolerances=np.array([0.3]))

    assert prove(problem) is None
