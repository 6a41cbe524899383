"""The outline of a territory: its counties melted into one shape, or the hull around its accounts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from patchbook.geography.hull import Point, convex_hull

FloatArray = npt.NDArray[np.float64]
Polygon = list[list[Point]]
"""An outer ring, then its holes; each ring ends where it began."""


def melted(rings: Iterable[FloatArray]) -> list[Polygon]:
    """
    The polygons that remain when rings that share edges become one.

    Neighbours taken from one topology walk a shared border in opposite directions, so an edge that also appears
    reversed lies inside and is dropped; what is left is stitched back into rings.

    Parameters
    ----------
    rings
        (points, 2) each, closed or not; outer rings all turn the same way, holes the other way.

    Examples
    --------
    Two squares side by side become one of six corners:

    >>> left = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    >>> [[polygon]] = melted([left, left + [1, 0]])
    >>> len(polygon) - 1
    6
    """
    closed = [_closed([(float(x), float(y)) for x, y in ring]) for ring in rings]
    walked = Counter(edge for ring in closed for edge in pairwise(ring) if edge[0] != edge[1])
    # Counted, not only seen: a ring with a spike walks one edge there and back, and its neighbour walks it once more.
    border = Counter({edge: times - walked.get((edge[1], edge[0]), 0) for edge, times in walked.items()})
    turns_left = _turns_left(closed)
    return _nested(
        [ring for ring in _stitched(sorted((+border).elements()), turns_left) if abs(_area(ring)) > 0], turns_left
    )


def hull(points: FloatArray) -> list[Point]:
    """
    The closed ring around (points, 2), counter-clockwise; empty where the points do not span an area.

    Examples
    --------
    >>> hull(np.array([[0, 0], [1, 0], [0, 1], [0.2, 0.2]], dtype=float))
    [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]
    """
    ring = convex_hull(points)
    return [*ring, ring[0]] if len(ring) > 2 else []


def _stitched(border: Iterable[tuple[Point, Point]], turns_left: bool) -> list[list[Point]]:
    leaving: dict[Point, list[Point]] = {}
    for start, end in border:
        leaving.setdefault(start, []).append(end)
    rings = []
    while leaving:
        start = next(iter(leaving))
        ring = [start]
        while True:
            ends = leaving.get(ring[-1])
            if not ends:
                break
            following = ends.pop() if len(ring) < 2 else ends.pop(_sharpest(ring[-2], ring[-1], ends, turns_left))
            if not ends:
                del leaving[ring[-1]]
            ring.append(following)
            if following == start:
                rings.append(ring)
                break
    return rings


def _sharpest(before: Point, here: Point, ends: Sequence[Point], turns_left: bool) -> int:
    """Where several edges leave a corner, the one that turns most inward: rings that touch in a point stay apart."""
    if len(ends) == 1:
        return 0
    arriving = np.arctan2(here[1] - before[1], here[0] - before[0])
    turns = [(np.arctan2(y - here[1], x - here[0]) - arriving + np.pi) % (2 * np.pi) for x, y in ends]
    return int(np.argmax(turns) if turns_left else np.argmin(turns))


def _nested(rings: list[list[Point]], outer_turns_left: bool) -> list[Polygon]:
    outer = [ring for ring in rings if (_area(ring) > 0) == outer_turns_left]
    holes = [ring for ring in rings if (_area(ring) > 0) != outer_turns_left]
    polygons: list[Polygon] = [[ring] for ring in sorted(outer, key=lambda ring: -abs(_area(ring)))]
    for hole in holes:
        # The smallest ring around the hole is its own; the list runs from large to small.
        around = [polygon for polygon in polygons if _contains(polygon[0], hole)]
        if around:
            around[-1].append(hole)
    return polygons


def _contains(ring: list[Point], hole: list[Point]) -> bool:
    x, y = (hole[0][0] + hole[1][0]) / 2, (hole[0][1] + hole[1][1]) / 2
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _turns_left(rings: list[list[Point]]) -> bool:
    """Whether outer rings run counter-clockwise: the largest ring is never a hole."""
    return max((_area(ring) for ring in rings), key=abs, default=1.0) > 0


def _area(ring: Sequence[Point]) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2


def _closed(ring: list[Point]) -> list[Point]:
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]
