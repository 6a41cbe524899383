"""Areas of one's own: polygons from GeoJSON or well-known text, and which points lie in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from patchbook.errors import BadInput

BoolArray = npt.NDArray[np.bool_]
Ring = tuple[tuple[float, float], ...]
"""Closed: longitude and latitude of its corners, the first again as the last."""

MOST_CORNERS = 200_000


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
        return any(
            sum(_crosses(start, end, latitude, longitude) for ring in rings for start, end in _edges(ring)) % 2
            for rings in self.polygons
        )

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


def _crosses(start: tuple[float, float], end: tuple[float, float], y: float, x: float) -> bool:
    """Whether a ray to the east crosses an edge; the same arithmetic as for many points, so the same answer."""
    (x1, y1), (x2, y2) = start, end
    return (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1


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
