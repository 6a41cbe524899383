"""Outlines of US states and counties, of countries and of their first-order parts, from the shipped TopoJSON."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

Layer = Literal["us-states", "us-counties", "countries", "countries-coarse", "admin1"]

_FILES: dict[Layer, tuple[str, str]] = {
    "us-states": ("us-counties-10m-2023.json.gz", "states"),
    "us-counties": ("us-counties-10m-2023.json.gz", "counties"),
    "countries": ("world-countries-50m.json.gz", "countries"),
    "countries-coarse": ("world-countries-110m.json.gz", "countries"),
    "admin1": ("admin1-27countries.topo.json.gz", "admin1"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """One area: closed rings, each (n, 2) of latitude and longitude; a point in an odd number of them is inside."""

    code: str
    """County FIPS, state FIPS, ISO 3166-1 numeric (a country without one has its name), or ISO 3166-2."""
    name: str
    rings: tuple[FloatArray, ...]


@cache
def shapes(layer: Layer, tolerance_degrees: float = 0.0) -> tuple[Shape, ...]:
    """
    Every shape of a layer, simplified for drawing by dropping points within the tolerance of a straight line.

    Borders are simplified once for both neighbours, so no gaps open between them.

    Examples
    --------
    >>> len(shapes("us-counties"))
    3233
    """
    file, name = _FILES[layer]
    topology = _topology(file)
    exact = _arcs(file)
    arcs = tuple(_simplified(arc, tolerance_degrees) for arc in exact) if tolerance_degrees > 0 else exact
    found = []
    for geometry in topology["objects"][name]["geometries"]:
        properties = geometry.get("properties") or {}
        title = str(properties.get("name", ""))
        code = properties.get("iso") or geometry.get("id") or title
        # An area smaller than the tolerance would vanish; it keeps its exact outline.
        rings = _rings(geometry, arcs) or _rings(geometry, exact)
        found.append(Shape(code=str(code), name=title, rings=rings))
    return tuple(found)


def topology(layer: Layer) -> Any:
    """The TopoJSON a layer's shapes are drawn from: which outlines share which lines."""
    return _topology(_FILES[layer][0])


def _rings(geometry: Any, arcs: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """The closed rings of a geometry, islands that shrank to a line left out."""
    rings = [_ring(ring, arcs) for polygon in _polygons(geometry) for ring in polygon]
    pieces = [piece for ring in rings for piece in _split_at_date_line(ring)]
    return tuple(piece for piece in pieces if len(piece) >= 4)


def _polygons(geometry: Any) -> list[list[list[int]]]:
    """Polygons of rings of arc numbers; a few small islands have no outline at this scale."""
    if geometry.get("type") == "Polygon":
        return [geometry["arcs"]]
    return list(geometry["arcs"]) if geometry.get("type") == "MultiPolygon" else []


@cache
def _topology(file: str) -> Any:
    with (files("patchbook.geography") / "data" / file).open("rb") as packed:
        return json.loads(gzip.decompress(packed.read()))


@cache
def _arcs(file: str) -> tuple[FloatArray, ...]:
    """The arcs of a topology as (n, 2) of latitude and longitude."""
    topology = _topology(file)
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    decoded = (np.cumsum(np.array(arc, dtype=float), axis=0) * scale + translate for arc in topology["arcs"])
    return tuple(np.ascontiguousarray(arc[:, ::-1]) for arc in decoded)


def _ring(indices: list[int], arcs: tuple[FloatArray, ...]) -> FloatArray:
    parts = []
    for position, index in enumerate(indices):
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        parts.append(arc if position == 0 else arc[1:])
    return np.concatenate(parts)


def _split_at_date_line(ring: FloatArray) -> list[FloatArray]:
    """A ring that crosses 180° comes in a part on each side; drawn whole, it would run across the whole map."""
    step = np.diff(ring[:, 1])
    turns = np.where(step > 180, -1, np.where(step < -180, 1, 0))
    # Around a pole (Antarctica) the turns do not cancel out: such a ring is cut open along the edge of the map already.
    if not turns.any() or turns.sum() != 0:
        return [ring]
    unrolled = ring.copy()
    unrolled[1:, 1] += 360 * np.cumsum(turns)
    if turns[np.flatnonzero(turns)[0]] < 0:
        unrolled[:, 1] += 360
    west, east = _clipped(unrolled, 1), _clipped(unrolled, -1)
    return [west, east - np.array([0.0, 360.0])] if len(east) else [west]


def _clipped(ring: FloatArray, side: int) -> FloatArray:
    """The part of an unrolled ring west (1) or east (-1) of 180° (Sutherland and Hodgman 1974)."""
    kept: list[FloatArray] = []
    for a, b in pairwise(ring):
        inside_a, inside_b = side * a[1] <= side * 180, side * b[1] <= side * 180
        if inside_a:
            kept.append(a)
        if inside_a != inside_b:
            kept.append(a + (b - a) * (180 - a[1]) / (b[1] - a[1]))
    return np.array([*kept, kept[0]]) if kept else np.empty((0, 2))


def _simplified(arc: FloatArray, tolerance: float) -> FloatArray:
    """Douglas and Peucker (1973), without recursion; the ends of an arc, where areas meet, always stay."""
    if len(arc) <= 2:
        return arc
    # A degree of longitude is shorter than one of latitude; compare in units of the latter.
    plane = arc * np.array([1.0, np.cos(np.radians(arc[:, 0].mean()))])
    keep = np.zeros(len(arc), dtype=bool)
    keep[[0, -1]] = True
    # A closed arc (an island) has no chord between its ends; its farthest point parts it in two.
    spans = [(0, len(arc) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord, inner = plane[last] - plane[first], plane[first + 1 : last] - plane[first]
        length = float(np.hypot(*chord))
        away = np.abs(inner[:, 0] * chord[1] - inner[:, 1] * chord[0]) / length if length else np.hypot(*inner.T)
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance:
            split = first + 1 + farthest
            keep[split] = True
            spans += [(first, split), (split, last)]
    return arc[keep]
