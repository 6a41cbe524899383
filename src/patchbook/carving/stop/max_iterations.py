"""Stop after so many rounds: the limit that makes a search repeat exactly."""

from __future__ import annotations

from patchbook.carving.stop.criterion import BadLimit


class MaxIterations:
    """
    Lets exactly `iterations` rounds run. Being asked is being counted, so a search asks once before each round.

    Examples
    --------
    >>> stop = MaxIterations(2)
    >>> stop(500.0), stop(500.0), stop(500.0)
    (False, False, True)
    """

    def __init__(self, iterations: int) -> None:
        if iterations < 0:
            raise BadLimit("The iteration limit", iterations, "0 or more")
        self._iterations = iterations
        self._begun = 0

    def __call__(self, best_cost: float) -> bool:
        if self._begun >= self._iterations:
            return True
        self._begun += 1
        return False

    def spent(self) -> float:
        """The share of the rounds that are over; the round just begun is not."""
        if self._iterations == 0:
            return 1.0
        return max(0, self._begun - 1) / self._iterations
