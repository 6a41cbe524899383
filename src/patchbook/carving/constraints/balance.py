"""Every measure of every seat within tolerance of its share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.constraints.constraint import Breach, name_of_measure, name_of_seat
from patchbook.carving.limits import SLACK, Limits
from patchbook.carving.problem import IntArray, Problem


class Balance:
    """Every measure of every seat within tolerance of its share."""

    name = "tolerance"

    def supports(self, problem: Problem) -> bool:
        """Whether any measure has a finite tolerance."""
        return bool(np.isfinite(problem.tolerances).any())

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Each seat and measure outside its limits."""
        loads = limits.loads(owners)
        outside = np.maximum(loads - limits.high, limits.low - loads)
        found = []
        for seat, measure in zip(*np.nonzero(outside > SLACK), strict=True):
            target = max(float(limits.targets[seat, measure]), 1e-12)
            found.append(
                Breach(
                    constraint=self.name,
                    message=(
                        f"{name_of_seat(problem, int(seat))} is {loads[seat, measure] / target - 1:+.1%} from "
                        f"its share of {name_of_measure(problem, int(measure))}; "
                        f"±{problem.tolerances[measure]:.1%} is allowed"
                    ),
                    seat=int(seat),
                    by=float(outside[seat, measure]),
                )
            )
        return sorted(found, key=lambda breach: -breach.by)

    def without(self, problem: Problem) -> Problem:
        """The problem with any load allowed."""
        return replace(problem, tolerances=np.full(problem.measures, 1e6))
