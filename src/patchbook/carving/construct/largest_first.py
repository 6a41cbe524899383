"""Largest first: for problems where every seat costs the same, only balance counts.

Graham (1969), Bounds on multiprocessing timing anomalies, doi:10.1137/0117039, with several measures at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patchbook.carving.construct.construction import Start, slots_of
from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits


class LargestFirst:
    """Give the units, largest first, each to the seat that is then fullest by least."""

    name = "largest first"

    def supports(self, costs: Costs) -> bool:
        """Whether no seat is cheaper than another for anybody."""
        return not prefers_seats(costs)

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """A first assignment, near balance."""
        problem = costs.problem
        everyone = np.arange(problem.units)
        candidates = costs.candidates(None, problem.seats, limits.only, everyone)
        owners = np.full(problem.units, -1)
        loads = np.zeros_like(limits.targets)
        target = np.where(limits.balanced[:, None], np.maximum(limits.targets, 1e-12), np.inf)
        for i in np.lexsort((everyone, -limits.weights.max(axis=1))):
            seats = candidates.seats[i][candidates.seats[i] >= 0]
            fullest = ((loads[seats] + limits.weights[i]) / target[seats]).max(axis=1)
            owners[i] = seats[int(np.argmin(fullest))]
            loads[owners[i]] += limits.weights[i]
        return Start(
            candidates=candidates, slots=slots_of(candidates, owners), prices=np.zeros_like(limits.low), centres=None
        )


def prefers_seats(costs: Costs) -> bool:
    """Whether some seat is cheaper than another for somebody: by place, by field, or by who has it today."""
    problem = costs.problem
    if problem.places is not None and problem.travel > 0:
        return True
    if problem.incumbent is not None and bool(((problem.incumbent >= 0) & (costs.stay > 0)).any()):
        return True
    if problem.kind_cost is None:
        return False
    return bool(np.ptp(np.where(np.isfinite(problem.kind_cost), problem.kind_cost, 0.0)))
