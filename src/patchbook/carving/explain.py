"""Why a unit is where it is: its second best seat, what that would cost, and what keeps it from there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchbook.carving.costs import BLOCK, Costs
from patchbook.carving.problem import BoolArray, FloatArray, IntArray
from patchbook.carving.solution import Solution


@dataclass(frozen=True, kw_only=True)
class Placements:
    """Every unit's placement, as arrays (units,)."""

    cost: FloatArray
    """What the unit costs where it is."""
    runner_up: IntArray
    """The seat it would rather have than any other but its own, prices for load counted; -1 without one."""
    runner_up_cost: FloatArray
    """What the runner-up costs more, prices for load counted: the plan's loss if it went there; else not a number."""
    cheapest: IntArray
    """The seat with the least cost, prices not counted; -1 where no seat may take it."""
    saving: FloatArray
    """What the cheapest seat costs less than its own; 0 where its own is the cheapest."""
    over_tolerance: IntArray
    """The measure that would leave its limits first if it moved to its runner-up alone, or -1 where none would."""
    over_seat: IntArray
    """The seat at which it would: the runner-up (too full) or its own (too empty)."""
    only: BoolArray
    """Whether no other seat may take it."""


def explain(solution: Solution) -> Placements:
    """The placement of every unit."""
    problem, lim = solution.problem, solution.limits
    costs = Costs(problem, limits=lim)
    units, measures = problem.units, problem.measures
    cost, saving = np.zeros(units), np.zeros(units)
    runner_up, cheapest = np.full(units, -1), np.full(units, -1)
    extra = np.full(units, np.nan)
    step = max(1, BLOCK // (problem.seats * 2))
    for first in range(0, units, step):
        rows = np.arange(first, min(first + step, units))
        block = costs.block(first, int(rows[-1]) + 1, solution.centres)
        mine = solution.owners[rows]
        held = np.flatnonzero((mine >= 0) & np.isfinite(block).any(axis=1))
        rows, block, mine = rows[held], block[held], mine[held]
        at = np.arange(len(rows))
        cost[rows] = block[at, mine]
        cheapest[rows] = block.argmin(axis=1)
        saving[rows] = np.maximum(0.0, cost[rows] - block.min(axis=1))
        priced = block + lim.weights[rows] @ np.where(lim.balanced[:, None], solution.prices, 0.0).T
        own = priced[at, mine]
        priced[at, mine] = np.inf
        other = priced.argmin(axis=1)
        has = np.isfinite(priced[at, other])
        runner_up[rows[has]] = other[has]
        extra[rows[has]] = np.maximum(0.0, priced[at, other] - own)[has]
    over_measure, over_seat = np.full(units, -1), np.full(units, -1)
    moving = np.flatnonzero(runner_up >= 0)
    loads = lim.loads(solution.owners)
    for m in range(measures):
        there = loads[runner_up[moving], m] + lim.weights[moving, m] - lim.high[runner_up[moving], m]
        here = lim.low[solution.owners[moving], m] - (loads[solution.owners[moving], m] - lim.weights[moving, m])
        fresh = over_measure[moving] < 0
        full = fresh & (there > 1e-9)
        empty = fresh & ~full & (here > 1e-9)
        over_measure[moving[full | empty]] = m
        over_seat[moving[full]] = runner_up[moving[full]]
        over_seat[moving[empty]] = solution.owners[moving[empty]]
    return Placements(
        cost=cost, runner_up=runner_up, runner_up_cost=extra, cheapest=cheapest, saving=saving,
        over_tolerance=over_measure, over_seat=over_seat, only=runner_up < 0,
    )  # fmt: skip
