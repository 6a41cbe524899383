"""Territories in one piece are balanced and made cheaper over their borders, and stay in one piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from patchbook.carving.connect import connect
from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.problem import Areas, Places, Problem
from patchbook.carving.settle import settle
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, grid_areas


def a_field(side: int, seats: int, seed: int, *, tolerance: float = 0.1, **changes) -> Problem:
    """A square field of areas, a unit in each, with two measures that do not go together."""
    rng = np.random.default_rng(seed)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(float(side)), np.arange(float(side))))
    near = (np.abs(x[:, None] - x) + np.abs(y[:, None] - y)) == 1
    units = side * side
    problem = Problem(
        weights=np.stack([rng.lognormal(0, 0.6, units), rng.lognormal(0, 0.4, units)], axis=1),
        shares=np.full((seats, 2), 1 / seats),
        tolerances=np.full(2, tolerance),
        places=Places(
            sites=np.stack([x, y], axis=1), unit_of_site=np.arange(units), weight=np.ones(units), on_globe=False
        ),
        areas=Areas(area_of_unit=np.arange(units), adjacency=csr_array(near)),
    )
    return replace(problem, **changes)


def settled(problem: Problem, owners: np.ndarray, centres: np.ndarray, seed: int = 1):
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), centres)[0])
    costs.bind(lim.only, ~lim.balanced)
    return settle(problem, costs, lim, owners, centres, seed=seed), lim


def in_rows(problem: Problem, seats: int) -> tuple[np.ndarray, np.ndarray]:
    side = int(problem.units**0.5)
    owners = np.arange(problem.units) // side * seats // side
    centres = np.stack([problem.places.sites[owners == seat].mean(axis=0) for seat in range(seats)])
    return owners, centres


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 999))
def test_loads_come_within_limits_and_nothing_is_torn(seed):
    problem = a_field(9, 4, seed, fixed=np.where(np.arange(81) % 27 == 0, np.arange(81) // 27, -1))
    owners, centres = in_rows(problem, 4)
    owners = np.where(problem.fixed >= 0, problem.fixed, owners)
    owners = connect(problem, bound(problem), centres, owners)
    before = [len(pieces_of(problem.areas, owners == seat)) for seat in range(4)]

    found, lim = settled(problem, owners, centres)

    assert lim.excess(lim.loads(found.owners)) == 0.0
    after = [len(pieces_of(problem.areas, found.owners == seat)) for seat in range(4)]
    assert all(now <= max(was, 1) for now, was in zip(after, before, strict=True))
    assert (found.owners[problem.fixed >= 0] == problem.fixed[problem.fixed >= 0]).all()


def bound(problem: Problem) -> Costs:
    costs = Costs(problem)
    costs.bind(problem.fixed, np.zeros(problem.seats, bool))
    return costs


def test_large_units_that_do_not_add_up_are_pushed_on_until_they_do():
    """Three units of 14 begin at one seat, where a share is 25: two of them do not fit, so one each must travel."""
    problem = a_field(6, 3, 2, tolerance=0.05)
    weights = np.ones((36, 1))
    weights[[0, 1, 2]] = 14.0
    problem = replace(
        problem, weights=weights, shares=np.full((3, 1), 1 / 3), tolerances=np.array([0.05]), measure_names=("work",)
    )
    owners, centres = in_rows(problem, 3)

    found, lim = settled(problem, owners, centres)

    assert lim.excess(lim.loads(found.owners)) == 0.0
    assert len(set(found.owners[[0, 1, 2]].tolist())) == 3


def test_it_ends_when_told_and_repeats_with_its_seed():
    problem = a_field(8, 4, 3)
    owners, centres = in_rows(problem, 4)
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), centres)[0])

    stopped = settle(problem, costs, lim, owners, centres, seed=1, stop=lambda: True)
    first, _ = settled(problem, owners, centres, seed=5)
    again, _ = settled(problem, owners, centres, seed=5)

    assert stopped.owners.tolist() == owners.tolist()
    assert first.owners.tolist() == again.owners.tolist()


def test_the_nine_stay_as_they_are_where_every_seat_has_a_row():
    problem = build_grid(areas=grid_areas())
    rows = np.repeat([0, 1, 2], 3)

    found, _ = settled(problem, rows, problem.places.homes)

    assert found.owners.tolist() == rows.tolist()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_carve_of_a_field_is_balanced_in_one_piece_and_near_its_bound(seed):
    solution = solve(a_field(14, 6, seed, tolerance=0.05), seed=seed)

    assert solution.feasible
    assert solution.gap < 0.08
