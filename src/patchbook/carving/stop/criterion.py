"""What every stopping criterion promises, and the more that a budget promises."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from patchbook.errors import BadInput


class BadLimit(BadInput):
    """A limit at which no search could stop sensibly."""

    def __init__(self, name: str, found: object, right: str) -> None:
        super().__init__(f"{name} is {found}; it must be {right}.")
        self.name = name
        self.found = found


class StoppingCriterion(Protocol):
    """Asked once before every round of a search; true ends it.

    A criterion serves one search: it may count rounds or remember costs. Make a new one for the next.
    """

    def __call__(self, best_cost: float) -> bool:
        """Whether to stop, given the cost of the best feasible answer so far (infinite while there is none)."""
        ...


@runtime_checkable
class Budget(Protocol):
    """A criterion that can also tell how much of the search is over, so that annealing can cool to its end."""

    def __call__(self, best_cost: float) -> bool:
        """As `StoppingCriterion`."""
        ...

    def spent(self) -> float:
        """The share of the budget used so far, from 0 to 1."""
        ...


def share_spent(stop: StoppingCriterion) -> float | None:
    """The share of its budget a criterion has used, or None when it has no budget and cannot know."""
    return stop.spent() if isinstance(stop, Budget) else None
