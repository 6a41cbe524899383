"""Centres start at homes, or where the market falls apart by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.construct.centres import bisect, first_centres
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid, build_market


def first(problem, seed=1, **more):
    return first_centres(Costs(problem), limits(problem, lambda unit: np.zeros(problem.seats)), seed=seed, **more)


def test_homes_are_the_centres_and_none_is_free():
    centres, free, owners = first(build_grid())

    assert centres.tolist() == build_grid().places.homes.tolist()
    assert len(free) == 0
    assert owners.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_seat_without_a_home_starts_at_a_unit_far_from_the_homes():
    homes = np.array([[0.0, 0.0], [np.nan, np.nan], [0.0, 2.0]])
    problem = build_grid(places=replace(build_grid().places, homes=homes))

    centres, free, _ = first(problem)

    assert free.tolist() == [1]
    assert centres[[0, 2]].tolist() == homes[[0, 2]].tolist()
    assert any(centres[1].tolist() == site for site in problem.places.sites.tolist())
    assert not np.isnan(centres).any()


def test_without_homes_every_centre_is_free_and_the_units_are_spread_over_all_seats():
    problem = build_market(units=200, seats=6)

    centres, free, owners = first(problem)

    assert free.tolist() == [0, 1, 2, 3, 4, 5]
    assert centres.shape == (6, 2)
    assert set(owners) == set(range(6))


def test_another_turn_halves_from_another_side_and_the_same_turn_repeats():
    problem = build_market(units=200, seats=6)

    one, two, again = (first(problem, turn=turn)[0] for turn in (0, 1, 1))

    assert two.tolist() == again.tolist()
    assert not np.allclose(one, two)


def test_without_travel_there_are_no_centres():
    assert first(build_grid(travel=0.0))[0] is None
    assert first(build_grid(places=None))[0] is None


@given(
    sizes=st.lists(st.floats(0.5, 2.0), min_size=12, max_size=40),
    seats=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_halving_gives_every_seat_that_takes_part_about_its_share(sizes, seats, seed):
    size = np.array(sizes)
    takes_part = np.ones(seats + 1, bool)
    takes_part[seats // 2] = False

    owners = bisect(np.random.default_rng(seed).uniform(0, 1, (len(size), 2)), size, takes_part)

    held = np.bincount(owners, size, seats + 1)
    assert held[seats // 2] == 0
    assert held.sum() == pytest.approx(size.sum())
    # Each halving is at most one unit off, and there are at most three on the way to a seat.
    assert np.abs(held[takes_part] - size.sum() / seats).max() <= 3 * size.max() + 1e-9
