"""A bound that sees whole units in all seats at once: the integer program of a small team, bounded by cuts at its root.

Parts of units fit where whole ones do not, so prices alone promise too much where units are large beside a seat's
share. The cutting planes of HiGHS (Huangfu & Hall 2018, doi:10.1007/s12532-017-0130-5) take most of that away without
branching.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits
from patchbook.carving.rebalance.needs import SAFE

MOST_CELLS = 15_000
"""Units × seats up to which it is tried: beyond, the program is slow, and rounding adds little to the whole."""
NODES = 1
"""Branches of the program; its bound is taken wherever it stops."""


def by_cuts(costs: Costs, limits: Limits) -> float:
    """
    A cost that no assignment of whole units within the limits undercuts; minus infinity where nothing was proved.

    Costs may not depend on centres: they are those of moves alone.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    units, seats = costs.problem.units, costs.problem.seats
    if units * seats > MOST_CELLS:
        return -np.inf
    matrix = costs.block(0, units, None)
    unit, seat = np.nonzero(np.isfinite(matrix))
    cost = matrix[unit, seat]
    measures = limits.weights.shape[1]
    at = np.arange(len(unit))
    rows = (seat[:, None] * measures + np.arange(measures)).ravel()
    loads = sp.csr_array(
        (limits.weights[unit].ravel(), (rows, np.repeat(at, measures))), shape=(seats * measures, len(unit))
    )
    once = sp.csr_array((np.ones(len(unit)), (unit, at)), shape=(units, len(unit)))
    scale = max(float(cost.max(initial=0.0)), 1e-12)
    found = milp(
        cost / scale, integrality=np.ones(len(unit), np.int64), bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(loads, limits.low.ravel() - SAFE, limits.high.ravel() + SAFE),
            LinearConstraint(once, 1.0, 1.0),
        ],
        options={"node_limit": NODES},
    )  # fmt: skip
    bound = found.mip_dual_bound
    if bound is None or not np.isfinite(bound):
        return -np.inf
    return scale * (float(bound) - SAFE * max(1.0, abs(float(bound))))
