"""A seat takes only units it has the skill, language or product for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.constraints.constraint import Breach, name_of_seat, name_of_unit
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem


class Eligible:
    """A seat takes only units it has the skill, language or product for; every unit has a seat."""

    name = "eligibility"

    def supports(self, problem: Problem) -> bool:
        """Whether any seat is shut to any kind."""
        return problem.kind_cost is not None and not np.isfinite(problem.kind_cost).all()

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Each unit at a seat that may not take it, and each unit that no seat may take."""
        if problem.kind is None or problem.kind_cost is None:
            return []
        taken = owners >= 0
        wrong = np.flatnonzero(taken & ~np.isfinite(problem.kind_cost[problem.kind, np.maximum(owners, 0)]))
        return [
            Breach(
                constraint=self.name,
                message=(
                    f"{name_of_unit(problem, int(i))}"
                    f" is at {name_of_seat(problem, int(owners[i]))}, which may not take it"
                ),
                seat=int(owners[i]),
                unit=int(i),
                by=1.0,
            )
            for i in wrong
        ]

    def without(self, problem: Problem) -> Problem:
        """The problem with every seat open to every kind."""
        if problem.kind_cost is None:
            return problem
        return replace(problem, kind_cost=np.where(np.isfinite(problem.kind_cost), problem.kind_cost, 0.0))
