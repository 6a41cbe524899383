"""The convex hull of points on a plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Point = tuple[float, float]


def convex_hull(points: FloatArray) -> list[Point]:
    """
    The corners of the hull around (points, 2), counter-clockwise from the left; fewer than three when in line.

    Andrew (1979), Another efficient algorithm for convex hulls in two dimensions, doi:10.1016/0020-0190(79)90072-3.

    Examples
    --------
    >>> convex_hull(np.array([[0, 0], [1, 0], [0, 1], [0.2, 0.2]], dtype=float))
    [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    """
    ordered = [(float(x), float(y)) for x, y in np.unique(points, axis=0)]
    if len(ordered) < 3:
        return ordered
    return _half(ordered)[:-1] + _half(ordered[::-1])[:-1]


def _half(ordered: list[Point]) -> list[Point]:
    """The corners one meets on the way, always turning left."""
    corners: list[Point] = []
    for x, y in ordered:
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2], corners[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners
