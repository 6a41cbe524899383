"""Priced: a first assignment near its limits and near the cheapest."""

from __future__ import annotations

import numpy as np

from patchbook.carving.construct import Priced
from patchbook.carving.costs import Costs
from tests.carving.conftest import build_grid, build_market


def test_the_grid_falls_into_its_rows(begin):
    owners, start, _ = begin(Priced(), build_grid())

    assert owners.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert start.centres.tolist() == build_grid().places.homes.tolist()


def test_a_market_is_near_its_limits_before_any_move(begin):
    owners, _, lim = begin(Priced(), build_market(units=600, seats=6))

    assert lim.excess(lim.loads(owners)) < 0.1
    assert set(owners) == set(range(6))


def test_locked_units_are_where_they_are_locked(begin):
    fixed = np.full(300, -1)
    fixed[[5, 50]] = [3, 7]

    owners, _, _ = begin(Priced(), build_market(fixed=fixed))

    assert owners[[5, 50]].tolist() == [3, 7]


def test_the_same_seed_gives_the_same_start(begin):
    one, two = (begin(Priced(), build_market(), seed=4)[0] for _ in range(2))

    assert one.tolist() == two.tolist()


def test_it_suits_where_some_seat_is_cheaper_than_another():
    assert Priced().supports(Costs(build_grid()))
    assert not Priced().supports(Costs(build_grid(places=None)))
