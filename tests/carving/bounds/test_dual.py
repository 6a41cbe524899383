"""The bound is below every assignment within the limits, whatever the prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.bounds import BOUNDS
from patchbook.carving.bounds.dual import dual_bound, widened
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid, every_assignment

EVERY = every_assignment(7, 3)


def seven(seed: int, tolerance: float):
    """Seven units and three seats anywhere, with their costs and limits."""
    rng = np.random.default_rng(seed)
    grid = build_grid()
    places = replace(
        grid.places, sites=rng.uniform(0, 3, (7, 2)), unit_of_site=np.arange(7), weight=rng.uniform(0.5, 2, 7),
        homes=rng.uniform(0, 3, (3, 2)),
    )  # fmt: skip
    problem = replace(
        grid, weights=rng.integers(1, 4, (7, 1)).astype(float), tolerances=np.array([tolerance]), places=places
    )
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), places.homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    return problem, costs, lim


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    tolerance=st.sampled_from([0.0, 0.2, 0.5, 1.0]),
    prices=st.lists(st.floats(-20, 20), min_size=3, max_size=3),
)
def test_no_assignment_within_the_limits_is_cheaper_than_the_bound_at_any_prices(seed, tolerance, prices):
    problem, costs, lim = seven(seed, tolerance)

    bound = dual_bound(costs, problem.places.homes, lim, np.array(prices)[:, None])

    cost = costs.rows(np.arange(7), problem.places.homes)[np.arange(7), EVERY].sum(axis=1)
    load = np.stack([((seat == EVERY) * lim.weights[:, 0]).sum(axis=1) for seat in range(3)], axis=1)
    within = ((load <= lim.high[:, 0] + 1e-9) & (load >= lim.low[:, 0] - 1e-9)).all(axis=1) & np.isfinite(cost)
    assert bound <= cost[within].min(initial=np.inf) + 1e-9


def test_without_prices_it_is_the_sum_of_the_cheapest():
    problem, costs, lim = seven(1, 0.5)

    bound = dual_bound(costs, problem.places.homes, lim, np.zeros((3, 1)))

    assert bound == pytest.approx(costs.rows(np.arange(7), problem.places.homes).min(axis=1).sum())


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), prices=st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_lists_are_widened_until_they_hold_what_every_unit_likes_best_at_these_prices(seed, prices):
    problem, costs, lim = seven(seed, 0.5)
    centres, price = problem.places.homes, np.array(prices)[:, None]
    near = costs.candidates(centres, 1, lim.only, np.arange(7))

    wide = widened(costs, centres, lim, price, candidates=near, listed=near)

    every = costs.rows(np.arange(7), centres)
    liked = (every + lim.weights @ price.T).argmin(axis=1)
    assert (wide.seats == liked[:, None]).any(axis=1).all()
    for unit in range(7):
        listed = wide.seats[unit][wide.seats[unit] >= 0]
        assert len(set(listed.tolist())) == len(listed)
        assert wide.cost[unit, : len(listed)].tolist() == every[unit, listed].tolist()
    assert widened(costs, centres, lim, price, candidates=near, listed=wide) is wide


def test_it_is_among_the_bounds():
    assert dual_bound in BOUNDS
