"""Dive: the largest units are fixed where they are cheapest, the rest is priced around them, and so on down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patchbook.carving.costs import Candidates
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import rows_of
from patchbook.carving.prices import Dual, dual_of
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

CLASSES = (0.1, 0.03, 0.01, 0.003)
"""Units with at least this share of a mean seat are fixed together, largest class first."""
HEATS = (0.3, 0.1, 0.03, 0.01)
"""Smoothing of the prices of each class. Where limits are tight, prices that do not cool from the warmest never settle:
500,000 units at ±1 % ended 7 % outside when they began at 0.1, however many steps they took."""
ROUNDS = 60
"""Newton's steps at one smoothing, at most."""


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
        candidates = Candidates(rows_of(dual.candidates.seats, rest), rows_of(dual.candidates.cost, rest))
        part = dual_of(candidates, limits, inside, rows_of(limits.weights, rest), base=limits.loads(owners))
        part.take_pairs(dual)
        for heat in HEATS:
            prices = part.newton(prices, heat, rounds=ROUNDS, until=0.003, stop=stop)
        slots[rest] = part.choose(prices)
    return slots
