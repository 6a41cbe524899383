"""Why a carve layer cannot meet all it demands, in people's words: what conflicts, and what would do instead. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.carving.conflict import MOST_NAMED, Carve, Conflict, conflict
from patchbook.carving.demands import Demand, Part, Parts, share_of_units
from patchbook.carving.impossible import Shortfall
from patchbook.carving.problem import Problem
from patchbook.plans.demands import needs_of, split
from patchbook.plans.plan import Plan
from patchbook.plans.result import CarvedLayer
from patchbook.words import counted, listed

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What conflicts in a layer, for people and for programs."""

    demands: tuple[str, ...]
    culprits: tuple[tuple[str, ...], ...]
    """For each demand which locks, pairs, needs or families are meant; empty where it has no parts."""
    relaxations: tuple[str, ...]
    """The ways out, what asks least first."""
    is_proven: bool
    says: str
    """What cannot be met together, and how that is known."""


def conflict_of(carved: CarvedLayer, plan: Plan, solve: Carve, *, stop: Callable[[], bool]) -> Told:
    """
    Which demands of a layer that failed conflict, and what would do instead.

    Parameters
    ----------
    carved
        The layer with the best that was found.
    solve
        Carves again, from a solution where one is given; it may stop at the first answer within every limit.
    stop
        Asked before each carve.
    """
    names = _KindNames(carved)
    found = conflict(carved.solution, solve, more=_families(carved, plan), kind_names=names, stop=stop)
    phrases = [_phrase(name, parts) for name, parts in zip(found.demands, found.culprits, strict=True)]
    return Told(
        demands=found.demands, culprits=found.culprits, relaxations=tuple(way.says for way in found.relaxations),
        is_proven=found.proof is not None,
        says=f"{carved.layer.name} cannot meet together: {'; '.join(phrases)}. {_how_known(found, names)}",
    )  # fmt: skip


def _families(carved: CarvedLayer, plan: Plan) -> list[Demand]:
    """The demand that accounts of a family go together, where the layer asks it."""
    sizes = np.bincount(carved.market.unit_of_row, minlength=carved.market.problem.units)
    whole = np.flatnonzero(sizes > 1)
    if not carved.layer.keep.families or not len(whole):
        return []
    problem = carved.market.problem
    share = share_of_units(problem)

    def parts(_: Problem) -> tuple[Part, ...]:
        return tuple(
            Part(
                name=f"{problem.unit_names[unit]} and {int(sizes[unit]) - 1:,} more",
                share=float(share[unit]),
            )
            for unit in whole.tolist()
        )

    def lift(_: Problem, numbers: IntArray) -> Problem:
        return split(carved, plan, whole[numbers].tolist()).problem if len(numbers) else problem

    return [
        Demand(
            name="families kept together",
            lift=lambda _: split(carved, plan, whole.tolist()).problem,
            parts=Parts(of=parts, lift=lift, without="if {some} of the {all} families may be divided: {which}"),
            begins_anew=True,
        )
    ]


class _KindNames:
    """What each kind of a layer's units needs: of its families, or of its accounts one by one."""

    def __init__(self, carved: CarvedLayer) -> None:
        self.carved = carved

    def __call__(self, problem: Problem) -> list[str]:
        """The name of each kind of the problem; the empty text for one that no unit is of."""
        if problem.kind is None or problem.kind_cost is None:
            return []
        rows = self.carved.market.unit_of_row
        if problem.units == self.carved.accounts.height:
            rows = np.arange(problem.units)
        names = [""] * len(problem.kind_cost)
        kinds, first = np.unique(problem.kind, return_index=True)
        for kind, unit in zip(kinds.tolist(), first.tolist(), strict=True):
            names[kind] = needs_of(self.carved, rows, unit)
        return names


def _phrase(name: str, parts: tuple[str, ...]) -> str:
    return f"{name} ({listed(list(parts), MOST_NAMED)})" if parts else name


def _how_known(found: Conflict, names: _KindNames) -> str:
    """Why they cannot be met, as far as it is proven."""
    if found.proof is None:
        return "No carve was found that meets them; that none can is not proven."
    if len(found.proof.locked_out):
        return _locked_out(found.problem, found.proof.locked_out)
    if found.proof.shortfall is not None:
        return _shortfall(found.problem, found.proof.shortfall, names)
    if found.proof.holds_divided:
        return "Not even with accounts divided between territories could they be met; that is proven."
    return "Every way to place whole accounts was looked at; that none meets them is proven."


def _locked_out(problem: Problem, units: IntArray) -> str:
    assert problem.fixed is not None
    told = [
        f"{problem.unit_names[unit]} is locked to {problem.seat_names[int(problem.fixed[unit])]}, who may not have it"
        for unit in units.tolist()
    ]
    return f"{listed(told, MOST_NAMED)}. That is proven."


def _shortfall(problem: Problem, short: Shortfall, names: _KindNames) -> str:
    """What is short, in figures: accounts with language French hold 31.0 % of potential, …"""
    measure = problem.measure_names[short.measure] if problem.measure_names else f"measure {short.measure + 1}"
    seats = [problem.seat_names[seat] if problem.seat_names else f"seat {seat + 1}" for seat in short.seats.tolist()]
    who = listed(seats, MOST_NAMED)
    if not short.is_too_much:
        return (
            f"{who} must carry at least {short.allowed:.1%} of {measure}, but all accounts that may go there hold "
            f"{short.held:.1%}. That is proven."
        )
    return (
        f"{_which(problem, short, names)} {short.held:.1%} of {measure}, and {who}, who alone may have them, may carry "
        f"{short.allowed:.1%} at most. That is proven."
    )


def _which(problem: Problem, short: Shortfall, names: _KindNames) -> str:
    """The accounts that are too much for their seats."""
    locked = short.units if problem.fixed is None else short.units[problem.fixed[short.units] >= 0]
    if problem.fixed is None:
        locked = locked[:0]
    free = np.setdiff1d(short.units, locked)
    told = []
    if len(free) and problem.kind is not None:
        called = names(problem)
        needs = sorted({called[kind] for kind in problem.kind[free].tolist()} - {"no needs", ""})
        if needs:
            told.append(f"accounts with {listed(needs, MOST_NAMED)}")
    if not told and len(free):
        told.append(counted(len(free), "account"))
    if len(locked):
        told.append(counted(len(locked), "locked account"))
    verb = "holds" if len(told) == 1 and told[0].startswith("1 ") else "hold"
    text = f"{listed(told)} {verb}"
    return text[0].upper() + text[1:]
