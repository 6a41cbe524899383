"""Stop when the search has gone stale."""

from __future__ import annotations

import math

from patchbook.carving.stop.criterion import BadLimit


class NoImprovement:
    """
    Stops after `rounds` rounds in a row without a better answer. Waiting for the first feasible one counts too.

    Examples
    --------
    >>> stop = NoImprovement(2)
    >>> [stop(cost) for cost in (500.0, 480.0, 480.0, 480.0)]
    [False, False, False, True]
    """

    def __init__(self, rounds: int) -> None:
        if rounds < 1:
            raise BadLimit("The number of rounds without improvement", rounds, "1 or more")
        self._rounds = rounds
        self._best_cost = math.inf
        self._stale = -1

    def __call__(self, best_cost: float) -> bool:
        if best_cost < self._best_cost:
            self._best_cost = best_cost
            self._stale = 0
        else:
            self._stale += 1
        return self._stale >= self._rounds
