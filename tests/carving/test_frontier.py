"""Carves of which none beats another, from one call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from carving.conftest import build_market
from patchbook.carving.frontier import Emphasis, figures_of, frontier
from patchbook.carving.solve import solve


def with_owners(units=200, seats=6, **changes):
    rng = np.random.default_rng(4)
    return build_market(
        units,
        seats,
        incumbent=rng.integers(0, seats, units),
        stay=np.full(units, 60.0),
        value=np.ones(units),
        **changes,
    )


@pytest.fixture(scope="module")
def found():
    return frontier([with_owners()], seed=1)


def test_nine_carves_come_of_one_call_within_their_limits_and_none_beats_another(found):
    assert len(found.points) >= 9
    assert all(point.is_feasible for point in found.points)
    figures = [point.figures.all for point in found.points]
    for one in figures:
        assert not any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in figures)
    assert [point.figures.moved_share for point in found.points] == sorted(p.figures.moved_share for p in found.points)


def test_the_figures_are_those_of_the_owners(found):
    for point in found.points:
        (solution,) = point.solutions
        problem = solution.problem
        loads = solution.loads
        off = np.abs(loads / problem.targets() - 1).max()
        assert point.figures.deviation == pytest.approx(off)
        assert point.figures.deviation <= problem.tolerances.max() + 1e-9
        assert point.figures.moved_share == pytest.approx((solution.owners != problem.incumbent).mean())
        apart = np.sqrt(((problem.places.sites - solution.centres[solution.owners]) ** 2).sum(axis=1))
        assert point.figures.travel_km == pytest.approx(np.average(apart, weights=problem.places.weight))


def test_the_same_seed_gives_the_same_points_on_one_thread_and_on_two(found):
    again = frontier([with_owners()], seed=1, threads=1)

    assert [point.emphasis for point in again.points] == [point.emphasis for point in found.points]
    for one, other in zip(again.points, found.points, strict=True):
        assert np.array_equal(one.solutions[0].owners, other.solutions[0].owners)


def test_every_point_is_a_setting_of_the_problem_and_caps_are_lifted():
    problem = with_owners(moved_at_most=0.1)

    emphasised = Emphasis(tolerance_times=2.0, travel_times=3.0).of(problem, np.array([True, False, True]))

    assert emphasised.tolerances.tolist() == [0.1, 0.05, 0.1]
    assert (emphasised.travel, emphasised.moved_at_most) == (3.0, None)
    assert Emphasis(tolerance_times=100.0).of(problem).tolerances.tolist() == [0.9] * 3


def test_the_carve_it_begins_from_takes_part_and_is_told_where_it_is_beaten():
    problem = with_owners(60, 3)
    first = solve(problem, seed=1)

    found = frontier([problem], first=[first], points=4)

    (given,) = [p for p in (*found.points, *found.beaten) if p.emphasis is None]
    assert given.solutions == (first,)


def test_several_problems_are_carved_with_one_emphasis_and_told_together():
    problems = [with_owners(60, 3), with_owners(80, 4, seed=9)]

    found = frontier(problems, points=4)

    for point in found.points:
        assert point.figures == figures_of(point.solutions)
        alone = [figures_of([solution]) for solution in point.solutions]
        assert point.figures.deviation == max(one.deviation for one in alone)
        low, high = sorted(one.moved_share for one in alone)
        assert low <= point.figures.moved_share <= high


def test_without_owners_balance_is_bought_with_travel_alone():
    found = frontier([build_market(120, 4)], points=5)

    assert len(found.points) >= 5
    assert {point.emphasis.travel_times for point in found.points} == {1.0}
    assert {point.figures.moved_share for point in found.points} == {0.0}


def test_a_walk_that_is_stopped_tells_what_it_found():
    asked = []

    found = frontier([with_owners(60, 3)], threads=1, found=asked.append, stop=lambda: len(asked) >= 2)

    assert found.was_stopped
    assert len(found.points) + len(found.beaten) == 2


def test_what_cannot_be_met_is_set_aside():
    problem = replace(with_owners(20, 3), tolerances=np.array([0.05, 0.05, 0.0]))  # 20 of 3 equal seats

    found = frontier([problem], points=3)

    assert found.points == ()
    assert found.unmet
