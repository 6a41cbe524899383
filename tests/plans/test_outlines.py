"""Shapes that share edges melt into one outline; holes and islands stay what they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.geography.shapes import shapes
from patchbook.plans.outlines import Polygon, hull, melted

SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)


def area(polygons: list[Polygon]) -> float:
    return sum(
        sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2 for polygon in polygons for ring in polygon
    )


def test_eight_squares_around_a_gap_are_one_polygon_with_a_hole() -> None:
    around = [SQUARE + np.array([x, y]) for x in range(3) for y in range(3) if (x, y) != (1, 1)]

    [polygon] = melted(around)

    assert len(polygon) == 2
    assert area([polygon]) == pytest.approx(8)


def test_squares_that_touch_in_a_corner_stay_apart() -> None:
    assert [len(polygon) for polygon in melted([SQUARE, SQUARE + 1.0])] == [1, 1]


def test_an_island_in_the_hole_is_a_polygon_of_its_own() -> None:
    outer = SQUARE * 10
    hole = (SQUARE * 6 + 2)[::-1]
    island = SQUARE + 4.5

    polygons = melted([outer, hole, island])

    assert sorted(len(polygon) for polygon in polygons) == [1, 2]
    assert area(polygons) == pytest.approx(100 - 36 + 1)


def test_a_spike_that_is_walked_there_and_back_tears_no_hole() -> None:
    spiked = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 2], [0, 1], [0, 0]], dtype=float)
    beside = np.array([[-1, 0], [0, 0], [0, 1], [0, 2], [-1, 2], [-1, 0]], dtype=float)

    assert area(melted([spiked, beside])) == pytest.approx(3)


def test_nothing_melts_to_nothing() -> None:
    assert melted([]) == []


@pytest.mark.parametrize("tolerance_degrees", [0.0, 0.04])
def test_the_counties_of_every_state_melt_without_losing_land(tolerance_degrees: float) -> None:
    counties: dict[str, list[np.ndarray]] = {}
    for shape in shapes("us-counties", tolerance_degrees):
        counties.setdefault(shape.code[:2], []).extend(shape.rings)

    for state, rings in counties.items():
        assert area(melted(rings)) == pytest.approx(area([[[tuple(p) for p in ring]] for ring in rings]), rel=1e-6), (
            state
        )


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_melting_keeps_the_area_and_closes_every_ring(cells: set[tuple[int, int]]) -> None:
    polygons = melted([SQUARE + np.array([x, y]) for x, y in sorted(cells)])

    assert area(polygons) == pytest.approx(len(cells))
    assert all(ring[0] == ring[-1] for polygon in polygons for ring in polygon)


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=1, max_size=30))
def test_a_hull_holds_every_point(points: list[tuple[float, float]]) -> None:
    ring = hull(np.array(points))

    for (ax, ay), (bx, by) in pairwise(ring):
        for x, y in points:
            assert (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= -1e-6
