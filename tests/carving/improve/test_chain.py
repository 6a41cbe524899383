"""A chain moves a unit to a second seat and one of that seat on to a third, where that pays."""

from __future__ import annotations

import numpy as np

from patchbook.carving.costs import Costs
from patchbook.carving.improve import MOVES
from patchbook.carving.improve.chain import Chain
from patchbook.carving.limits import limits
from patchbook.carving.search import Effort, Search
from tests.carving.conftest import build_grid

EFFORT = Effort(penalty=1000.0, only_violated=False, tries=30, reach=9)


def swept(owners: list[int], tolerance: float = 0.0) -> tuple[list[int], int]:
    """The grid's owners after one sweep, and how many changes it made."""
    problem = build_grid(tolerances=np.array([tolerance]))
    costs = Costs(problem)
    lim = limits(problem, lambda unit: np.zeros(3))
    candidates = costs.candidates(problem.places.homes, 3, np.array(owners), np.arange(9))
    search = Search(problem, lim, candidates, (candidates.seats == np.array(owners)[:, None]).argmax(axis=1))
    made = Chain().sweep(search.arrays, np.arange(9), EFFORT, 1)
    return search.owners.tolist(), made


def test_it_is_among_the_moves_and_wants_seats_enough():
    assert any(isinstance(move, Chain) for move in MOVES)
    assert Chain().supports(build_grid())
    few = 2
    assert not Chain().supports(build_grid(shares=np.full((few, 1), 1 / few)))


def test_a_full_seat_gives_to_its_neighbour_and_that_to_the_one_that_is_short():
    owners, made = swept([0, 0, 0, 0, 1, 1, 1, 2, 2])

    assert made >= 1
    assert np.bincount(owners).tolist() == [3, 3, 3]


def test_it_leaves_the_best_as_it_is():
    assert swept([0, 0, 0, 1, 1, 1, 2, 2, 2]) == ([0, 0, 0, 1, 1, 1, 2, 2, 2], 0)
