"""When not every constraint can be met: the smallest set in conflict, and what lifting each would give.

The set is found by deletion (Chinneck 2008, Feasibility and Infeasibility in Optimization, §6.1): constraints are
lifted one after another, and one without which the carve still fails is left out for good. What remains cannot lose a
member without becoming possible, as far as the carve can tell: the test is the carve itself, not a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.constraints.constraint import name_of_measure
from patchbook.carving.demands import Demand, demands_of, tolerance_name, with_tolerance
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Solution

WIDER = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times wider a tolerance is tried, in turn."""
WIDE = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Tolerances tried after these, where they are wider still: from next to nothing, ten times more is little."""


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Why a carve failed."""

    demands: tuple[str, ...]
    """The smallest set that cannot be met together."""
    relaxations: tuple[str, ...]
    """For each of them what giving way would take, in plain words."""


def conflict(
    best: Solution,
    solve: Callable[[Problem], Solution],
    *,
    more: Sequence[Demand] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Conflict:
    """
    The smallest set of demands that cannot be met together, and what would do instead.

    Parameters
    ----------
    best
        The failed carve: the best that was found.
    solve
        Carves; the test of what is possible.
    more
        Demands that are not the engine's own (families kept together).
    stop
        Asked before each carve; when it says so, what is broken is named instead, untested.
    """
    problem = best.problem
    demands = [*more, *demands_of(problem)]  # lifting one of `more` begins anew, so it comes before the others
    kept = list(demands)
    for demand in demands:
        if stop():
            broken = [
                c.name for c in CONSTRAINTS if c.supports(problem) and c.breaches(problem, best.limits, best.owners)
            ]
            return Conflict(demands=tuple(broken), relaxations=())
        trial = problem
        for other in demands:
            if other not in kept or other is demand:
                trial = other.lift(trial)
        if not solve(trial).feasible:
            kept.remove(demand)
    return Conflict(
        demands=tuple(demand.name for demand in kept),
        relaxations=tuple(told for demand in kept if not stop() and (told := _relaxation(best, demand, solve))),
    )


def _relaxation(best: Solution, demand: Demand, solve: Callable[[Problem], Solution]) -> str | None:
    """What giving way on one demand alone would take."""
    problem = best.problem
    for m in range(problem.measures):
        if demand.name == tolerance_name(problem, m):
            tried = [max(float(problem.tolerances[m]), 0.002) * factor for factor in WIDER]
            for wider in [*tried, *(wide for wide in WIDE if wide > tried[-1])]:
                if solve(with_tolerance(problem, m, wider)).feasible:
                    return f"Every other demand can be met with ±{wider:.1%} of {name_of_measure(problem, m)}."
            return None
    solution = solve(demand.lift(problem))
    if not solution.feasible:
        return None
    if demand.name == "moved_at_most":
        moved = best.moved_share if best.excess == 0.0 else solution.moved_share
        return f"Everything else can be met if {moved:.1%} of what has an owner may move."
    if demand.name == "locks" and problem.fixed is not None:
        away = int(((problem.fixed >= 0) & (solution.owners != problem.fixed)).sum())
        return f"Everything else can be met with {away} of the {int((problem.fixed >= 0).sum())} locks opened."
    return f"Everything else can be met without {demand.name}."
