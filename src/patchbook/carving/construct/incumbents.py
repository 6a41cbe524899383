"""Start from today: everyone with an owner stays, the others go where they are cheapest; search repairs the rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patchbook.carving.construct.centres import first_centres
from patchbook.carving.construct.construction import Start, slots_of, width_for
from patchbook.carving.costs import Costs, medians
from patchbook.carving.limits import Limits


class Incumbents:
    """Today's owners, where they may stay; fewer moves than pricing finds when few are needed."""

    name = "incumbents"

    def supports(self, costs: Costs) -> bool:
        """Whether most units have an owner that it costs something to leave."""
        problem = costs.problem
        return (
            problem.incumbent is not None
            and bool((problem.incumbent >= 0).sum() > problem.units / 2)
            and bool((np.asarray(costs.stay) > 0).any())
        )

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """Today's assignment, which may be far outside its limits."""
        problem = costs.problem
        assert problem.incumbent is not None
        say("pricing", 0.0)
        centres, free, _ = first_centres(costs, limits, seed=seed)
        if centres is not None and problem.places is not None and len(free):
            centres = medians(problem.places, problem.incumbent, centres, free, rounds=10)
        everyone = np.arange(problem.units)
        keep = np.where(limits.only >= 0, limits.only, problem.incumbent)
        candidates = costs.candidates(centres, width_for(problem.units, problem.seats), keep, everyone)
        return Start(
            candidates=candidates, slots=slots_of(candidates, keep), prices=np.zeros_like(limits.low), centres=centres
        )
