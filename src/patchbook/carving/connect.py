"""Make every seat's areas one piece: keep the heaviest piece, hand the others to neighbours, or fetch them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.costs import Costs
from patchbook.carving.problem import FloatArray, IntArray, Problem

FETCHES = 8
"""Pieces that one seat may fetch."""
TRIES = 50
"""Units that an empty seat is offered, cheapest first."""


def connect(problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray) -> IntArray:
    """
    Owners with every seat in one piece, as far as locks and eligibility let it be.

    Pieces away from their seat's heaviest piece go, cheapest neighbour first, to a seat they touch. Areas are connected
    among each other, so each piece is reached in the end. A piece that nobody beside it may take, or that is locked, is
    fetched by its seat over a corridor of areas. A seat without anything begins where that costs least.
    """
    if problem.areas is None:
        return owners
    owners = _gathered(problem, costs, centres, owners)
    owners = _fetched(problem, costs, centres, owners)
    return _begun(problem, costs, centres, owners)


def _gathered(problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray) -> IntArray:
    """Every seat's heaviest piece, or the one with its locks; the rest with neighbours that may have it."""
    areas = problem.areas
    assert areas is not None
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
            break  # eligibility keeps these from every neighbour
        waiting = left
    return owners


def _fetched(problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray) -> IntArray:
    """Owners with pieces joined to their seats by corridors, as long as that makes fewer pieces in all."""
    torn = _extra_pieces(problem, owners)
    for seat in range(problem.seats):
        for _ in range(FETCHES):
            if torn.sum() == 0 or torn[seat] == 0:
                break
            trial = _with_corridor(problem, costs, owners, seat)
            if trial is None:
                break
            trial = _gathered(problem, costs, centres, trial)
            after = _extra_pieces(problem, trial)
            if after.sum() >= torn.sum():
                break
            owners, torn = trial, after
    return owners


def _with_corridor(problem: Problem, costs: Costs, owners: IntArray, seat: int) -> IntArray | None:
    """
    Owners with the seat's first piece joined to another, along areas where it takes least from others; None without.

    From each area in between the seat takes the lightest unit that may go to it and is not bound to another.
    """
    areas = problem.areas
    assert areas is not None
    first, *others = pieces_of(areas, owners == seat)
    kind_may = np.ones(1, bool) if problem.kind_cost is None else np.isfinite(problem.kind_cost[:, seat])
    kind = np.zeros(problem.units, np.int64) if problem.kind is None or problem.kind_cost is None else problem.kind
    may = np.flatnonzero((costs.only < 0) & kind_may[kind] & (areas.area_of_unit >= 0) & (owners != seat))
    size = (problem.weights / np.maximum(problem.weights.sum(axis=0), 1e-300)).sum(axis=1)
    order = may[np.lexsort((may, -size[may]))]
    lightest = np.full(areas.adjacency.shape[0], -1)
    lightest[areas.area_of_unit[order]] = order  # the last one written is the lightest
    toll = np.where(lightest >= 0, size[lightest] + 1e-6, np.inf)
    toll[np.concatenate([first, *others])] = 1e-9
    start, end = coo_array(areas.adjacency).coords
    open_way = np.isfinite(toll[start]) & np.isfinite(toll[end])
    ways = csr_array((toll[end[open_way]], (start[open_way], end[open_way])), shape=areas.adjacency.shape)
    far, before, _ = dijkstra(ways, indices=first, min_only=True, return_predecessors=True)
    target = min(np.concatenate(others), key=lambda area: (far[area], area))
    if not np.isfinite(far[target]):
        return None
    owners = owners.copy()
    here = int(target)
    while here >= 0:
        if lightest[here] >= 0 and not (owners[areas.area_of_unit == here] == seat).any():
            owners[lightest[here]] = seat
        here = int(before[here])
    return owners


def _extra_pieces(problem: Problem, owners: IntArray) -> IntArray:
    """(seats,) pieces that each seat has beyond its first."""
    areas = problem.areas
    assert areas is not None
    return np.array([max(0, len(pieces_of(areas, owners == seat)) - 1) for seat in range(problem.seats)])


def _begun(problem: Problem, costs: Costs, centres: FloatArray | None, owners: IntArray) -> IntArray:
    """Owners with a unit for every seat that has none and should: moves over borders never reach an empty seat."""
    areas = problem.areas
    assert areas is not None
    placed = areas.area_of_unit >= 0
    held = np.bincount(owners[placed & (owners >= 0)], minlength=problem.seats)
    for seat in np.flatnonzero((held == 0) & ~costs.shut & (problem.shares > 0).any(axis=1)):
        movable = np.flatnonzero((costs.only < 0) & placed & (held[owners] > 1))
        if not len(movable):
            continue
        cost = costs.rows(movable, centres)
        dearer = cost[:, seat] - cost[np.arange(len(movable)), owners[movable]]
        for unit in movable[np.argsort(dearer, kind="stable")][:TRIES]:
            if not np.isfinite(costs.rows(np.array([unit]), centres)[0, seat]):
                break
            trial = owners.copy()
            trial[unit] = seat
            giver = int(owners[unit])
            if len(pieces_of(areas, trial == giver)) <= max(1, len(pieces_of(areas, owners == giver))):
                owners = trial
                held[giver] -= 1
                held[seat] += 1
                break
    return owners
