"""The last resort of a small carve that stays outside its limits: a mixed-integer program, solved by HiGHS.

Local moves can miss the one combination in which a few large units balance; for a few hundred cells every combination
can be searched. See Huangfu & Hall (2018), Parallelizing the dual revised simplex method,
doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import FloatArray, IntArray, Problem

MOST_CELLS = 1_500
"""Units × seats up to which it is tried."""
MOST_NODES = 1_000
"""Branches after which it gives up; counted rather than timed, so that a carve repeats exactly."""
IS_INFEASIBLE = 2
"""What `scipy.optimize.milp` calls a program that has no answer."""
GOOD_ENOUGH = 0.01
"""A cost this close to the least will do: local moves go on from there."""


def exact(
    problem: Problem, costs: Costs, limits: Limits, centres: FloatArray | None, *, moved_at_most: float | None = None
) -> IntArray | None:
    """
    (units,) an assignment within every limit at nearly the least cost, or nothing where there is none or none is found.

    Contiguity is not looked at.

    Parameters
    ----------
    moved_at_most
        Largest share of the value of units with an incumbent that may move.
    """
    if problem.units * problem.seats > MOST_CELLS:
        return None
    from scipy.optimize import Bounds, LinearConstraint, milp

    cost = costs.rows(np.arange(problem.units), centres)
    unit, seat = np.nonzero(np.isfinite(cost))
    if len(np.unique(unit)) < problem.units:
        return None
    cells = len(unit)
    row, column, entry, low, high = _constraints(problem, limits, unit, seat, moved_at_most)
    matrix = coo_array((entry, (row, column)), shape=(len(low), cells)).tocsr()
    scale = max(float(cost[unit, seat].max(initial=0.0)), 1e-12)
    found = milp(
        cost[unit, seat] / scale, integrality=np.ones(cells, np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"node_limit": MOST_NODES, "mip_rel_gap": GOOD_ENOUGH},
    )  # fmt: skip
    if found.x is None:
        return None
    chosen = found.x > 0.5
    owners = np.full(problem.units, -1)
    owners[unit[chosen]] = seat[chosen]
    return owners if (owners >= 0).all() else None


def has_no_answer(problem: Problem, limits: Limits) -> bool:
    """
    Whether every combination was looked at and none is within every limit, the cap on moves and pairs apart among them.

    False says nothing: there may be too many combinations to look at. Contiguity is not looked at.
    """
    if problem.units * problem.seats > MOST_CELLS:
        return False
    from scipy.optimize import Bounds, LinearConstraint, milp

    costs = Costs(problem, limits=limits)
    unit, seat = np.nonzero(np.isfinite(costs.rows(np.arange(problem.units), None)))
    if len(np.unique(unit)) < problem.units:
        return False
    row, column, entry, low, high = _constraints(problem, limits, unit, seat, problem.moved_at_most)
    matrix = coo_array((entry, (row, column)), shape=(len(low), len(unit))).tocsr()
    found = milp(
        np.zeros(len(unit)), integrality=np.ones(len(unit), np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high), options={"node_limit": MOST_NODES},
    )  # fmt: skip
    return int(found.status) == IS_INFEASIBLE


def _constraints(
    problem: Problem, limits: Limits, unit: IntArray, seat: IntArray, moved_at_most: float | None
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray]:
    """Each unit once, each load within its limits, each pair apart, few moves: cells of a matrix, and its bounds."""
    cells = np.arange(len(unit))
    rows, columns, entries = [unit], [cells], [np.ones(len(unit))]
    low, high = [np.ones(problem.units)], [np.ones(problem.units)]
    first = problem.units
    for m in range(problem.measures):
        rows.append(first + seat)
        columns.append(cells)
        entries.append(limits.weights[unit, m])
        low.append(limits.low[:, m])
        high.append(limits.high[:, m])
        first += problem.seats
    for pair in [] if problem.apart is None else problem.apart:
        mine = np.flatnonzero(np.isin(unit, pair))
        rows.append(first + seat[mine])
        columns.append(mine)
        entries.append(np.ones(len(mine)))
        low.append(np.zeros(problem.seats))
        high.append(np.ones(problem.seats))
        first += problem.seats
    if moved_at_most is not None and problem.incumbent is not None:
        value = np.ones(problem.units) if problem.value is None else problem.value
        stays = np.flatnonzero(problem.incumbent[unit] == seat)
        rows.append(np.full(len(stays), first))
        columns.append(stays)
        entries.append(value[unit[stays]])
        low.append(np.array([(1 - moved_at_most) * float(value[problem.incumbent >= 0].sum())]))
        high.append(np.array([np.inf]))
    return (
        np.concatenate(rows), np.concatenate(columns), np.concatenate(entries), np.concatenate(low),
        np.concatenate(high),
    )  # fmt: skip
