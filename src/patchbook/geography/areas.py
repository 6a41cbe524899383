"""Areas of one's own: polygons from GeoJSON or well-known text, and which points lie in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from patchbook.errors import BadInput

BoolArray = npt.NDArray[np.bool_]
Ring = tuple[tuple[float, float], ...]
"""Closed: longitude and latitude of its corners, the first again as the last."""

MOST_CORNERS = 200_000
MOST_BANDS = 1_024


class BadArea(BadInput):
    """A text is no polygon that can be meant; the message says what is wrong with it."""


@dataclass(frozen=True)
class Area:
    """Polygons, each an outline and its holes."""

    polygons: tuple[tuple[Ring, ...], ...]
    digest: str = field(default="", compare=False)
    """Twelve hexadecimal digits that another area does not have."""

    def __post_init__(self) -> None:
        told = json.dumps(self.polygons, separators=(",", ":"))
        object.__setattr__(self, "digest", hashlib.sha256(told.encode()).hexdigest()[:12])

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies inside. Of two areas that share a border, a point on it lies in one only."""
        return any(bands.holds(latitude, longitude) for bands in self._bands)

    @cached_property
    def _bands(self) -> tuple[_Bands, ...]:
        return tuple(map(_Bands, self.polygons))

    def holds_all(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> BoolArray:
        """The same for many points at once; a point that is not a number lies outside."""
        y, x = np.asarray(latitude, float), np.asarray(longitude, float)
        inside = np.zeros(len(y), dtype=np.bool_)
        for rings in self.polygons:
            corners = np.array([corner for ring in rings for corner in ring])
            (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
            near = np.flatnonzero((y >= south) & (y <= north) & (x >= west) & (x <= east) & ~inside)
            odd = np.zeros(len(near), dtype=np.bool_)
            here_x, here_y = x[near], y[near]
            for ring in rings:
                for (x1, y1), (x2, y2) in _edges(ring):
                    if y1 != y2:
                        odd ^= ((y1 > here_y) != (y2 > here_y)) & (here_x < (x2 - x1) * (here_y - y1) / (y2 - y1) + x1)
            inside[near] = odd
        return inside


def area_from_text(text: str) -> Area:
    """
    The area a text describes: GeoJSON, or a POLYGON or MULTIPOLYGON as well-known text; longitude before latitude.

    Examples
    --------
    >>> area_from_text("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))").holds(1.0, 3.0)
    True
    """
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            polygons = list(_from_geojson(json.loads(stripped)))
        except (ValueError, RecursionError):
            raise BadArea("the area is no readable JSON; give GeoJSON or POLYGON((…))") from None
    else:
        polygons = list(_from_wkt(stripped))
    if not polygons:
        raise BadArea("the area has no polygon; give one as GeoJSON or POLYGON((…))")
    if sum(len(ring) for polygon in polygons for ring in polygon) > MOST_CORNERS:
        raise BadArea(f"the area has more than {MOST_CORNERS:,} corners; simplify its outline")
    return Area(tuple(tuple(_ring(ring) for ring in polygon) for polygon in polygons))


class _Bands:
    """The edges of a polygon by bands of latitude, so that a point is held against a few of them only."""

    def __init__(self, rings: tuple[Ring, ...]) -> None:
        corners = [corner for ring in rings for corner in ring]
        self.west, self.east = min(x for x, _ in corners), max(x for x, _ in corners)
        self.south, self.north = min(y for _, y in corners), max(y for _, y in corners)
        self.count = min(max(len(corners) // 2, 1), MOST_BANDS)
        self.edges: list[list[tuple[float, float, float, float]]] = [[] for _ in range(self.count)]
        for ring in rings:
            for (x1, y1), (x2, y2) in _edges(ring):
                if y1 != y2:
                    for band in range(self._band(min(y1, y2)), self._band(max(y1, y2)) + 1):
                        self.edges[band].append((x1, y1, x2, y2))

    def holds(self, y: float, x: float) -> bool:
        """Whether a ray to the east crosses an odd number of edges; the same arithmetic as for many points at once."""
        if not (self.south <= y <= self.north and self.west <= x <= self.east):
            return False
        odd = False
        for x1, y1, x2, y2 in self.edges[self._band(y)]:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                odd = not odd
        return odd

    def _band(self, y: float) -> int:
        height = self.north - self.south
        return min(int((y - self.south) / height * self.count), self.count - 1) if height > 0 else 0


def _edges(ring: Ring) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise(ring)


def _ring(points: Sequence[Any]) -> Ring:
    ring: list[tuple[float, float]] = []
    for point in points:
        if not isinstance(point, list | tuple) or len(point) < 2:
            raise BadArea(f"{str(point)[:40]!r} is no corner; a corner is a longitude and a latitude")
        try:
            x, y = float(point[0]), float(point[1])
        except (TypeError, ValueError):
            raise BadArea(f"{str(point)[:40]!r} is no corner; a corner is a longitude and a latitude") from None
        if not (-180 <= x <= 180 and -90 <= y <= 90):
            raise BadArea(f"the corner {x:g} {y:g} is not on the globe; longitude (±180) stands before latitude (±90)")
        ring.append((x, y))
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(ring) < 4:
        raise BadArea("a polygon has fewer than three corners")
    return tuple(ring)


def _from_geojson(node: Any) -> Iterator[Sequence[Any]]:
    kind = node.get("type") if isinstance(node, dict) else None
    if kind == "FeatureCollection":
        for feature in node.get("features") or []:
            yield from _from_geojson(feature)
    elif kind == "Feature":
        yield from _from_geojson(node.get("geometry"))
    elif kind == "GeometryCollection":
        for geometry in node.get("geometries") or []:
            yield from _from_geojson(geometry)
    elif kind in ("Polygon", "MultiPolygon"):
        polygons = node.get("coordinates")
        polygons = [polygons] if kind == "Polygon" else polygons
        if not isinstance(polygons, list) or not all(
            isinstance(rings, list) and rings and all(isinstance(ring, list) for ring in rings) for rings in polygons
        ):
            raise BadArea(f"a {kind} has no list of rings in its coordinates")
        yield from polygons
    else:
        raise BadArea(f"{kind!r} is no area; GeoJSON has Polygon and MultiPolygon, alone or in features")


def _from_wkt(text: str) -> Iterator[list[list[list[str]]]]:
    found = re.fullmatch(r"(?is)(MULTI)?POLYGON\s*\((.*)\)", text)
    if found is None:
        raise BadArea("the area is neither GeoJSON nor a POLYGON((…))")
    polygons = re.findall(r"\(((?:\s*\([^()]*\)\s*,?)+)\)", found[2]) if found[1] else [found[2]]
    for polygon in polygons:
        rings = re.findall(r"\(([^()]*)\)", polygon)
        if not rings:
            raise BadArea("a polygon has no ring of corners, as in POLYGON((0 0, 4 0, 4 4, 0 0))")
        yield [[corner.split() for corner in ring.split(",")] for ring in rings]
