"""Pairs that must be apart are parted before the search, which would never do it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving.constraints import Apart, Contiguous
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.separate import separate
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, grid_areas

ROWS = np.repeat(np.arange(3), 3)


def part(problem, owners=ROWS):
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), problem.places.homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    prices = np.zeros((problem.seats, problem.measures))
    return separate(problem, costs, problem.places.homes, owners, prices=prices, weights=lim.weights), lim


def test_one_of_a_pair_goes_to_the_cheapest_other_seat():
    owners, _ = part(build_grid(apart=np.array([[0, 2]])))

    assert owners.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 2]  # unit 2 loses 0.24 km at the middle, unit 0 a whole one


def test_three_that_may_not_meet_get_three_seats():
    problem = build_grid(apart=np.array([[0, 1], [0, 2], [1, 2]]))

    owners, lim = part(problem)

    assert len(set(owners[:3].tolist())) == 3
    assert Apart().breaches(problem, lim, owners) == []


def test_a_locked_unit_stays_and_the_other_goes():
    fixed = np.full(9, -1)
    fixed[2] = 0

    owners, _ = part(build_grid(apart=np.array([[0, 2]]), fixed=fixed))

    assert owners[2] == 0
    assert owners[0] != 0


def test_a_pair_that_is_locked_to_one_seat_is_left_and_told():
    fixed = np.full(9, -1)
    fixed[[0, 2]] = 0
    problem = build_grid(apart=np.array([[0, 2]]), fixed=fixed, tolerances=np.array([0.5]))

    assert part(problem)[0].tolist() == ROWS.tolist()
    assert any("apart" in message for message in solve(problem).broken)


def test_territories_stay_in_one_piece():
    problem = build_grid(apart=np.array([[0, 1]]), areas=grid_areas())

    owners, lim = part(problem)

    assert Apart().breaches(problem, lim, owners) == []
    assert Contiguous().breaches(problem, lim, owners) == []


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (3, 4), (7, 8)])
def test_a_pair_that_starts_together_is_apart_in_the_end_and_all_is_balanced(pair):
    """Seen red: nothing parted a pair that started together within tolerance."""
    problem = build_grid(apart=np.array([pair]), tolerances=np.array([0.0]))

    solution = solve(replace(problem))

    assert solution.feasible, solution.broken
    assert solution.owners[pair[0]] != solution.owners[pair[1]]
