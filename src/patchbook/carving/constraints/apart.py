"""Pairs of units that may not share a seat do not."""

from __future__ import annotations

from dataclasses import replace

from patchbook.carving.constraints.constraint import Breach, name_of_seat, name_of_unit
from patchbook.carving.limits import Limits
from patchbook.carving.problem import IntArray, Problem


class Apart:
    """Pairs of units that may not share a seat do not."""

    name = "apart"

    def supports(self, problem: Problem) -> bool:
        """Whether there are such pairs."""
        return problem.apart is not None and len(problem.apart) > 0

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Each pair that shares a seat."""
        if problem.apart is None:
            return []
        return [
            Breach(
                constraint=self.name,
                message=(
                    f"{name_of_unit(problem, int(a))} and {name_of_unit(problem, int(b))}"
                    f" must be apart; both are {name_of_seat(problem, int(owners[a]))}"
                ),
                seat=int(owners[a]),
                unit=int(a),
                by=1.0,
            )
            for a, b in problem.apart
            if owners[a] == owners[b] and owners[a] >= 0
        ]

    def without(self, problem: Problem) -> Problem:
        """The problem without such pairs."""
        return replace(problem, apart=None)
