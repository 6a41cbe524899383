"""What every seat must at least give or take, whatever the others do: bounds that hold seat by seat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchbook.carving.limits import SLACK, Limits
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

NODES = 100
"""Branches of one seat's knapsack; where they do not suffice, the bound reached so far is used."""
SAFE = 1e-6
"""Taken off a solver's bound, which is exact only to its tolerance."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Lower bounds for each seat alone."""

    out: FloatArray
    """(seats,) worth that must leave the seat."""
    into: FloatArray
    """(seats,) units that must come to the seat, wherever from."""


def needs_of(limits: Limits, home: IntArray, worth: FloatArray, can_leave: BoolArray) -> Needs:
    """
    What each seat alone must give and take.

    A seat above a limit must give units that together weigh what it is over: the least worth of such a set is a
    covering knapsack. A seat below a limit must take at least as many units as the heaviest that fit need to fill what
    is missing.

    Parameters
    ----------
    home
        (units,) the seat each unit has today, or -1.
    worth
        (units,) what moving a unit counts.
    can_leave
        (units,) whether any other seat may take the unit.
    """
    loads = limits.loads(home)
    seats = len(loads)
    out, into = np.zeros(seats), np.zeros(seats)
    order = np.argsort(home, kind="stable")
    first = np.searchsorted(home[order], np.arange(seats + 1))
    heaviest = [np.argsort(-limits.weights[:, m], kind="stable") for m in range(limits.weights.shape[1])]
    for seat in range(seats):
        over = np.flatnonzero(loads[seat] > limits.high[seat] + SLACK)
        if len(over):
            mine = order[first[seat] : first[seat + 1]]
            mine = mine[can_leave[mine]]
            out[seat] = _cover(limits.weights[mine][:, over], loads[seat, over] - limits.high[seat, over], worth[mine])
        for m in np.flatnonzero(loads[seat] < limits.low[seat] - SLACK).tolist():
            into[seat] = max(
                into[seat], _fewest(limits, heaviest[m], home, seat, m, limits.low[seat, m] - loads[seat, m])
            )
    return Needs(out=out, into=into)


def _cover(weights: FloatArray, needed: FloatArray, worth: FloatArray) -> float:
    """The least worth of units that together weigh what is needed in each measure; a bound on it from below."""
    if not len(weights) or (weights.sum(axis=0) < needed - SLACK).any():
        return 0.0  # locks keep it above its limit whatever moves, which is not this bound's matter
    from scipy.optimize import Bounds, LinearConstraint, milp

    scale = max(float(worth.max()), 1e-12)
    found = milp(
        worth / scale, integrality=np.ones(len(worth), np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(weights.T / needed[:, None], np.ones(len(needed)) - SAFE, np.inf),
        options={"node_limit": NODES},
    )  # fmt: skip
    bound = found.mip_dual_bound
    if bound is None or not np.isfinite(bound):
        return 0.0
    least = scale * max(0.0, float(bound) - SAFE)
    return float(np.ceil(least - SAFE)) if is_whole(worth) else least


def _fewest(limits: Limits, heaviest: IntArray, home: IntArray, seat: int, measure: int, missing: float) -> float:
    """How many units the seat needs to fill what it lacks of a measure, were the heaviest that fit all free to come."""
    taken, filled = 0, 0.0
    room = limits.high[seat] + SLACK
    step = 4_096
    for begin in range(0, len(heaviest), step):
        some = heaviest[begin : begin + step]
        some = some[(home[some] != seat) & (limits.weights[some] <= room).all(axis=1)]
        grown = filled + np.cumsum(limits.weights[some, measure])
        enough = int(np.searchsorted(grown, missing - SAFE))
        if enough < len(some):
            return float(taken + enough + 1)
        taken += len(some)
        filled = float(grown[-1]) if len(grown) else filled
    return float(taken)


def is_whole(worth: FloatArray) -> bool:
    """Whether every unit's worth is a whole number, so that bounds on sums of them may be rounded up."""
    return bool((worth == np.round(worth)).all())
