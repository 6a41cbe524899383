"""The Lagrangian bound: at any prices, the sum of every unit's cheapest seat, less what the limits allow."""

from __future__ import annotations

import numpy as np

from patchbook.carving._kernels.prices import cheapest_total, listed_total
from patchbook.carving.costs import BLOCK, Candidates, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.problem import BoolArray, FloatArray, IntArray


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
    return float(total + _in_full(costs, centres, limits, prices, np.flatnonzero(open_ended)) - allowed.sum())


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


def _in_full(costs: Costs, centres: FloatArray | None, limits: Limits, prices: FloatArray, units: IntArray) -> float:
    """The same over every seat, for these units."""
    step = max(1, BLOCK // costs.problem.seats)

    def some(part: slice) -> float:
        total, best = 0.0, np.zeros(step, np.int64)
        for first in range(part.start, part.stop, step):
            rows = units[first : min(first + step, part.stop)]
            block = costs.rows(rows, centres)
            able = np.isfinite(block).any(axis=1)
            total += cheapest_total(
                np.ascontiguousarray(block[able]), np.ascontiguousarray(limits.weights[rows][able]), prices, best
            )
        return total

    return sum(each(some, blocks_of(len(units), cells_each=costs.problem.seats)))
