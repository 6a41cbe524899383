"""A vacant territory is covered by somebody near who may and has room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.cover import interim
from patchbook.carving.solve import solve

LEFT, MIDDLE, RIGHT = np.array([True, False, False]), np.array([False, True, False]), np.array([False, False, True])


def test_the_nearest_covers_where_all_are_as_full(a_grid):
    solution = solve(a_grid())

    assert interim(solution, LEFT, nearest=1).tolist() == [1, -1, -1]
    assert interim(solution, RIGHT, nearest=1).tolist() == [-1, -1, 1]


def test_of_the_nearest_whoever_has_most_room_covers(a_grid):
    solution = solve(a_grid(shares=np.array([[4], [3], [2]]) / 9, tolerances=np.array([0.3])))
    loads = solution.limits.loads(solution.owners)[:, 0]
    room = solution.limits.high[:, 0] - loads

    assert interim(solution, MIDDLE).tolist() == [-1, 0 if room[0] >= room[2] else 2, -1]


def test_covering_takes_room_so_two_vacant_ones_are_covered_by_two(a_market):
    solution = solve(a_market(units=120, seats=5))
    vacant = np.array([True, True, False, False, False])

    found = interim(solution, vacant)

    assert len(set(found[:2].tolist())) == 2
    assert (found[2:] == -1).all()
    assert not vacant[found[:2]].any()


def test_nobody_covers_what_they_may_not_have_and_nobody_covers_nothing(a_grid):
    kinds = np.array([[0.0, np.inf, 0.0]])
    solution = solve(a_grid(kind=np.zeros(9, np.int64), kind_cost=kinds, tolerances=np.array([0.9])))

    assert interim(solution, LEFT).tolist()[0] == 2
    assert interim(solution, np.array([True, False, True])).tolist() == [-1, -1, -1]
    empty = replace(solution, owners=np.full(9, 2))
    assert interim(empty, LEFT).tolist() == [-1, -1, -1]
