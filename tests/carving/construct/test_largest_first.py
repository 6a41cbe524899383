"""Largest first balances where nothing but balance counts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.construct import LargestFirst
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import Costs
from patchbook.carving.problem import Problem
from tests.carving.conftest import build_grid
from tests.carving.construct.conftest import owners_of, prepared


def plain(*weights: float, seats: int = 3, **changes) -> Problem:
    return Problem(
        weights=np.array(weights)[:, None], shares=np.full((seats, 1), 1 / seats), tolerances=np.array([1.0]), **changes
    )


def test_the_largest_goes_first_and_each_to_the_emptiest(begin):
    owners, _, _ = begin(LargestFirst(), plain(3, 7, 5, 4, 2))

    assert owners.tolist() == [2, 0, 1, 2, 1]  # 7 | 5, then 2 | 4, then 3: both others carry 7


def test_locked_units_go_where_they_are_locked(begin):
    owners, _, _ = begin(LargestFirst(), plain(3, 7, 5, 4, 2, fixed=np.array([1, -1, -1, -1, 1])))

    assert owners[[0, 4]].tolist() == [1, 1]


@given(weights=st.lists(st.floats(0.1, 100), min_size=3, max_size=40), seats=st.integers(1, 5))
def test_no_seat_carries_more_than_grahams_bound(weights, seats):
    """A seat's load is at most the mean of all plus what the last that went there weighs."""
    problem = plain(*weights, seats=seats)
    costs, lim = prepared(problem)
    if len(lim.oversized):
        return
    start = LargestFirst().start(costs, lim, seed=1, stop=lambda: False, say=lambda phase, done: None)

    load = np.bincount(owners_of(start), weights, seats)
    assert load.max() <= sum(weights) / seats + max(weights) + 1e-9


def test_it_suits_only_where_no_seat_is_cheaper_for_anybody():
    assert not prefers_seats(Costs(plain(1, 2, 3)))
    assert prefers_seats(Costs(build_grid()))
    assert not prefers_seats(Costs(build_grid(travel=0.0)))
    assert prefers_seats(Costs(plain(1, 2, incumbent=np.array([0, -1]), stay=np.ones(2))))
    assert not prefers_seats(Costs(plain(1, 2, incumbent=np.array([0, -1]), stay=np.zeros(2))))
    kind = np.array([0, 1])
    assert prefers_seats(Costs(plain(1, 2, kind=kind, kind_cost=np.array([[0.0, 1, 0], [0, 0, 0]]))))
    assert not prefers_seats(Costs(plain(1, 2, kind=kind, kind_cost=np.array([[0.0, np.inf, 0], [0, 0, 0]]))))
