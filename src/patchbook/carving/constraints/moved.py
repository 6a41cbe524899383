"""At most a given share of the value that somebody owns today may change hands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.constraints.constraint import Breach
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem


class Moved:
    """At most a given share of the value that somebody owns today may change hands."""

    name = "moved_at_most"

    def supports(self, problem: Problem) -> bool:
        """Whether there is a cap."""
        return problem.moved_at_most is not None and problem.incumbent is not None

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """One breach when more moved than may."""
        share = moved_share(problem, owners)
        if problem.moved_at_most is None or share <= problem.moved_at_most + 1e-12:
            return []
        return [
            Breach(
                constraint=self.name,
                message=f"{share:.1%} of what has an owner today changes hands; {problem.moved_at_most:.1%} is allowed",
                by=share - problem.moved_at_most,
            )
        ]

    def without(self, problem: Problem) -> Problem:
        """The problem with no cap."""
        return replace(problem, moved_at_most=None)


def moved_share(problem: Problem, owners: IntArray) -> float:
    """Share of the value of units with an incumbent that are elsewhere; 0 when nobody has one."""
    if problem.incumbent is None:
        return 0.0
    value = np.ones(problem.units) if problem.value is None else problem.value
    held = problem.incumbent >= 0
    total = float(value[held].sum())
    return float(value[held & (owners != problem.incumbent)].sum()) / total if total > 0 else 0.0
