"""Stop when the answer is proven good enough."""

from __future__ import annotations

import math

from patchbook.carving.stop.criterion import BadLimit


class Gap:
    """
    Stops once the best answer is at most `within` (a fraction) above a lower bound.

    Examples
    --------
    >>> stop = Gap(0.01, lower_bound=1000.0)
    >>> stop(1020.0), stop(1010.0)
    (False, True)
    """

    def __init__(self, within: float, *, lower_bound: float) -> None:
        if not within >= 0:
            raise BadLimit("The gap", within, "a fraction of 0 or more, such as 0.01 for one per cent")
        if not math.isfinite(lower_bound):
            raise BadLimit("The lower bound of the gap", lower_bound, "a finite number")
        self._enough = lower_bound + within * abs(lower_bound)

    def __call__(self, best_cost: float) -> bool:
        return best_cost <= self._enough
