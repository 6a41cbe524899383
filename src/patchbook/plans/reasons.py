"""Why each account is where it is, in plain words; stored with the assignment, not worked out again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.carving.explain import Placements, explain
from patchbook.carving.limits import SLACK
from patchbook.carving.solution import Solution
from patchbook.plans.market import Market
from patchbook.plans.worth import Worth

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reason:
    """What is said of one account."""

    reason: str
    runner_up: int | None
    runner_up_cost: float | None
    would_change_if: str


def reasons(solution: Solution, market: Market, accounts: pl.DataFrame, territory: list[str]) -> list[Reason]:
    """
    The reason of each account of a carved layer.

    Parameters
    ----------
    territory
        What each seat's territory is called.
    """
    placements = explain(solution)
    sizes = np.bincount(market.unit_of_row, minlength=solution.problem.units)
    usual = float(np.mean(placements.cost)) or 1.0
    oversized = set(solution.limits.oversized.tolist())
    loads = solution.limits.loads(solution.owners)
    alike: Sequence[str | None] = [None] * len(market.unit_of_row)
    if market.likeness is not None and solution.centres is not None:
        alike = market.likeness.alike(solution.owners[market.unit_of_row], solution.centres)
    return [
        _reason(
            solution, market, placements, int(unit), int(sizes[unit]), territory, usual, int(unit) in oversized, loads,
            shared,
        )
        for unit, shared in zip(market.unit_of_row, alike, strict=True)
    ]  # fmt: skip


def _reason(
    solution: Solution, market: Market, placements: Placements, unit: int, size: int, territory: list[str],
    usual: float, oversized: bool, loads: FloatArray, alike: str | None,
) -> Reason:  # fmt: skip
    """The reason of one account's unit; `alike` is in what it is like its book, where that is what counts."""
    seat = int(solution.owners[unit])
    if seat < 0:
        return Reason(
            "Unassigned: no person has the language, skill or product it needs",
            None, None, "It would be assigned if a person of the layer had what it needs, or its field were corrected",
        )  # fmt: skip
    runner = int(placements.runner_up[unit])
    extra = None if runner < 0 else float(placements.runner_up_cost[unit]) / usual
    family = f", with its family of {size} accounts" if size > 1 else ""
    bound = market.bound_by[unit]
    if bound is not None:
        return Reason(
            f"{bound}{family}", runner if runner >= 0 else None, extra, "It would move only if that were lifted"
        )
    if oversized:
        share_of_rest = solution.limits.targets.sum(axis=0) / max(int(solution.limits.balanced.sum()), 1)
        weight = solution.limits.weights[unit]
        holds_all = bool((weight[share_of_rest == 0] > 0).any())
        times = "" if holds_all else f" ({(weight / np.maximum(share_of_rest, 1e-12)).max():.1f} times)"
        return Reason(
            f"Alone larger than a fair share of the rest{times}, so it has a seat to itself{family}",
            None, None, "It would share a seat if tolerances were wider, its value capped, or there were fewer seats",
        )  # fmt: skip
    if runner < 0:
        return Reason(
            f"The only seat that may take it{family}", None, None, "It would move if another person qualified"
        )
    return Reason(
        _why_here(solution, placements, unit, seat, territory, loads, alike) + family,
        runner,
        extra,
        _what_would_move_it(solution, market.worth, placements, unit, seat, runner, territory),
    )


def _why_here(
    solution: Solution, placements: Placements, unit: int, seat: int, territory: list[str], loads: FloatArray,
    alike: str | None,
) -> str:  # fmt: skip
    problem = solution.problem
    incumbent = -1 if problem.incumbent is None else int(problem.incumbent[unit])
    keeps = incumbent == seat
    travels = problem.places is not None and solution.centres is not None
    best = int(placements.cheapest[unit]) == seat or placements.saving[unit] <= 1e-9
    fits = (
        problem.kind is not None and problem.kind_cost is not None and not problem.kind_cost[problem.kind[unit], seat]
    )
    told = []
    if keeps:
        told.append("stays with today's owner")
    if alike is not None:
        told += _likeness(alike, territory[seat], best=best, keeps=keeps)
    elif best and travels:
        told.append("the nearest centre that suits it" if not keeps else "none nearer is worth a change")
    elif best and fits:
        told.append("its field is this seat's")
    if not best:
        other = int(placements.cheapest[unit])
        told.append(
            f"{territory[other]} would suit it better alone, but {_what_keeps(solution, unit, other, territory, loads)}"
        )
    elif not told:
        told.append("balance: the seat had room for it")
    if incumbent >= 0 and not keeps:
        told.append(f"moved from {territory[incumbent]}")
    text = "; ".join(told)
    return text[0].upper() + text[1:]


def _likeness(alike: str, here: str, *, best: bool, keeps: bool) -> list[str]:
    """What an account has in common with its book."""
    if alike and (keeps or not best):
        return [f"like the accounts of {here}: {alike}"]
    if keeps or not best:
        return ["none more alike is worth a change"] if best else []
    return [f"most like the accounts of {here}: {alike}" if alike else f"least unlike the accounts of {here}"]


def _what_keeps(solution: Solution, unit: int, other: int, territory: list[str], loads: FloatArray) -> str:
    """What keeps a unit from the seat that would suit it best."""
    problem, lim = solution.problem, solution.limits
    seat = int(solution.owners[unit])
    weight = lim.weights[unit]
    names = problem.measure_names or ("load",) * problem.measures
    over, under = loads[other] + weight - lim.high[other], lim.low[seat] - (loads[seat] - weight)
    if (over > SLACK).any():
        return (
            f"balance needs it here: with it {territory[other]} would be over its limit of {names[int(over.argmax())]}"
        )
    if (under > SLACK).any():
        name = names[int(under.argmax())]
        return f"balance needs it here: without it {territory[seat]} would be under its limit of {name}"
    foes = [] if problem.apart is None else [pair for pair in problem.apart if unit in pair]
    if any(other in solution.owners[pair] for pair in foes):
        return "who it must be apart from is there"
    if problem.areas is not None:
        return "territories in one piece need it here"
    return "what else would have to move costs more"


def _what_would_move_it(
    solution: Solution, worth: Worth, placements: Placements, unit: int, seat: int, runner: int, territory: list[str]
) -> str:
    measures = solution.problem.measure_names
    m, at = int(placements.over_tolerance[unit]), int(placements.over_seat[unit])
    cost = float(placements.runner_up_cost[unit])
    there = f"It would go to {territory[runner]}"
    if cost < worth.hardly and m < 0:
        return f"{territory[runner]} would do as well; chance decided between equals"
    if m >= 0:
        measure = measures[m] if measures else "the measure"
        change = "had room for more" if at == runner else "could spare some"
        return f"{there} if {territory[at]} {change} {measure}, at a cost worth about {worth.told(cost)}"
    return f"{there} if that saved about {worth.told(cost)} more; every tolerance would still hold"
