"""Travel and candidate lists agree with the slow and obvious way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving._kernels.costs import add_travel, cheapest
from patchbook.carving.problem import EARTH_RADIUS_KM
from patchbook.geography.distance import great_circle_km, to_sphere_km


def test_travel_on_the_globe_is_the_great_circle_within_three_per_mille():
    rng = np.random.default_rng(0)
    here = np.stack([rng.uniform(-60, 60, 200), rng.uniform(-180, 180, 200)], axis=1)
    there = np.stack([rng.uniform(-60, 60, 5), rng.uniform(-180, 180, 5)], axis=1)
    cost = np.zeros((200, 5))

    add_travel(
        to_sphere_km(here[:, 0], here[:, 1]), np.arange(200), np.ones(200), to_sphere_km(there[:, 0], there[:, 1]),
        EARTH_RADIUS_KM**-2, 1.0, cost,
    )  # fmt: skip

    arc = great_circle_km(here[:, None, 0], here[:, None, 1], there[None, :, 0], there[None, :, 1])
    near = arc < 8000
    assert near.sum() > 100
    assert cost[near] == pytest.approx(arc[near], rel=3e-3)


def test_a_unit_of_several_sites_travels_to_each():
    sites = np.array([[0.0, 0.0], [3.0, 4.0]])
    cost = np.zeros((1, 1))

    add_travel(sites, np.array([0, 0]), np.array([1.0, 2.0]), np.zeros((1, 2)), 0.0, 1.0, cost)

    assert cost[0, 0] == pytest.approx(10.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), width=st.integers(1, 7))
def test_the_cheapest_seats_come_first_and_the_kept_one_is_among_them(seed, width):
    rng = np.random.default_rng(seed)
    cost = rng.random((20, 7))
    cost[rng.random((20, 7)) < 0.3] = np.inf
    keep = rng.integers(-1, 7, 20)
    seats, chosen = np.empty((20, width), np.int32), np.empty((20, width))

    cheapest(cost, keep, seats, chosen)

    for i in range(20):
        finite = np.flatnonzero(np.isfinite(cost[i]))
        expected = finite[np.argsort(cost[i, finite], kind="stable")][:width]
        held = seats[i][seats[i] >= 0]
        assert len(held) == len(expected)
        if keep[i] >= 0 and np.isfinite(cost[i, keep[i]]) and keep[i] not in expected:
            assert held[-1] == keep[i]
            assert held[:-1].tolist() == expected[:-1].tolist()
        else:
            assert held.tolist() == expected.tolist()
        assert chosen[i][: len(held)].tolist() == cost[i, held].tolist()
