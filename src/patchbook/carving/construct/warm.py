"""Start from a known solution of the same units and seats: a neighbour is quicker found than a stranger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patchbook.carving.construct.construction import Start, slots_of, width_for
from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray
from patchbook.carving.solution import Solution


@dataclass(frozen=True)
class Warm:
    """The owners, centres and prices of another solution; what is bound elsewhere now goes there."""

    solution: Solution
    name = "warm"

    def supports(self, costs: Costs) -> bool:
        """Whether the other solution has the same units and seats."""
        other, problem = self.solution.problem, costs.problem
        return (other.units, other.seats) == (problem.units, problem.seats)

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """The other solution's assignment, which may be outside the limits of this problem."""
        say("pricing", 0.4)
        problem, known = costs.problem, self.solution
        centres = known.centres
        if problem.places is None or problem.travel <= 0:
            centres = None
        elif problem.places.homes is not None:
            homes = problem.places.homes
            centres = homes if centres is None else np.where(np.isnan(homes), centres, homes)
        owners: IntArray = np.where(limits.only >= 0, limits.only, known.owners)
        everyone = np.arange(problem.units)
        candidates = costs.candidates(centres, width_for(problem.units, problem.seats), owners, everyone)
        same_measures = known.prices.shape == limits.low.shape
        prices = known.prices.copy() if same_measures else np.zeros_like(limits.low)
        prices[~limits.balanced] = 0.0
        return Start(candidates=candidates, slots=slots_of(candidates, owners), prices=prices, centres=centres)
