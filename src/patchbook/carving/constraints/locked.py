"""A locked unit stays where it was locked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.constraints.constraint import Breach, name_of_seat, name_of_unit
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem


class Locked:
    """A locked unit stays where it was locked."""

    name = "locks"

    def supports(self, problem: Problem) -> bool:
        """Whether anything is locked."""
        return problem.fixed is not None and bool((problem.fixed >= 0).any())

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Each locked unit that is elsewhere."""
        if problem.fixed is None:
            return []
        away = np.flatnonzero((problem.fixed >= 0) & (owners != problem.fixed))
        return [
            Breach(
                constraint=self.name,
                message=(
                    f"{name_of_unit(problem, int(i))}"
                    f" is locked to {name_of_seat(problem, int(problem.fixed[i]))} but is elsewhere"
                ),
                unit=int(i),
                by=1.0,
            )
            for i in away
        ]

    def without(self, problem: Problem) -> Problem:
        """The problem with every lock opened."""
        return replace(problem, fixed=None)
