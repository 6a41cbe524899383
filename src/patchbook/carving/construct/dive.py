"""Dive: the largest units are fixed where they are cheapest, the rest is priced around them, and so on down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patchbook.carving.costs import Candidates
from patchbook.carving.limits import Limits
from patchbook.carving.prices import Dual, dual_of
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

CLASSES = (0.1, 0.03, 0.01, 0.003)
"""Units with at least this share of a mean seat are fixed together, largest class first."""
MANY_UNITS = 60_000
"""Units from which each is so little of the whole that prices need not be as sharp."""
ROUNDS, FEW_ROUNDS = 60, 30
"""Newton's steps at one smoothing, of few units and of many."""


def dive(
    dual: Dual,
    limits: Limits,
    tolerances: FloatArray,
    prices: FloatArray,
    *,
    slots: IntArray | None = None,
    waiting: BoolArray | None = None,
    stop: Callable[[], bool],
) -> IntArray:
    """
    (units,) the position in its list each unit is fixed at.

    Parameters
    ----------
    dual, prices
        Over every unit, and about right for it.
    slots, waiting
        (units,) where units are fixed already, and which are not; none is, without them.
    """
    size = limits.weights.max(axis=1)
    slots = dual.choose(prices) if slots is None else slots.copy()
    waiting = np.ones(len(size), bool) if waiting is None else waiting.copy()
    # A little inside the limits, so that what is left to repair has room.
    inside = np.maximum(tolerances * 0.5, tolerances - 0.006)
    is_many = len(size) >= MANY_UNITS
    fresh = bool(waiting.all())
    for least in CLASSES:
        now = waiting & (size >= least)
        if fresh and not now.any():
            continue
        fresh = True
        waiting &= ~now
        if not waiting.any() or stop():
            break
        rest = np.flatnonzero(waiting)
        owners = dual.candidates.seats[np.arange(len(slots)), slots].astype(np.int64)
        owners[rest] = -1
        candidates = Candidates(
            np.ascontiguousarray(dual.candidates.seats[rest]), np.ascontiguousarray(dual.candidates.cost[rest])
        )
        part = dual_of(candidates, limits, inside, limits.weights[rest], base=limits.loads(owners))
        part.take_pairs(dual)
        for heat in (0.1, 0.03) if is_many else (0.3, 0.1, 0.03, 0.01):
            prices = part.newton(prices, heat, rounds=FEW_ROUNDS if is_many else ROUNDS, until=0.003, stop=stop)
        slots[rest] = part.choose(prices)
    return slots
