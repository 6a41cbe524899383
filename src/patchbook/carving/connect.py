"""Make every seat's areas one piece: keep the heaviest piece, hand the others to neighbours."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from patchbook.carving.costs import Costs
from patchbook.carving.problem import FloatArray, IntArray, Problem


def connect(problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray) -> IntArray:
    """
    Owners with every seat in one piece, as far as locks and eligibility let it be.

    Pieces away from their seat's heaviest piece go, cheapest neighbour first, to a seat they touch. Areas are connected
    among each other, so each piece is reached in the end.
    """
    areas = problem.areas
    if areas is None:
        return owners
    owners = owners.copy()
    weight = problem.weights / np.maximum(problem.weights.sum(axis=0), 1e-300)
    size = weight.sum(axis=1)
    stray = np.zeros(problem.units, bool)
    for seat in range(problem.seats):
        mine = np.flatnonzero((owners == seat) & (areas.area_of_unit >= 0))
        if not len(mine):
            continue
        held = np.unique(areas.area_of_unit[mine])
        _, label = connected_components(areas.adjacency[held][:, held], directed=False)
        piece = label[np.searchsorted(held, areas.area_of_unit[mine])]
        heaviest = int(np.argmax(np.bincount(piece, size[mine])))
        bound = costs.only[mine] >= 0
        if bound.any():
            heaviest = int(np.argmax(np.bincount(piece[bound], size[mine][bound], int(label.max()) + 1)))
        stray[mine[(piece != heaviest) & ~bound]] = True
    return _hand_over(problem, costs, centres, owners, stray)


def _hand_over(
    problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray, stray: np.typing.NDArray[np.bool_]
) -> IntArray:
    """Give stray units, area by area from the edge inwards, to the cheapest seat whose settled areas touch theirs."""
    areas = problem.areas
    assert areas is not None
    adjacency = csr_array(areas.adjacency)
    number = adjacency.shape[0]
    settled = np.zeros((number, problem.seats), bool)
    settled[areas.area_of_unit[~stray & (areas.area_of_unit >= 0)], owners[~stray & (areas.area_of_unit >= 0)]] = True
    waiting = list(np.flatnonzero(stray))
    cost = {int(i): costs.rows(np.array([i]), centres)[0] for i in waiting}
    while waiting:
        left = []
        for i in waiting:
            area = int(areas.area_of_unit[i])
            near = adjacency.indices[adjacency.indptr[area] : adjacency.indptr[area + 1]]
            touching = settled[area] | settled[near].any(axis=0)
            price = np.where(touching, cost[int(i)], np.inf)
            seat = int(np.argmin(price))
            if np.isfinite(price[seat]):
                owners[i] = seat
                settled[area, seat] = True
            else:
                left.append(i)
        if len(left) == len(waiting):
            break  # eligibility keeps these from every neighbour; the contiguity check reports them
        waiting = left
    return owners
