"""A demand: one thing a problem asks for that could be asked for less. What it costs, and what conflicts, is in these.

`carving/worth.py` estimates what each costs, `carving/conflict.py` finds which cannot be met together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.constraints import CONSTRAINTS, Balance
from patchbook.carving.constraints.constraint import name_of_measure
from patchbook.carving.problem import IntArray, Problem

NO_LIMIT = 1e6
"""A tolerance that nothing exceeds."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One thing a problem asks for that could be asked for less."""

    name: str
    lift: Callable[[Problem], Problem]
    """The problem without it."""


def demands_of(problem: Problem) -> list[Demand]:
    """Everything a problem asks for: each measure's tolerance, then locks, eligibility, contiguity and the rest."""
    demands = [
        Demand(name=tolerance_name(problem, m), lift=lambda p, m=m: with_tolerance(p, m, NO_LIMIT))  # type: ignore[misc]
        for m in range(problem.measures)
    ]
    return demands + [
        Demand(name=constraint.name, lift=constraint.without)
        for constraint in CONSTRAINTS
        if not isinstance(constraint, Balance) and constraint.supports(problem)
    ]


def tolerance_name(problem: Problem, m: int) -> str:
    """What the tolerance of a measure is called: ±5.0% of potential."""
    return f"±{problem.tolerances[m]:.1%} of {name_of_measure(problem, m)}"


def with_tolerance(problem: Problem, m: int, tolerance: float) -> Problem:
    """The problem with another tolerance of measure `m`."""
    tolerances = problem.tolerances.copy()
    tolerances[m] = tolerance
    return replace(problem, tolerances=tolerances)


def with_load(problem: Problem, seat: int, m: int, times: float) -> Problem:
    """The problem with one seat's share of measure `m` so many times as large, and the others' less to match."""
    shares = problem.shares.copy()
    own = shares[seat, m] * times
    rest = 1.0 - shares[seat, m]
    if rest > 0:
        shares[:, m] *= (1.0 - own) / rest
    shares[seat, m] = own
    return replace(problem, shares=shares)


def without_locks(problem: Problem, units: IntArray) -> Problem:
    """The problem with the locks of these units opened."""
    if problem.fixed is None:
        return problem
    fixed = problem.fixed.copy()
    fixed[units] = -1
    return replace(problem, fixed=fixed)


def without_pairs(problem: Problem, pairs: IntArray) -> Problem:
    """The problem without these of its pairs apart, by their rows."""
    if problem.apart is None:
        return problem
    left = np.delete(problem.apart, pairs, axis=0)
    return replace(problem, apart=left if len(left) else None)


def without_needs(problem: Problem, kinds: IntArray) -> Problem:
    """The problem with every seat open to these kinds, by their rows of `kind_cost`."""
    if problem.kind_cost is None:
        return problem
    cost = problem.kind_cost.copy()
    cost[kinds] = np.where(np.isfinite(cost[kinds]), cost[kinds], 0.0)
    return replace(problem, kind_cost=cost)


def without_preference(problem: Problem) -> Problem:
    """The problem in which leaving today's owner costs nothing."""
    return replace(problem, stay=None if problem.stay is None else np.zeros(problem.units))
