"""A start with as few moves as it needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.construct.fewest_moves import FewestMoves
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid


def begun(problem):
    """The owners that the construction begins with, where it suits."""
    costs = Costs(problem)
    homes = problem.places.homes
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    assert FewestMoves().supports(costs)
    start = FewestMoves().start(costs, lim, seed=1, stop=lambda: False, say=lambda *_: None)
    return start.candidates.seats[np.arange(problem.units), start.slots]


def a_book(**changes):
    """Nine equal units of three seats, of which South has five and Middle one; leaving a seat costs 100 km."""
    return build_grid(incumbent=np.array([0, 0, 0, 0, 0, 1, 2, 2, 2]), stay=np.full(9, 100.0), **changes)


def test_only_what_must_move_moves_and_the_nearest_of_it():
    owners = begun(a_book())

    assert np.bincount(owners).tolist() == [3, 3, 3]
    assert np.flatnonzero(owners != a_book().incumbent).tolist() == [3, 4]  # the second row, where Middle is at home


def test_a_locked_unit_stays_and_another_moves_in_its_place():
    fixed = np.full(9, -1)
    fixed[3] = 0

    owners = begun(a_book(fixed=fixed))

    assert owners[3] == 0
    assert (owners != a_book().incumbent).sum() == 2


def test_it_is_for_books_in_which_moves_cost_more_than_journeys():
    cheap = Costs(replace(a_book(), stay=np.full(9, 0.1)))

    assert not FewestMoves().supports(cheap)
