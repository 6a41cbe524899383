"""Sites in a territory at which one more seat would shorten most ways: where places to look at come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchbook.carving.problem import FloatArray
from patchbook.carving.solution import Solution

SITES_LOOKED_AT = 48
"""So many sites of a territory are tried for a place in it."""


@dataclass(frozen=True)
class Spot:
    """A site of a territory, and by how much a seat there would shorten that territory's ways."""

    near: int
    unit: int
    site: FloatArray | None
    shorter: float = 0.0


def spots_of(solution: Solution, near: int, each: int) -> list[Spot]:
    """Sites of a seat's units that would shorten most of their ways together; the seat's first unit without places."""
    problem = solution.problem
    units = np.flatnonzero(solution.owners == near)
    if not len(units):
        return []
    if problem.places is None or solution.centres is None:
        return [Spot(near, int(units[0]), None)]
    inside = np.flatnonzero(solution.owners[problem.places.unit_of_site] == near)
    if not len(inside):
        return [Spot(near, int(units[0]), solution.centres[near].copy())]
    sites, weight = problem.places.sites[inside], problem.places.weight[inside]
    tried = inside[np.unique(np.linspace(0, len(inside) - 1, SITES_LOOKED_AT).astype(int))]
    way = np.sqrt(((sites - solution.centres[near]) ** 2).sum(axis=1))
    ways = np.sqrt(((sites[None] - problem.places.sites[tried][:, None]) ** 2).sum(axis=2))
    found: list[Spot] = []
    for _ in range(each):
        shorter = np.maximum(way - ways, 0.0) @ weight
        place = int(shorter.argmax())
        if found and shorter[place] <= 0:
            break
        unit, site = int(problem.places.unit_of_site[tried[place]]), problem.places.sites[tried[place]].copy()
        found.append(Spot(near, unit, site, float(shorter[place])))
        way = np.minimum(way, ways[place])
    return found
