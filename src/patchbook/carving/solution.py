"""What a carve gives back, and what it tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchbook.carving.branching import Branch
from patchbook.carving.limits import Limits
from patchbook.carving.problem import FloatArray, IntArray, Problem


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a running carve is."""

    phase: str
    """starting, pricing, diving, repairing, improving, proving."""
    done: float
    """Share of the work done, 0 to 1, as far as it can be told."""
    best_cost: float
    """Cost of the best assignment within tolerance so far; infinite before there is one."""


@dataclass(frozen=True, kw_only=True)
class Solution:
    """One seat for each unit, and how good that is."""

    problem: Problem
    owners: IntArray
    """(units,) seat, or -1 where no seat may take the unit."""
    centres: FloatArray | None
    """(seats, dimensions) km; homes, or the medians of what the seats hold."""
    limits: Limits
    cost: float
    bound: float
    """No assignment within tolerance costs less, for these centres."""
    prices: FloatArray
    """(seats, measures) what one mean seat's load of a measure is worth at each seat, in cost."""
    excess: float
    """How far outside its limits the worst seat is, as a share of a mean seat; 0 within tolerance."""
    moved_share: float
    """Share of the value of units with an incumbent that left it."""
    unassigned: IntArray
    """Units that no seat may take."""
    branches: tuple[Branch, ...] = ()
    """What proves the bound where the largest units were placed one by one: every assignment is in one of them, or
    costs no less than this one. Without them the prices alone prove it."""
    broken: tuple[str, ...] = ()
    """Names of constraints that are not met, in plain words."""

    @property
    def feasible(self) -> bool:
        """Whether every constraint is met."""
        return not self.broken

    @property
    def gap(self) -> float:
        """How far the cost is above the bound, as a fraction of the bound; 0 where both are 0."""
        if self.cost <= self.bound + 1e-9 * max(1.0, abs(self.cost)):
            return 0.0
        return float(self.cost / self.bound - 1) if self.bound > 0 else float("inf")

    @property
    def loads(self) -> FloatArray:
        """(seats, measures) what each seat carries, in the measures' own units."""
        taken = self.owners >= 0
        return np.stack(
            [
                np.bincount(self.owners[taken], self.problem.weights[taken, m], self.problem.seats)
                for m in range(self.problem.measures)
            ],
            axis=1,
        )
