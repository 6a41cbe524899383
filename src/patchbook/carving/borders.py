"""Why the border between two territories is where it is: who is next to it, what holds it, and what moving it would do.

Everything is read off a solution and its prices, in two passes over the costs; nothing is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from patchbook.carving.costs import BLOCK, Costs
from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem
from patchbook.carving.solution import Solution

SAME = 1e-9
"""Costs this close, as a share of their size, are equal."""


class Hold(StrEnum):
    """What keeps a unit from a seat that would cost less."""

    LOCK = "lock"
    """It is locked, or protected."""
    BALANCE = "balance"
    """With the prices of load counted, where it is costs least: the other is full, or this one short."""
    OTHER = "other"
    """Even so the other would cost less: contiguity, a pair apart, a cap on moves, or that units are whole."""
    OWNER = "owner"
    """Leaving today's owner counts for more."""
    NEED = "need"
    """The other may not have it."""


@dataclass(frozen=True, kw_only=True)
class Border:
    """One side of a border: what of one seat might go to its neighbour, and does not."""

    seat: int
    neighbour: int
    next_to_it: IntArray
    """Units of the seat whose second best place is the neighbour, who minds going least for their size first."""
    held: dict[Hold, IntArray]
    """Units of the seat that would cost least at the neighbour but for this."""
    next_costs: float
    """What the first of the units next to it would cost more at the neighbour, prices not counted; less than 0 is
    saved; not a number where no unit is."""
    may_go: int
    """How many of the units next to it could go, in their order, with every load inside its limits."""
    may_go_costs: float
    """What these would cost more there."""
    then_measure: int
    """The measure that the next would put outside its limits; -1 where all could go."""
    then_seat: int
    """The seat at which it would: the neighbour too full, or the seat too empty."""
    blames: int
    """The measure whose prices differ most for the units that balance holds; -1 where it holds none."""


def prices_by_share(solution: Solution) -> FloatArray:
    """(seats, measures) what one per cent more of its share costs at each seat; below 0 where more would save."""
    lim = solution.limits
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    return np.asarray(0.01 * prices * lim.targets)


def borders(solution: Solution) -> tuple[Border, ...]:
    """Both sides of every border that any unit is next to or held at, by seat and neighbour."""
    seen = _look(solution)
    problem, lim = solution.problem, solution.limits
    loads = lim.loads(solution.owners)
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    pairs = {(int(a), int(b)) for a, b in zip(solution.owners, seen.runner_up, strict=True) if a >= 0 and b >= 0}
    pairs |= {(int(a), int(b)) for a, b in zip(solution.owners, seen.wanted, strict=True) if a >= 0 and b >= 0}
    size = np.maximum(lim.weights.mean(axis=1), 1e-12)
    order = np.lexsort((np.arange(problem.units), seen.regret / size))
    next_by_pair = _by_pair(solution.owners[order], seen.runner_up[order], order, problem.seats)
    everyone = np.arange(problem.units)
    held_by_pair = _by_pair(solution.owners, seen.wanted, everyone, problem.seats)
    none = np.zeros(0, np.int64)
    found = []
    for seat, other in sorted(pairs):
        near = next_by_pair.get((seat, other), none)
        wanting = held_by_pair.get((seat, other), none)
        held = {hold: wanting[seen.hold[wanting] == number] for number, hold in enumerate(Hold)}
        held = {hold: units for hold, units in held.items() if len(units)}
        moving = np.cumsum(lim.weights[near], axis=0)
        over = loads[other] + moving - lim.high[other]
        under = lim.low[seat] - (loads[seat] - moving)
        breaks = np.flatnonzero((np.maximum(over, under) > 1e-9).any(axis=1))
        may_go = int(breaks[0]) if len(breaks) else len(near)
        measure, where = -1, -1
        if len(breaks):
            worst = np.maximum(over[may_go], under[may_go])
            measure = int(np.argmax(worst))
            where = other if over[may_go, measure] >= under[may_go, measure] else seat
        blames = -1
        if Hold.BALANCE in held:
            pull = (lim.weights[held[Hold.BALANCE]] * (prices[other] - prices[seat])).sum(axis=0)
            blames = int(np.argmax(pull)) if (pull > 0).any() else -1
        found.append(
            Border(
                seat=seat, neighbour=other, next_to_it=near, held=held,
                next_costs=float(seen.extra[near[0]]) if len(near) else float("nan"), may_go=may_go,
                may_go_costs=float(seen.extra[near[:may_go]].sum()), then_measure=measure, then_seat=where,
                blames=blames,
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What the costs say of each unit, (units,)."""

    runner_up: IntArray
    """The seat it would rather have than any but its own, prices counted; -1 without one."""
    regret: FloatArray
    """What that costs more, prices counted."""
    extra: FloatArray
    """What that costs more, prices not counted."""
    wanted: IntArray
    """The seat that would cost less but for what holds it; -1 where it is where it costs least."""
    hold: IntArray
    """What holds it, as a place in `Hold`."""


def _look(solution: Solution) -> _Seen:
    problem, lim = solution.problem, solution.limits
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    bound, opened = Costs(problem, limits=lim), Costs(_without_limits(problem))
    sized = np.full(problem.units, -1)
    sized[lim.oversized] = lim.only[lim.oversized]
    opened.bind(sized, ~lim.balanced)
    stay = np.zeros(problem.units) if problem.stay is None else problem.stay
    may_not: BoolArray | None = None
    if problem.kind_cost is not None and problem.kind is not None:
        may_not = ~np.isfinite(problem.kind_cost)
    units = problem.units
    runner_up, wanted, hold = np.full(units, -1), np.full(units, -1), np.full(units, -1)
    regret, extra = np.full(units, np.inf), np.full(units, np.nan)
    step = max(1, BLOCK // (problem.seats * 3))
    for first in range(0, units, step):
        rows = np.arange(first, min(first + step, units))
        rows = rows[solution.owners[rows] >= 0]
        if not len(rows):
            continue
        at, mine = np.arange(len(rows)), solution.owners[rows]
        cost = bound.rows(rows, solution.centres)
        load = lim.weights[rows] @ prices.T
        own = cost[at, mine]
        priced = cost + load
        own_priced = priced[at, mine]
        priced[at, mine] = np.inf
        other = priced.argmin(axis=1)
        has = np.isfinite(priced[at, other]) & np.isfinite(own)
        runner_up[rows[has]] = other[has]
        regret[rows[has]] = np.maximum(0.0, (priced[at, other] - own_priced)[has])
        extra[rows[has]] = (cost[at, other] - own)[has]
        free = opened.rows(rows, solution.centres)
        noted = _Noted(mine)
        locked = (lim.only[rows] >= 0) & ~np.isin(rows, lim.oversized)
        may_go = free.copy()
        if may_not is not None and problem.kind is not None:
            may_go[may_not[problem.kind[rows]]] = np.inf
        may_go[at, mine] = free[at, mine]
        noted.note(may_go, Hold.LOCK, locked)
        cheapest = cost.argmin(axis=1)
        still = cost[at, cheapest] + load[at, cheapest] < own_priced - SAME * np.maximum(1.0, np.abs(own_priced))
        noted.note(cost, Hold.OTHER, ~locked & still)
        noted.note(cost, Hold.BALANCE, ~locked)
        held = problem.incumbent[rows] if problem.incumbent is not None else np.full(len(rows), -1)
        staying = np.where(held == mine, stay[rows], 0.0)[:, None] * (np.arange(problem.seats) != mine[:, None])
        noted.note(cost - staying, Hold.OWNER, ~locked)
        noted.note(free, Hold.NEED, ~locked)
        wanted[rows], hold[rows] = noted.seat, noted.hold
    return _Seen(runner_up=runner_up, regret=regret, extra=extra, wanted=wanted, hold=hold)


class _Noted:
    """For some units the first reason found why they are not where they would cost less."""

    def __init__(self, mine: IntArray) -> None:
        self.mine = mine
        self.seat, self.hold = np.full(len(mine), -1), np.full(len(mine), -1)

    def note(self, cost: FloatArray, hold: Hold, who: BoolArray) -> None:
        """Note this reason for those of whom none is noted and for whom another seat costs less."""
        at = np.arange(len(self.mine))
        seat = cost.argmin(axis=1)
        own = cost[at, self.mine]
        less = cost[at, seat] < own - SAME * np.maximum(1.0, np.abs(own))
        new = np.flatnonzero(less & (self.seat < 0) & who)
        self.seat[new] = seat[new]
        self.hold[new] = list(Hold).index(hold)


def _without_limits(problem: Problem) -> Problem:
    """The problem in which every seat may have every kind."""
    if problem.kind_cost is None:
        return problem
    return replace(problem, kind_cost=np.where(np.isfinite(problem.kind_cost), problem.kind_cost, 0.0))


def _by_pair(owner: IntArray, other: IntArray, units: IntArray, seats: int) -> dict[tuple[int, int], IntArray]:
    """The units of each pair of an owner and another seat, in the order they come in."""
    some = np.flatnonzero((owner >= 0) & (other >= 0))
    if not len(some):
        return {}
    key = owner[some] * seats + other[some]
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    parts = np.split(units[some][order], first[1:])
    return {(int(k // seats), int(k % seats)): part for k, part in zip(keys, parts, strict=True)}
