"""Stop after so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from patchbook.carving.stop.criterion import BadLimit


class MaxSeconds:
    """
    Stops once `seconds` have passed since it was made, on whatever clock it is given.

    Examples
    --------
    >>> ticks = iter([0.0, 4.0, 10.0])
    >>> stop = MaxSeconds(10, clock=lambda: next(ticks))
    >>> stop(500.0), stop(500.0)
    (False, True)
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.perf_counter) -> None:
        if not seconds >= 0:
            raise BadLimit("The time limit", f"{seconds} seconds", "0 seconds or more")
        self._seconds = seconds
        self._clock = clock
        self._started = clock()

    def __call__(self, best_cost: float) -> bool:
        return self._clock() - self._started >= self._seconds

    def spent(self) -> float:
        """The share of the seconds that have passed."""
        if self._seconds == 0:
            return 1.0
        return min(1.0, (self._clock() - self._started) / self._seconds)
