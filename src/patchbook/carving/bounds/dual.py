"""The Lagrangian bound: at any prices, the sum of every unit's cheapest seat, less what the limits allow."""

from __future__ import annotations

import numpy as np

from patchbook.carving._kernels.prices import cheapest_total, listed_total
from patchbook.carving.costs import BLOCK, Candidates, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

AT_ONCE = 6
"""Seats that are put on the list of a unit that lacks one."""


def dual_bound(
    costs: Costs,
    centres: FloatArray | None,
    limits: Limits,
    prices: FloatArray,
    *,
    candidates: Candidates | None = None,
) -> float:
    """
    A cost that no assignment within the limits undercuts, for these centres, whatever the prices.

    For prices λ, free in sign, and limits low ≤ load ≤ high, the bound is
    Σ_i min_j (cost_ij + Σ_m λ_jm w_im) - Σ_jm (λ⁺_jm high_jm - λ⁻_jm low_jm): weak duality (Geoffrion 1974,
    doi:10.1007/BFb0120690). Contiguity and pairs kept apart only make the best assignment dearer; it holds with them.

    Parameters
    ----------
    candidates
        The cheapest seats of every unit for these centres, where they are known: only units for which a seat beyond
        their list could be cheaper are then looked at in full.
    """
    prices = np.where(limits.balanced[:, None], prices, 0.0)
    allowed = np.where(prices > 0, prices * np.where(np.isfinite(limits.high), limits.high, 0.0), prices * limits.low)
    total, open_ended = 0.0, np.ones(costs.problem.units, bool)
    if candidates is not None:
        total, open_ended = _listed(costs, candidates, limits, prices)
    beyond, _ = _in_full(costs, centres, limits, prices, np.flatnonzero(open_ended))
    return float(total + beyond - allowed.sum())


def widened(
    costs: Costs,
    centres: FloatArray | None,
    limits: Limits,
    prices: FloatArray,
    *,
    candidates: Candidates,
    listed: Candidates,
) -> Candidates:
    """
    The listed seats, and more for those units for which another seat is cheaper at these prices; the same if none is.

    The bound looks at every seat, so prices that are best for short lists may prove little where they are steep.

    Parameters
    ----------
    candidates
        The cheapest seats of every unit for these centres, cheapest first.
    listed
        The same, or these with more seats behind.
    """
    prices = np.where(limits.balanced[:, None], prices, 0.0)
    _, open_ended = _listed(costs, candidates, limits, prices)
    units = np.flatnonzero(open_ended)
    _, best = _in_full(costs, centres, limits, prices, units)
    lacking = (best >= 0) & ~(listed.seats[units] == best[:, None]).any(axis=1)
    units = units[lacking]
    if not len(units):
        return listed
    seats, cost = listed.seats, listed.cost
    end = (seats[units] >= 0).sum(axis=1)
    more = max(0, int(end.max()) + AT_ONCE - seats.shape[1])
    seats = np.hstack([seats, np.full((len(seats), more), -1, np.int32)])
    cost = np.hstack([cost, np.full((len(cost), more), np.inf)])
    for unit, first in zip(units, end, strict=True):  # few: those so large that prices drive them far away
        row = costs.rows(np.array([unit]), centres)[0]
        reduced = row + prices @ limits.weights[unit]
        reduced[seats[unit, :first]] = np.inf
        near = np.argsort(reduced, kind="stable")[:AT_ONCE]
        near = near[np.isfinite(reduced[near])]
        seats[unit, first : first + len(near)] = near
        cost[unit, first : first + len(near)] = row[near]
    return Candidates(seats, cost)


def _listed(costs: Costs, candidates: Candidates, limits: Limits, prices: FloatArray) -> tuple[float, BoolArray]:
    """What the units come to whose lists are known to hold their cheapest seat, and which the others are."""
    open_ended = np.zeros(costs.problem.units, bool)
    floor = prices.min(axis=0)

    def some(part: slice) -> float:
        return float(
            listed_total(
                candidates.cost[part], candidates.seats[part], costs.problem.seats, limits.weights[part], prices,
                floor, open_ended[part],
            )
        )  # fmt: skip

    return sum(each(some, blocks_of(len(open_ended)))), open_ended


def _in_full(
    costs: Costs, centres: FloatArray | None, limits: Limits, prices: FloatArray, units: IntArray
) -> tuple[float, IntArray]:
    """The same over every seat for these units, and the seat each prefers; -1 where none may take it."""
    step = max(1, BLOCK // costs.problem.seats)
    chosen = np.full(len(units), -1)

    def some(part: slice) -> float:
        total, best = 0.0, np.zeros(step, np.int64)
        for first in range(part.start, part.stop, step):
            rows = slice(first, min(first + step, part.stop))
            block = costs.rows(units[rows], centres)
            able = np.isfinite(block).any(axis=1)
            weights = np.ascontiguousarray(limits.weights[units[rows]][able])
            total += cheapest_total(np.ascontiguousarray(block[able]), weights, prices, best)
            chosen[first + np.flatnonzero(able)] = best[: int(able.sum())]
        return total

    return sum(each(some, blocks_of(len(units), cells_each=costs.problem.seats))), chosen
