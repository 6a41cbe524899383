"""A demand: one thing a problem asks for that could be asked for less. What it costs, and what conflicts, is in these.

`carving/worth.py` estimates what each costs, `carving/conflict.py` finds which cannot be met together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.constraints import CONSTRAINTS, Balance
from patchbook.carving.constraints.constraint import name_of_measure, name_of_seat, name_of_unit
from patchbook.carving.problem import FloatArray, IntArray, Problem

NO_LIMIT = 1e6
"""A tolerance that nothing exceeds."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of many things that a demand asks: one lock of forty, one pair of three."""

    name: str
    share: float
    """What share of the book it is about: 1 is all of it."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a demand is made of, where single parts of it can be lifted."""

    of: Callable[[Problem], tuple[Part, ...]]
    lift: Callable[[Problem, IntArray], Problem]
    """The problem without these of its parts, by their numbers."""
    without: str
    """How a sentence ends that says what else can be met, with places for how many parts, of how many, and which."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One thing a problem asks for that could be asked for less."""

    name: str
    lift: Callable[[Problem], Problem]
    """The problem without it."""
    parts: Parts | None = None
    begins_anew: bool = False
    """Whether lifting it gives another problem, whatever was lifted before; so it is lifted before the others."""


def demands_of(problem: Problem, *, kind_names: Callable[[Problem], Sequence[str]] = lambda _: ()) -> list[Demand]:
    """
    Everything a problem asks for: each measure's tolerance, then locks, eligibility, contiguity and the rest.

    Parameters
    ----------
    kind_names
        What each kind of a problem's units needs, in plain words; kinds of one name are one part of eligibility.
    """
    demands = [
        Demand(name=tolerance_name(problem, m), lift=lambda p, m=m: with_tolerance(p, m, NO_LIMIT))  # type: ignore[misc]
        for m in range(problem.measures)
    ]
    made_of = {"locks": LOCKS, "apart": PAIRS, "eligibility": _needs(kind_names)}
    return demands + [
        Demand(name=constraint.name, lift=constraint.without, parts=made_of.get(constraint.name))
        for constraint in CONSTRAINTS
        if not isinstance(constraint, Balance) and constraint.supports(problem)
    ]


def share_of_units(problem: Problem) -> FloatArray:
    """(units,) what share of the book each unit is: the mean of its shares of the measures."""
    total = problem.weights.sum(axis=0)
    return np.asarray((problem.weights / np.where(total > 0, total, 1.0)).mean(axis=1))


def _locks(problem: Problem) -> tuple[Part, ...]:
    if problem.fixed is None:
        return ()
    share = share_of_units(problem)
    return tuple(
        Part(
            name=f"{name_of_unit(problem, unit)} at {name_of_seat(problem, int(problem.fixed[unit]))}",
            share=float(share[unit]),
        )
        for unit in np.flatnonzero(problem.fixed >= 0).tolist()
    )


def _pairs(problem: Problem) -> tuple[Part, ...]:
    share = share_of_units(problem)
    return tuple(
        Part(
            name=f"{name_of_unit(problem, int(a))} with {name_of_unit(problem, int(b))}",
            share=float(min(share[a], share[b])),
        )
        for a, b in ([] if problem.apart is None else problem.apart)
    )


def _opened(problem: Problem, numbers: IntArray) -> Problem:
    if problem.fixed is None:
        return problem
    return without_locks(problem, np.flatnonzero(problem.fixed >= 0)[numbers])


def _needs(kind_names: Callable[[Problem], Sequence[str]]) -> Parts:
    def kinds(problem: Problem) -> dict[str, list[int]]:
        """The kinds that not every seat may have and some unit is of, by name."""
        if problem.kind is None or problem.kind_cost is None:
            return {}
        names = kind_names(problem)
        found: dict[str, list[int]] = {}
        for kind in np.intersect1d(problem.kind, np.flatnonzero(~np.isfinite(problem.kind_cost).all(axis=1))).tolist():
            found.setdefault(names[kind] if names else f"kind {kind + 1}", []).append(kind)
        return found

    def parts(problem: Problem) -> tuple[Part, ...]:
        share = share_of_units(problem)
        return tuple(
            Part(name=name, share=float(share[np.isin(problem.kind, rows)].sum()))
            for name, rows in kinds(problem).items()
            if problem.kind is not None
        )

    def lift(problem: Problem, numbers: IntArray) -> Problem:
        rows = list(kinds(problem).values())
        return without_needs(problem, np.array([row for number in numbers for row in rows[number]], np.int64))

    return Parts(of=parts, lift=lift, without="if everybody may have accounts with {which}")


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


LOCKS = Parts(of=_locks, lift=_opened, without="with {some} of the {all} locks opened: {which}")
PAIRS = Parts(of=_pairs, lift=without_pairs, without="if {some} of the {all} pairs may meet: {which}")
