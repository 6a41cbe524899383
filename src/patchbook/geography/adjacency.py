"""What touches what: US counties, or accounts as nearest neighbours, connected over water where nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_array, csr_array

from patchbook.errors import BadInput
from patchbook.geography import gazetteer
from patchbook.geography.distance import arc_km, great_circle_km, to_sphere_km

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph:
    """Areas or accounts and which of them touch."""

    names: tuple[str, ...]
    """County FIPS codes, codes or names of other areas, or the positions of accounts as text."""
    adjacency: csr_array[Any, tuple[int, int]]
    """(n, n) symmetric, true where two touch, without loops."""
    latitude: FloatArray
    longitude: FloatArray
    bridges: IntArray
    """(bridges, 2) edges added over water, as positions in `names`, nearest ends first found."""

    def position(self, name: str) -> int:
        """Where a name stands; a name that is not in the graph is an error."""
        try:
            return self._positions[name]
        except KeyError:
            raise BadInput(f"No area is called {name!r}; county codes have five digits, as in '06037'.") from None

    @property
    def _positions(self) -> dict[str, int]:
        return _positions(self.names)


@dataclass(frozen=True, kw_only=True, eq=False)
class Contracted:
    """A graph in which every area was given to its nearest occupied one."""

    graph: Graph
    """The occupied areas only."""
    owner: IntArray
    """(all areas,) the position in `graph.names` each area of the whole graph was given to; -1 if unreachable."""


@cache
def us_county_graph() -> Graph:
    """
    US counties that share a border or face each other over water; Alaska, Hawaii and the islands are bridged.

    Examples
    --------
    >>> counties = us_county_graph()
    >>> len(counties.names), components(counties.adjacency)
    (3233, 1)
    """
    counties, edges = gazetteer.us_counties(), gazetteer.us_county_edges()
    position = {code: index for index, code in enumerate(counties["county_fips"])}
    ends = [edges[name].replace_strict(position, return_dtype=pl.Int64).to_numpy() for name in ("fips_a", "fips_b")]
    return bridge(
        Graph(
            names=tuple(counties["county_fips"]),
            adjacency=_symmetric(ends[0], ends[1], len(counties)),
            latitude=counties["latitude"].to_numpy(),
            longitude=counties["longitude"].to_numpy(),
            bridges=np.empty((0, 2), dtype=np.int64),
        )
    )


def graph_of(names: Sequence[str], pairs: IntArray, latitude: FloatArray, longitude: FloatArray) -> Graph:
    """
    The graph of the areas of these names and of the (n, 2) pairs that touch, nothing bridged.

    Positions that are not known are NaN; such a graph cannot be bridged.
    """
    return Graph(
        names=tuple(names),
        adjacency=_symmetric(pairs[:, 0], pairs[:, 1], len(names)),
        latitude=latitude,
        longitude=longitude,
        bridges=np.empty((0, 2), dtype=np.int64),
    )


def neighbour_graph(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike, *, longest: float = 10.0, near_km: float = 25.0
) -> Graph:
    """
    Accounts joined to their natural neighbours: Delaunay's triangles on the globe, cut at long edges, islands bridged.

    Parameters
    ----------
    longest
        An edge is cut when it is longer than this many times the distance to the third nearest place at both of its
        ends, so that accounts do not touch across a sea or a desert.
    near_km
        Shorter edges are never cut: towns that far apart are neighbours, however dense they are.

    Raises
    ------
    BadInput
        When a coordinate is missing; leave such accounts out.
    """
    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        missing = int(np.flatnonzero(~(np.isfinite(lat) & np.isfinite(lon)))[0])
        raise BadInput(
            f"Account {missing} has no coordinates; a neighbour graph takes only accounts that have a place."
        )
    points, first, member = np.unique(np.column_stack([lat, lon]), axis=0, return_index=True, return_inverse=True)
    member = member.reshape(-1)
    a, b = _delaunay_edges(points[:, 0], points[:, 1])
    length = great_circle_km(points[a, 0], points[a, 1], points[b, 0], points[b, 1])
    usual = _third_nearest_km(points)
    short = length <= np.maximum(near_km, longest * np.maximum(usual[a], usual[b]))
    # Accounts at one address hang on the first of them.
    others = np.flatnonzero(first[member] != np.arange(len(lat)))
    ends_a = np.concatenate([first[a[short]], first[member[others]]])
    ends_b = np.concatenate([first[b[short]], others])
    return bridge(
        Graph(
            names=tuple(map(str, range(len(lat)))),
            adjacency=_symmetric(ends_a, ends_b, len(lat)),
            latitude=lat,
            longitude=lon,
            bridges=np.empty((0, 2), dtype=np.int64),
        )
    )


def bridge(graph: Graph) -> Graph:
    """The same graph made connected: each part is joined to the rest by its nearest pair, which `bridges` lists."""
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    size = len(graph.names)
    parts, part = connected_components(graph.adjacency, directed=False)
    if parts <= 1:
        return graph
    positions = to_sphere_km(graph.latitude, graph.longitude)
    tree = cKDTree(positions)
    added: list[tuple[int, int]] = []
    # Borůvka (1926): every part but the largest takes its nearest way out, until one part is left.
    while parts > 1:
        mainland = int(np.bincount(part).argmax())
        joined: set[tuple[int, int]] = set()
        for island in range(parts):
            if island != mainland:
                inside, outside = _nearest_outside(np.flatnonzero(part == island), part, positions, tree)
                joined.add((min(inside, outside), max(inside, outside)))
        added += sorted(joined)
        ends = np.array(added)
        whole = graph.adjacency + _symmetric(ends[:, 0], ends[:, 1], size)
        parts, part = connected_components(whole, directed=False)
    ends = np.array(added, dtype=np.int64)
    edges = coo_array(graph.adjacency)
    a, b = edges.coords
    return replace(
        graph,
        adjacency=_symmetric(np.concatenate([a, ends[:, 0]]), np.concatenate([b, ends[:, 1]]), size),
        bridges=np.concatenate([graph.bridges, ends]),
    )


def contract(graph: Graph, occupied: npt.ArrayLike) -> Contracted:
    """
    The graph of the occupied areas only, every empty one given to the occupied area nearest along the graph.

    Occupied areas touch when their parts do, so a connected graph stays connected. Without positions, nearest is by
    the number of areas in between.

    Parameters
    ----------
    occupied
        Positions in `graph.names`, or a boolean for each area.
    """
    from scipy.sparse.csgraph import dijkstra

    chosen = np.asarray(occupied)
    kept = np.flatnonzero(chosen) if chosen.dtype == bool else np.unique(chosen.astype(np.int64))
    if not len(kept):
        raise BadInput("No area holds an account; contiguity needs accounts that have a place.")
    a, b = coo_array(graph.adjacency).coords
    lat, lon = graph.latitude, graph.longitude
    length = np.maximum(great_circle_km(lat[a], lon[a], lat[b], lon[b]), 1e-6)
    length = np.where(np.isfinite(length), length, 1.0)  # areas without a position are as many steps apart
    ways = csr_array((length, (a, b)), shape=graph.adjacency.shape)
    _, _, source = dijkstra(ways, directed=False, indices=kept, min_only=True, return_predecessors=True)
    place = np.full(len(graph.names), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    owner = np.where(source >= 0, place[np.maximum(source, 0)], -1)
    across = (owner[a] != owner[b]) & (owner[a] >= 0) & (owner[b] >= 0)
    bridges = owner[graph.bridges] if len(graph.bridges) else graph.bridges
    return Contracted(
        graph=Graph(
            names=tuple(graph.names[index] for index in kept),
            adjacency=_symmetric(owner[a[across]], owner[b[across]], len(kept)),
            latitude=lat[kept],
            longitude=lon[kept],
            bridges=bridges[(bridges[:, 0] != bridges[:, 1]) & (bridges >= 0).all(axis=1)],
        ),
        owner=owner,
    )


def bridge_lengths_km(graph: Graph) -> FloatArray:
    """How long each bridge is."""
    positions = to_sphere_km(graph.latitude, graph.longitude)
    return arc_km(np.linalg.norm(positions[graph.bridges[:, 0]] - positions[graph.bridges[:, 1]], axis=1))


def components(adjacency: csr_array[Any, tuple[int, int]]) -> int:
    """How many connected parts a graph has."""
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(adjacency, directed=False)[0])


def _symmetric(a: npt.ArrayLike, b: npt.ArrayLike, size: int) -> csr_array[Any, tuple[int, int]]:
    one, other = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
    apart = one != other
    one, other = one[apart], other[apart]
    ends = np.unique(np.column_stack([np.concatenate([one, other]), np.concatenate([other, one])]), axis=0)
    return csr_array((np.ones(len(ends), dtype=bool), (ends[:, 0], ends[:, 1])), shape=(size, size))


def _delaunay_edges(latitude: FloatArray, longitude: FloatArray) -> tuple[IntArray, IntArray]:
    """
    The convex hull of points on a sphere is their Delaunay triangulation there: no projection, no seam anywhere.

    The Earth's centre is added, so that the hull does not close itself over the far side when all points are on one.
    """
    from scipy.spatial import ConvexHull, QhullError

    size = len(latitude)
    if size < 4:
        return _chain(size)
    positions = to_sphere_km(latitude, longitude)
    try:
        triangles = ConvexHull(np.vstack([positions, np.zeros(3)])).simplices
    except QhullError:
        return _chain(size)
    triangles = triangles[(triangles < size).all(axis=1)]
    ends = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    ends = np.unique(ends.astype(np.int64), axis=0)
    return ends[:, 0], ends[:, 1]


def _chain(size: int) -> tuple[IntArray, IntArray]:
    """Points in a row (they come sorted) touch the next; what no triangle can be laid on."""
    return np.arange(size - 1), np.arange(1, size)


def _third_nearest_km(points: FloatArray) -> FloatArray:
    """What counts as near where a place is; its Delaunay edges do not tell, as they fan out over empty land."""
    from scipy.spatial import cKDTree

    positions = to_sphere_km(points[:, 0], points[:, 1])
    many = min(4, len(points))
    chord = np.asarray(cKDTree(positions).query(positions, k=[many])[0])
    return arc_km(chord[:, 0])


def _nearest_outside(inside: IntArray, part: npt.NDArray[Any], positions: FloatArray, tree: Any) -> tuple[int, int]:
    """The shortest way from a part to any other, by asking for ever more neighbours until the answer is certain."""
    many = 8
    while True:
        many = min(many, len(positions))
        chord, near = tree.query(positions[inside], k=many)
        chord, near = chord.reshape(len(inside), -1), near.reshape(len(inside), -1)
        away = part[near] != part[inside[0]]
        reach = np.where(away, chord, np.inf)
        row, column = np.unravel_index(int(reach.argmin()), reach.shape)
        unseen = np.where(away.any(axis=1), np.inf, chord[:, -1])
        if reach[row, column] <= unseen.min() or many == len(positions):
            return int(inside[row]), int(near[row, column])
        many *= 4


@cache
def _positions(names: tuple[str, ...]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}
