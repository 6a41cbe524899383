"""Stop as soon as one of several criteria says so."""

from __future__ import annotations

from patchbook.carving.stop.criterion import StoppingCriterion, share_spent


class FirstOf:
    """
    Stops when the first of its criteria does; all are asked every round, so that each may count.

    Examples
    --------
    >>> from patchbook.carving.stop import Gap, MaxIterations
    >>> stop = FirstOf(MaxIterations(100), Gap(0.0, lower_bound=713.0))
    >>> stop(715.0), stop(713.0)
    (False, True)
    """

    def __init__(self, *criteria: StoppingCriterion) -> None:
        self._criteria = criteria

    def __call__(self, best_cost: float) -> bool:
        answers = [criterion(best_cost) for criterion in self._criteria]
        return any(answers)

    def spent(self) -> float:
        """The largest share any of its budgets has used; 0 when none has a budget."""
        return max((share_spent(criterion) or 0.0 for criterion in self._criteria), default=0.0)
