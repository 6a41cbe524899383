"""The fewest moves are never fewer than any assignment within the limits needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.exact import exact
from patchbook.carving.rebalance.cuts import by_cuts
from patchbook.carving.rebalance.least import bare_costs, moves_at_least
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, build_market, every_assignment

EVERY = every_assignment(7, 3)


def seven(weights, tolerance, incumbent, **changes):
    """Seven units, two measures, three seats without places."""
    return replace(
        build_grid(),
        weights=np.array(weights, float),
        shares=np.full((3, 2), 1 / 3),
        tolerances=np.full(2, tolerance),
        places=None,
        measure_names=("potential", "accounts"),
        incumbent=np.array(incumbent),
        **changes,
    )


def fewest_by_looking_at_all(problem, worth, limits):
    """The least worth of moves over every assignment within the limits; nothing where there is none."""
    loads = np.stack([((seat == EVERY)[:, :, None] * limits.weights).sum(axis=1) for seat in range(3)], axis=1)
    within = ((loads <= limits.high + 1e-9) & (loads >= limits.low - 1e-9)).all(axis=(1, 2))
    if problem.kind_cost is not None:
        within &= np.isfinite(problem.kind_cost[problem.kind, EVERY]).all(axis=1)
    bound = limits.only >= 0
    within &= (EVERY[:, bound] == limits.only[bound]).all(axis=1)
    moved = (problem.incumbent >= 0) & (problem.incumbent != EVERY)
    return (moved @ worth)[within].min() if within.any() else None


unit = st.tuples(st.integers(1, 20), st.integers(1, 3))


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(unit, min_size=7, max_size=7),
    tolerance=st.sampled_from([0.15, 0.3, 0.5]),
    incumbent=st.lists(st.integers(-1, 2), min_size=7, max_size=7),
    worth=st.sampled_from([(1.0,) * 7, (1.0, 2.0, 3.0, 1.0, 1.0, 5.0, 1.0), (0.3, 1.7, 2.2, 0.9, 4.1, 0.2, 1.0)]),
    shut=st.sampled_from([None, 0, 2]),
    lock=st.sampled_from([None, (3, 1)]),
)
def test_the_bound_never_exceeds_the_fewest_moves_there_are(weights, tolerance, incumbent, worth, shut, lock):
    changes = {}
    if shut is not None:  # seat `shut` may not take the last two units
        kind_cost = np.zeros((2, 3))
        kind_cost[1, shut] = np.inf
        changes |= {"kind": np.array([0, 0, 0, 0, 0, 1, 1]), "kind_cost": kind_cost}
    if lock is not None:
        fixed = np.full(7, -1)
        fixed[lock[0]] = lock[1]
        changes["fixed"] = fixed
    problem = seven(weights, tolerance, incumbent, **changes)

    needed = moves_at_least(problem, np.array(worth))

    least = fewest_by_looking_at_all(problem, np.array(worth), needed.limits)
    if least is not None:
        assert needed.at_least <= least + 1e-9


def test_a_book_within_its_limits_needs_no_move():
    assert moves_at_least(seven([(2, 1)] * 6 + [(1, 1)], 0.5, [0, 0, 1, 1, 2, 2, 2]), np.ones(7)).at_least == 0


def test_a_seat_over_its_limit_gives_whole_units_even_where_a_part_of_one_would_do():
    """The relaxation alone would move a tenth of a unit."""
    problem = seven([(10, 1), (10, 1), (10, 1), (10, 1), (10, 1), (10, 1), (10, 1)], 0.2, [0, 0, 0, 1, 1, 2, 2])

    needed = moves_at_least(replace(problem, tolerances=np.full(2, 0.27)), np.ones(7))

    assert needed.at_least == 1
    assert needed.needs.out.tolist() == [1, 0, 0]


def test_units_whose_seat_may_not_keep_them_are_forced_and_counted():
    kind_cost = np.array([[0.0, 0.0, 0.0], [np.inf, 0.0, 0.0]])
    problem = seven([(1, 1)] * 7, 0.5, [0, 0, 0, 1, 1, 2, 2], kind=np.array([1, 0, 0, 0, 0, 0, 0]), kind_cost=kind_cost)

    needed = moves_at_least(problem, np.ones(7))

    assert needed.forced.tolist() == [0]
    assert needed.at_least == 1


@pytest.mark.parametrize("worth_of", ["accounts", "potential"])
def test_what_the_engine_moves_is_near_what_has_to_move(worth_of):
    """A seat of eight goes; its accounts are spread over the others, who may move some of their own as well."""
    market = build_market(400, 8)
    market = replace(market, places=replace(market.places, homes=np.random.default_rng(1).uniform(0, 1000, (8, 2))))
    owners = solve(market).owners
    incumbent = np.where(owners == 7, -1, owners)
    worth = np.ones(400) if worth_of == "accounts" else market.weights[:, 0]
    seven_left = replace(
        market, shares=np.full((7, 3), 1 / 7), incumbent=incumbent, value=worth, stay=20_000.0 * worth,
        places=replace(market.places, homes=market.places.homes[:7]),
    )  # fmt: skip

    needed = moves_at_least(seven_left, worth)
    found = solve(seven_left)

    moved = float(worth[(incumbent >= 0) & (found.owners != incumbent)].sum())
    freed = float(worth[incumbent < 0].sum())
    assert found.feasible
    assert needed.at_least <= moved
    assert freed + moved <= 1.1 * (freed + needed.at_least)


def test_whole_units_need_more_than_any_prices_say():
    """The relaxation spreads the unit without a seat over all; whole, it fits nowhere before three have moved."""
    problem = replace(
        seven([(13, 1), (5, 1), (5, 1), (11, 1), (8, 1), (10, 1), (6, 1)], 0.1, [0, 0, 1, 1, 2, 2, -1]),
        tolerances=np.array([0.08, 0.7]),
    )
    worth = np.ones(7)
    costs, limits = bare_costs(problem, worth)

    needed = moves_at_least(problem, worth)

    assert by_cuts(costs, limits) > 2
    assert needed.at_least == fewest_by_looking_at_all(problem, worth, needed.limits) == 3


def test_what_cuts_prove_is_below_every_worth_there_is_to_move():
    """Worths of any size, for which nothing is rounded up."""
    problem = replace(build_market(40, 4), places=None, incumbent=np.arange(40) % 4)
    worth = problem.weights[:, 0]
    costs, limits = bare_costs(problem, worth)

    found = exact(problem, costs, limits, None)

    assert found is not None
    assert 0 < by_cuts(costs, limits) <= worth[found != problem.incumbent].sum()


def test_asked_to_stop_it_proves_what_it_can_by_prices_alone():
    problem = seven([(10, 1)] * 7, 0.27, [0, 0, 0, 1, 1, 2, 2])

    assert moves_at_least(problem, np.ones(7), stop=lambda: True).at_least <= 1
