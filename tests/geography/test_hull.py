"""The hull holds every point, and only corners are in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patchbook.geography.hull import convex_hull

points = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=30)


@given(points)
def test_every_point_lies_in_the_hull_and_no_corner_is_in_line_with_its_neighbours(spots):
    corners = convex_hull(np.array(spots, float))

    if len(corners) > 2:
        for (ax, ay), (bx, by), (cx, cy) in zip(
            corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True
        ):
            assert (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0
            assert all((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0 for x, y in spots)
    assert {(float(x), float(y)) for x, y in spots} >= set(corners)


def test_points_in_line_have_no_inside():
    assert len(convex_hull(np.array([[0, 0], [1, 1], [2, 2]], float))) == 2
