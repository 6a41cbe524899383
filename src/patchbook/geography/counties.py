"""Which US county a point lies in: candidates from a grid, then ray casting over whole arrays at once."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.geography.distance import chord_km, to_sphere_km
from patchbook.geography.shapes import shapes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CELL_DEGREES = 0.25
_LARGEST_BLOCK = 4_000_000


def county_of_points(latitude: npt.ArrayLike, longitude: npt.ArrayLike, *, nearest_within_km: float = 0.0) -> pl.Series:
    """
    The county FIPS code of each point, null outside every county.

    Parameters
    ----------
    nearest_within_km
        Shore lines in the shipped shapes are coarse. A point in no county is given the one with the nearest border when
        that is no farther than this; only sensible for points known to be in the US.

    Examples
    --------
    >>> county_of_points([41.88, 48.86], [-87.63, 2.35]).to_list()  # Chicago, Paris
    ['17031', None]
    """
    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    county = np.full(len(lat), -1, dtype=np.int64)
    usable = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    row = np.floor((lat[usable] + 90) / CELL_DEGREES).astype(np.int64)
    column = np.floor((lon[usable] + 180) / CELL_DEGREES).astype(np.int64)
    cell = row * int(360 / CELL_DEGREES) + column
    order = np.argsort(cell, kind="stable")
    _cast(lat, lon, usable[order], cell[order], county)
    if nearest_within_km > 0:
        _take_nearest(lat, lon, county, usable, nearest_within_km)
    codes = pl.Series("county_fips", [shape.code for shape in shapes("us-counties")], dtype=pl.String)
    return codes.gather(pl.select(pl.when(pl.lit(pl.Series(county)) >= 0).then(pl.lit(pl.Series(county)))).to_series())


def _cast(lat: FloatArray, lon: FloatArray, points: IntArray, cells: IntArray, county: IntArray) -> None:
    """Fill in the county of `points`, which are sorted by their grid cell."""
    across = int(360 / CELL_DEGREES)
    for index, (south, west, north, east, edges) in enumerate(_outlines()):
        rows = np.arange(int((south + 90) // CELL_DEGREES), int((north + 90) // CELL_DEGREES) + 1)
        starts = np.searchsorted(cells, rows * across + int((west + 180) // CELL_DEGREES), side="left")
        stops = np.searchsorted(cells, rows * across + int((east + 180) // CELL_DEGREES), side="right")
        if not (stops > starts).any():
            continue
        near = np.concatenate([points[a:b] for a, b in zip(starts, stops, strict=True) if b > a])
        y, x = lat[near], lon[near]
        near = near[(y >= south) & (y <= north) & (x >= west) & (x <= east)]
        block = max(1, _LARGEST_BLOCK // max(1, len(edges)))
        for first in range(0, len(near), block):
            some = near[first : first + block]
            county[some[_inside(lat[some], lon[some], edges)]] = index


def _inside(y: FloatArray, x: FloatArray, edges: FloatArray) -> npt.NDArray[np.bool_]:
    """A ray to the east crosses the outline of what a point is inside of an odd number of times."""
    y1, x1, y2, slope = edges.T
    above = y[:, None] < y1
    crosses = (above != (y[:, None] < y2)) & (x[:, None] < x1 + (y[:, None] - y1) * slope)
    return np.asarray(crosses.sum(axis=1) % 2 == 1)


def _take_nearest(lat: FloatArray, lon: FloatArray, county: IntArray, usable: IntArray, within_km: float) -> None:
    outside = usable[county[usable] < 0]
    if not len(outside):
        return
    tree, owner = _borders()
    chord, nearest = tree.query(
        to_sphere_km(lat[outside], lon[outside]), distance_upper_bound=float(chord_km(within_km))
    )
    found = np.isfinite(chord)
    county[outside[found]] = owner[nearest[found]]


@cache
def _outlines() -> tuple[tuple[float, float, float, float, FloatArray], ...]:
    """Each county's bounding box and the edges of all its rings as y1, x1, y2, slope; level edges never count."""
    outlines = []
    for shape in shapes("us-counties"):
        edges = np.concatenate([np.column_stack([ring[:-1], ring[1:]]) for ring in shape.rings] or [np.empty((0, 4))])
        edges = edges[edges[:, 0] != edges[:, 2]]
        if not len(edges):
            outlines.append((0.0, 0.0, -1.0, -1.0, np.empty((0, 4))))
            continue
        y1, x1, y2, x2 = edges.T
        south, north = float(min(y1.min(), y2.min())), float(max(y1.max(), y2.max()))
        west, east = float(min(x1.min(), x2.min())), float(max(x1.max(), x2.max()))
        outlines.append((south, west, north, east, np.column_stack([y1, x1, y2, (x2 - x1) / (y2 - y1)])))
    return tuple(outlines)


@cache
def _borders():  # type: ignore[no-untyped-def]  # scipy is imported only when a point lies off every shape
    from scipy.spatial import cKDTree

    pieces = [(i, ring) for i, shape in enumerate(shapes("us-counties")) for ring in shape.rings]
    vertices = np.concatenate([ring for _, ring in pieces])
    owner = np.concatenate([np.full(len(ring), i) for i, ring in pieces])
    return cKDTree(to_sphere_km(vertices[:, 0], vertices[:, 1])), owner
