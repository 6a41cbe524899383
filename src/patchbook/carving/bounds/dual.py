"""The Lagrangian bound: at any prices, the sum of every unit's cheapest seat, less what the limits allow."""

from __future__ import annotations

import numpy as np

from patchbook.carving._kernels.prices import cheapest_total
from patchbook.carving.costs import BLOCK, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import FloatArray


def dual_bound(costs: Costs, centres: FloatArray | None, limits: Limits, prices: FloatArray) -> float:
    """
    A cost that no assignment within the limits undercuts, for these centres, whatever the prices.

    For prices λ, free in sign, and limits low ≤ load ≤ high, the bound is
    Σ_i min_j (cost_ij + Σ_m λ_jm w_im) - Σ_jm (λ⁺_jm high_jm - λ⁻_jm low_jm): weak duality (Geoffrion 1974,
    doi:10.1007/BFb0120690). Contiguity and pairs kept apart only make the best assignment dearer; it holds with them.
    """
    units, seats = costs.problem.units, costs.problem.seats
    prices = np.where(limits.balanced[:, None], prices, 0.0)
    total = 0.0
    step = max(1, BLOCK // seats)
    best = np.zeros(step, np.int64)
    for first in range(0, units, step):
        last = min(first + step, units)
        block = costs.block(first, last, centres)
        some = np.isfinite(block).any(axis=1)
        total += cheapest_total(
            np.ascontiguousarray(block[some]), np.ascontiguousarray(limits.weights[first:last][some]), prices, best
        )
    allowed = np.where(prices > 0, prices * np.where(np.isfinite(limits.high), limits.high, 0.0), prices * limits.low)
    return float(total - allowed.sum())
