"""What contiguity is judged on: counties, other areas, or accounts and their nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_array, csr_array, triu
from scipy.sparse.csgraph import connected_components

from patchbook.carving.problem import Areas
from patchbook.geography.adjacency import Graph, contract, neighbour_graph, us_county_graph
from patchbook.plans.ground_areas import AREAS, Named
from patchbook.plans.plan import Contiguity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The areas of a layer, and what had to be bridged to make them one."""

    areas: Areas
    bridges: tuple[str, ...]
    """Each bridge between islands, in plain words."""


def ground_of(
    by: Contiguity | Named, accounts: pl.DataFrame, unit_of_row: IntArray, weight: FloatArray, known: BoolArray
) -> Ground:
    """
    The areas of these accounts; a unit of several accounts lies where the one with most travel weight does.

    By county, a county without accounts belongs to its nearest with some, so that territories are connected on the map
    as well; accounts outside US counties are exempt. Where no account lies in one, neighbours are judged by. By other
    areas, accounts that name none are exempt.
    """
    units = int(unit_of_row.max()) + 1
    if isinstance(by, str) and by in AREAS:
        by = AREAS[by](accounts, known)
    if isinstance(by, Named):
        return _by_name(by, unit_of_row, weight, units)
    if by == "counties" and "county_fips" in accounts.columns and accounts["county_fips"].is_not_null().any():
        counties = us_county_graph()
        place = {code: index for index, code in enumerate(counties.names)}
        county = np.array([place.get(code or "", -1) for code in accounts["county_fips"].cast(pl.String)], np.int64)
        main = main_site(unit_of_row, weight, known & (county >= 0), units)
        county_of_unit = np.where(main >= 0, county[main], -1)
        graph = contract(counties, np.unique(county_of_unit[county_of_unit >= 0])).graph
        rank = {name: index for index, name in enumerate(graph.names)}
        area_of_unit = np.array([rank[counties.names[c]] if c >= 0 else -1 for c in county_of_unit], np.int64)
        return Ground(areas=Areas(area_of_unit=area_of_unit, adjacency=graph.adjacency), bridges=_told(graph, accounts))
    main = main_site(unit_of_row, weight, known, units)
    placed = np.flatnonzero(main >= 0)
    latitude, longitude = (
        accounts[name].cast(pl.Float64).to_numpy()[main[placed]] for name in ("latitude", "longitude")
    )
    points, first, point_of = np.unique(np.stack([latitude, longitude], axis=1), axis=0, return_index=True,
                                        return_inverse=True)  # fmt: skip
    # One place is one area: territories may share it, as they may share a county, and it holds their ways together.
    graph = neighbour_graph(points[:, 0], points[:, 1])
    area_of_unit = np.full(units, -1)
    area_of_unit[placed] = point_of.reshape(-1)
    ids = accounts["account_id"].gather(main[placed][first]).to_list()
    bridges = tuple(
        f"{ids[a]} and {ids[b]} count as neighbours: nothing nearer connects them." for a, b in graph.bridges
    )
    return Ground(areas=Areas(area_of_unit=area_of_unit, adjacency=graph.adjacency), bridges=bridges)


def _by_name(named: Named, unit_of_row: IntArray, weight: FloatArray, units: int) -> Ground:
    """The areas that accounts name; a unit lies in that of its account with most weight that names one."""
    graph = named.graph
    rank = {name: index for index, name in enumerate(graph.names)}
    area_of_row = np.array([rank.get(name, -1) for name in named.area_of_row], np.int64)
    main = main_site(unit_of_row, weight, area_of_row >= 0, units)
    bridges = tuple(
        f"{graph.names[a]} and {graph.names[b]} count as neighbours: nothing nearer connects them."
        for a, b in graph.bridges
    )
    area_of_unit = np.where(main >= 0, area_of_row[main], -1)
    return Ground(areas=Areas(area_of_unit=area_of_unit, adjacency=graph.adjacency), bridges=bridges)


def main_site(unit_of_row: IntArray, weight: FloatArray, known: BoolArray, units: int) -> IntArray:
    """(units,) the row of the unit's account that is known and has the largest weight, or -1."""
    rows = np.flatnonzero(known)
    order = rows[np.lexsort((rows, -weight[rows], unit_of_row[rows]))]
    main = np.full(units, -1)
    unit, first = np.unique(unit_of_row[order], return_index=True)
    main[unit] = order[first]
    return main


def _told(graph: Graph, accounts: pl.DataFrame) -> tuple[str, ...]:
    """Counties that touch over water only, by the name of a city in each where there is one."""
    city = dict(zip(accounts["county_fips"], accounts["city"], strict=True)) if "city" in accounts.columns else {}

    def name(code: str) -> str:
        return f"county {code}" + (f" ({city[code]})" if city.get(code) else "")

    land = _land()
    ends = np.stack(triu(graph.adjacency).coords, axis=1)
    return tuple(
        f"{name(graph.names[a])} and {name(graph.names[b])} count as neighbours over water: nothing else does."
        for a, b in ends[np.lexsort((ends[:, 1], ends[:, 0]))].tolist()
        if land[graph.names[a]] != land[graph.names[b]]
    )


@cache
def _land() -> dict[str, int]:
    """Each US county's number of the land it lies on: counties joined by no bridge share one."""
    counties = us_county_graph()
    a, b = coo_array(counties.adjacency).coords
    bridged = {frozenset(ends) for ends in counties.bridges.tolist()}
    by_land = np.array([frozenset(ends) not in bridged for ends in zip(a.tolist(), b.tolist(), strict=True)], bool)
    edges = csr_array((np.ones(int(by_land.sum()), bool), (a[by_land], b[by_land])), shape=counties.adjacency.shape)
    _, land = connected_components(edges, directed=False)
    return dict(zip(counties.names, land.tolist(), strict=True))
