"""What a unit costs at a seat: travel, affinity and leaving today's owner, as anybody would add them up."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.costs import Costs, medians
from patchbook.carving.problem import EARTH_RADIUS_KM, Places, Problem
from tests.carving.conftest import build_grid


def a_problem(seed: int) -> tuple[Problem, np.ndarray]:
    rng = np.random.default_rng(seed)
    problem = Problem(
        weights=np.ones((8, 1)), shares=np.full((4, 1), 0.25), tolerances=np.array([1.0]), travel=1.7,
        places=Places(
            sites=rng.uniform(0, 100, (12, 2)), unit_of_site=rng.integers(0, 8, 12), weight=rng.uniform(0, 3, 12),
            on_globe=False,
        ),
        kind=rng.integers(0, 3, 8), kind_cost=np.where(rng.random((3, 4)) < 0.3, np.inf, rng.uniform(0, 9, (3, 4))),
        value=rng.uniform(1, 5, 8), incumbent=rng.integers(-1, 4, 8), stay=rng.uniform(0, 50, 8),
    )  # fmt: skip
    return problem, rng.uniform(0, 100, (4, 2))


@settings(max_examples=25)
@given(seed=st.integers(0, 9999), stay_price=st.sampled_from([0.0, 2.5]))
def test_costs_are_travel_and_affinity_and_leaving_added_up(seed, stay_price):
    problem, centres = a_problem(seed)

    rows = Costs(problem, stay_price=stay_price).rows(np.arange(8), centres)

    places = problem.places
    for unit in range(8):
        for seat in range(4):
            cost = problem.value[unit] * problem.kind_cost[problem.kind[unit], seat]
            for site in np.flatnonzero(places.unit_of_site == unit):
                cost += 1.7 * places.weight[site] * math.dist(places.sites[site], centres[seat])
            if problem.incumbent[unit] not in (-1, seat):
                cost += problem.stay[unit] + stay_price * problem.value[unit]
            assert rows[unit, seat] == pytest.approx(cost)


@settings(max_examples=25)
@given(seed=st.integers(0, 9999))
def test_what_a_unit_costs_where_it_is_stands_in_its_row(seed):
    problem, centres = a_problem(seed)
    rng = np.random.default_rng(seed)
    costs = Costs(problem, stay_price=1.5)
    costs.bind(np.where(rng.random(8) < 0.3, rng.integers(0, 4, 8), -1), rng.random(4) < 0.3)
    owners = rng.integers(-1, 4, 8)

    each = costs.each(owners, centres)

    rows = costs.rows(np.arange(8), centres)
    expected = [rows[unit, owner] if owner >= 0 else 0.0 for unit, owner in enumerate(owners)]
    assert each.tolist() == pytest.approx(expected)


def test_a_bound_unit_may_go_nowhere_else_and_others_keep_off_a_shut_seat():
    costs = Costs(build_grid())
    costs.bind(np.array([1, *[-1] * 8]), np.array([False, True, False]))

    rows = costs.rows(np.arange(9), build_grid().places.homes)

    assert np.isfinite(rows[0]).tolist() == [False, True, False]
    assert np.isfinite(rows[1:]).tolist() == [[True, False, True]] * 8


def test_who_may_only_go_to_a_shut_seat_still_may():
    kind = np.array([1, *[0] * 8])
    costs = Costs(build_grid(kind=kind, kind_cost=np.array([[0.0] * 3, [np.inf, 0.0, np.inf]])))
    costs.bind(np.full(9, -1), np.array([False, True, False]))

    assert np.isfinite(costs.rows(np.array([0]), None)).tolist() == [[False, True, False]]


def test_on_the_globe_a_kilometre_is_along_the_arc():
    quarter = Places(
        sites=np.array([[EARTH_RADIUS_KM, 0, 0]]), unit_of_site=np.array([0]), weight=np.ones(1), on_globe=True
    )
    problem = Problem(weights=np.ones((1, 1)), shares=np.ones((1, 1)), tolerances=np.ones(1), places=quarter)
    near = EARTH_RADIUS_KM * np.array([[math.cos(0.1), math.sin(0.1), 0.0]])

    assert Costs(problem).rows(np.array([0]), near)[0, 0] == pytest.approx(0.1 * EARTH_RADIUS_KM, rel=1e-4)


def test_candidates_are_the_cheapest_with_the_seat_to_keep_among_them():
    problem, centres = a_problem(3)
    problem = replace(problem, kind=None, kind_cost=None)
    costs = Costs(problem)
    rows = costs.rows(np.arange(8), centres)
    dearest = rows.argmax(axis=1)

    found = costs.candidates(centres, 2, dearest, np.arange(8))

    for unit in range(8):
        assert dearest[unit] in found.seats[unit]
        assert rows[unit].argmin() in found.seats[unit]
        assert found.cost[unit].tolist() == pytest.approx(rows[unit, found.seats[unit]].tolist())
        assert found.cost[unit].tolist() == sorted(found.cost[unit])


def test_the_total_leaves_out_who_has_no_seat():
    costs = Costs(build_grid())
    owners = np.repeat(np.arange(3), 3)

    assert costs.total(owners, build_grid().places.homes) == pytest.approx(9.0)
    owners[2] = -1
    assert costs.total(owners, build_grid().places.homes) == pytest.approx(7.0)


def test_a_median_is_where_no_step_to_any_side_is_shorter():
    rng = np.random.default_rng(0)
    sites = rng.uniform(0, 10, (30, 2))
    places = Places(sites=sites, unit_of_site=np.arange(30), weight=rng.uniform(0.5, 2, 30), on_globe=False)

    [centre] = medians(places, np.zeros(30, np.int64), np.array([[5.0, 5.0]]), np.array([0]), rounds=200)

    def length(point) -> float:
        return float((places.weight * np.sqrt(((sites - point) ** 2).sum(axis=1))).sum())

    assert all(
        length(centre) <= length(centre + step) + 1e-6 for step in 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    )


def test_a_centre_that_is_not_free_stays():
    places = build_grid().places
    centres = places.homes.copy()

    moved = medians(places, np.repeat(np.arange(3), 3), centres, np.array([1]), rounds=10)

    assert moved[[0, 2]].tolist() == centres[[0, 2]].tolist()
    assert moved[1] == pytest.approx([1.0, 1.0], abs=0.05)
