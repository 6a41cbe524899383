"""Territories in pieces are made whole, whatever they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.connect import connect
from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.costs import Costs
from tests.carving.conftest import build_grid, grid_areas

OWNERS = st.lists(st.integers(0, 2), min_size=9, max_size=9).map(np.array)


def connected(problem, owners):
    return connect(problem, Costs(problem), problem.places.homes, owners)


@given(owners=OWNERS)
def test_every_seat_is_in_one_piece_afterwards(owners):
    problem = build_grid(areas=grid_areas())

    after = connected(problem, owners)

    assert all(len(pieces_of(problem.areas, after == seat)) <= 1 for seat in range(3))
    assert set(after) == {0, 1, 2}  # who had nothing has begun


@given(owners=OWNERS)
def test_whoever_is_in_one_piece_keeps_all_of_it(owners):
    problem = build_grid(areas=grid_areas())

    after = connected(problem, owners)

    for seat in range(3):
        if len(pieces_of(problem.areas, owners == seat)) == 1 and len(set(owners)) == 3:
            assert (after[owners == seat] == seat).all()


def test_the_piece_with_the_lock_is_kept_even_if_it_is_smaller():
    fixed = np.array([0, *[-1] * 8])
    problem = build_grid(areas=grid_areas(), fixed=fixed)
    costs = Costs(problem)
    costs.bind(fixed, np.zeros(3, bool))

    after = connect(problem, costs, problem.places.homes, np.array([0, 1, 0, 1, 1, 0, 2, 2, 0]))

    assert after[0] == 0
    assert 0 not in after[[2, 5, 8]]


def test_units_without_an_area_stay_where_they_are():
    areas = replace(grid_areas(), area_of_unit=np.array([-1, 1, 2, 3, 4, 5, 6, 7, 8]))
    owners = np.array([2, 0, 0, 1, 1, 1, 2, 2, 2])

    assert connected(build_grid(areas=areas), owners).tolist() == owners.tolist()


def test_without_areas_nothing_is_done():
    owners = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0])

    assert connected(build_grid(), owners) is owners


def test_two_locks_of_one_seat_are_joined_by_a_corridor():
    """Corners 0 and 8 are South's for good, all else is others': a way between them is taken from those."""
    fixed = np.array([0, *[-1] * 7, 0])
    problem = build_grid(areas=grid_areas(), fixed=fixed)
    costs = Costs(problem)
    costs.bind(fixed, np.zeros(3, bool))

    after = connect(problem, costs, problem.places.homes, np.array([0, 1, 1, 1, 1, 2, 2, 2, 0]))

    assert (after[[0, 8]] == 0).all()
    assert all(len(pieces_of(problem.areas, after == seat)) == 1 for seat in range(3))


def test_what_no_neighbour_may_have_is_fetched_by_who_may():
    """Unit 8 may only be South's, which holds 0: the units between, which anybody may have, lead to it."""
    kinds = np.array([[0.0, 0.0, 0.0], [0.0, np.inf, np.inf]])
    kind = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1])
    problem = build_grid(areas=grid_areas(), kind=kind, kind_cost=kinds)

    after = connected(problem, np.array([0, 0, 1, 1, 1, 1, 2, 2, 0]))

    assert after[8] == 0
    assert all(len(pieces_of(problem.areas, after == seat)) == 1 for seat in range(3))


def test_a_lock_walled_in_by_the_locks_of_others_stays_apart():
    fixed = np.array([0, -1, -1, -1, -1, 1, -1, 1, 0])
    problem = build_grid(areas=grid_areas(), fixed=fixed)
    costs = Costs(problem)
    costs.bind(fixed, np.zeros(3, bool))

    after = connect(problem, costs, problem.places.homes, np.array([0, 0, 1, 2, 1, 1, 2, 1, 0]))

    assert (after[fixed >= 0] == fixed[fixed >= 0]).all()
    assert len(pieces_of(problem.areas, after == 0)) == 2
