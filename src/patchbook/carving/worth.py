"""What each demand costs, read off the prices of a solution without solving anything again.

The Lagrangian dual L(λ) is a sum: over units of their least priced cost, less what the limits allow. A demand stands in
a few of its terms, so taking it away changes L by an amount that can be written down: what a locked unit costs at its
lock less what it would cost at its cheapest seat; |λ| times the load of a point of tolerance. That is its estimate.

Whatever the prices, for the centres of the solution (Geoffrion 1974, Lagrangean relaxation for integer programming,
doi:10.1007/BFb0120690): without the demand no assignment costs less than L(λ) less the estimate, so lifting it saves at
most the estimate and the `slack`, what the solution costs above L(λ). What it really saves, only solving again tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.bounds.dual import dual_bound
from patchbook.carving.costs import BLOCK, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem
from patchbook.carving.solution import Solution

POINT = 0.01
"""One point of tolerance, or of a seat's load."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What lifting each demand alone would save, by the prices; every figure in the engine's cost."""

    lock: FloatArray
    """(units,) opening the unit's lock; not a number where it has none."""
    pair: FloatArray
    """(pairs,) letting the two of a pair meet."""
    kind: FloatArray
    """(kinds,) letting every seat take the kind."""
    tolerance: FloatArray
    """(measures,) one point more of tolerance."""
    load: FloatArray
    """(seats, measures) one per cent more of the measure for this seat and the less for the others; below 0 where
    the seat is the one that should have less."""
    cap: float
    """One point more that may move; 0 without a cap."""
    move_price: float
    """What the cap makes moving one unit of value cost."""
    slack: float
    """What the solution costs above L(λ): no demand can save more than its estimate and this."""


def worth(solution: Solution) -> Worth:
    """What each demand of a solved problem costs, by its prices."""
    problem, lim = solution.problem, solution.limits
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    move_price = _move_price(solution, prices)
    costs = _open_costs(problem, lim, move_price)
    bound = Costs(problem, stay_price=move_price, limits=lim)
    allowance = move_price * _may_move(problem)
    proof = dual_bound(bound, solution.centres, lim, prices) - allowance
    value = np.ones(problem.units) if problem.value is None else problem.value
    held = float(value[problem.incumbent >= 0].sum()) if problem.incumbent is not None else 0.0
    return Worth(
        lock=_locks(solution, costs, prices),
        pair=_pairs(solution, bound, prices),
        kind=_kinds(solution, costs, prices),
        tolerance=POINT * np.asarray((np.abs(prices) * lim.targets).sum(axis=0)),
        load=_loads(problem, lim, prices),
        cap=POINT * move_price * held,
        move_price=move_price,
        slack=max(0.0, solution.cost - proof),
    )


@dataclass(frozen=True, kw_only=True)
class FamilyWorth:
    """What keeping families whole costs, by the prices, account by account."""

    family: FloatArray
    """(units,) letting the accounts of the unit go apart; 0 for a unit of one account, not a number for one so large
    that a seat was set aside for it."""
    cost: float
    """What the solution costs, counted account by account."""
    slack: float
    """What that is above the dual; lifting families saves at most their estimates and this."""


def family_worth(solution: Solution, alone: Problem, unit_of_row: IntArray) -> FamilyWorth:
    """
    What keeping each family together costs.

    Parameters
    ----------
    alone
        The same problem with every account a unit of its own: same seats, measures and shares.
    unit_of_row
        (accounts,) the unit of the solution each account belongs to.
    """
    problem, lim = solution.problem, solution.limits
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    move_price = _move_price(solution, prices)
    weights = alone.weights / unit_size(problem, lim)
    apart_limits = replace(
        lim, weights=weights, only=np.full(alone.units, -1) if alone.fixed is None else alone.fixed,
        oversized=np.zeros(0, np.int64),
    )  # fmt: skip
    free = Costs(alone, stay_price=move_price)
    bound = Costs(alone, stay_price=move_price, limits=apart_limits)
    sizes = np.bincount(unit_of_row, minlength=problem.units)
    family = np.flatnonzero(sizes > 1)
    place = np.full(problem.units, -1)
    place[family] = np.arange(len(family))
    together_at, apart = np.zeros((len(family), problem.seats)), np.zeros(len(family))
    members = np.flatnonzero(place[unit_of_row] >= 0)
    step = max(1, BLOCK // problem.seats)
    for first in range(0, len(members), step):
        rows = members[first : first + step]
        load = weights[rows] @ prices.T
        np.add.at(together_at, place[unit_of_row[rows]], _finite(free.rows(rows, solution.centres)) + load)
        np.add.at(apart, place[unit_of_row[rows]], _least(bound.rows(rows, solution.centres) + load))
    together_at[~_may_have(problem, lim, family)] = np.inf
    estimate = np.zeros(problem.units)
    estimate[family] = np.maximum(0.0, _least(together_at) - apart)
    judge = Costs(alone)
    cost = judge.total(solution.owners[unit_of_row], solution.centres)
    proof = dual_bound(bound, solution.centres, apart_limits, prices) - move_price * _may_move(alone)
    slack = max(0.0, cost - proof - float(estimate.sum()))
    estimate[lim.oversized] = np.nan
    return FamilyWorth(family=estimate, cost=cost, slack=slack)


def unit_size(problem: Problem, lim: Limits) -> FloatArray:
    """(measures,) what one mean seat's load of a measure is, in the measure's own unit."""
    scaled = lim.weights.sum(axis=0)
    return np.asarray(np.where(scaled > 0, problem.weights.sum(axis=0) / np.where(scaled > 0, scaled, 1.0), 1.0))


def _may_have(problem: Problem, lim: Limits, units: IntArray) -> BoolArray:
    """(units, seats) whether the seat may have the unit: eligibility, locks, and seats that an oversized unit fills."""
    may: BoolArray = np.ones((len(units), problem.seats), bool)
    if problem.kind is not None and problem.kind_cost is not None:
        may = np.isfinite(problem.kind_cost[problem.kind[units]])
    spared = np.flatnonzero((may & lim.balanced).any(axis=1))
    may[spared] &= lim.balanced
    bound = np.flatnonzero(lim.only[units] >= 0)
    may[bound] = False
    may[bound, lim.only[units[bound]]] = True
    return may


def _open_costs(problem: Problem, lim: Limits, move_price: float) -> Costs:
    """Costs with every lock open; what is bound by its size stays where it is."""
    costs = Costs(problem, stay_price=move_price)
    only = np.full(problem.units, -1)
    only[lim.oversized] = lim.only[lim.oversized]
    costs.bind(only, ~lim.balanced)
    return costs


def _locks(solution: Solution, costs: Costs, prices: FloatArray) -> FloatArray:
    problem, lim = solution.problem, solution.limits
    found = np.full(problem.units, np.nan)
    if problem.fixed is None:
        return found
    locked = np.setdiff1d(np.flatnonzero(problem.fixed >= 0), lim.oversized)
    step = max(1, BLOCK // problem.seats)
    for first in range(0, len(locked), step):
        rows = locked[first : first + step]
        seat = problem.fixed[rows]
        at = np.arange(len(rows))
        load = lim.weights[rows] @ prices.T
        opened = costs.rows(rows, solution.centres) + load
        own = _without_shut(costs, rows, solution)[at, seat] + load[at, seat]
        opened[at, seat] = own
        found[rows] = np.maximum(0.0, own - opened.min(axis=1))
    return found


def _without_shut(costs: Costs, rows: IntArray, solution: Solution) -> FloatArray:
    """Costs at every seat, full ones too; 0 where the seat may not take the unit, as `Costs` has it for a lock."""
    free = Costs(costs.problem)
    free.stay = costs.stay
    return _finite(free.rows(rows, solution.centres))


def _pairs(solution: Solution, costs: Costs, prices: FloatArray) -> FloatArray:
    """What the nearest way of parting two units that want the same seat costs."""
    problem, lim = solution.problem, solution.limits
    if problem.apart is None:
        return np.zeros(0)
    found = np.zeros(len(problem.apart))
    for number, (a, b) in enumerate(problem.apart):
        rows = np.array([a, b])
        priced = costs.rows(rows, solution.centres) + lim.weights[rows] @ prices.T
        first = priced.argmin(axis=1)
        if first[0] == first[1]:
            regret = np.sort(priced, axis=1)[:, 1] - priced.min(axis=1)
            found[number] = regret.min() if np.isfinite(regret).any() else np.nan
    return found


def _kinds(solution: Solution, costs: Costs, prices: FloatArray) -> FloatArray:
    problem, lim = solution.problem, solution.limits
    if problem.kind is None or problem.kind_cost is None:
        return np.zeros(0)
    found = np.zeros(len(problem.kind_cost))
    shut: BoolArray = ~np.isfinite(problem.kind_cost)
    units = np.flatnonzero(np.isin(problem.kind, np.flatnonzero(shut.any(axis=1))) & (lim.only < 0))
    opened = Costs(replace(problem, kind_cost=np.where(shut, 0.0, problem.kind_cost)))
    opened.stay = costs.stay
    opened.bind(costs.only, ~lim.balanced)
    step = max(1, BLOCK // problem.seats)
    for first in range(0, len(units), step):
        rows = units[first : first + step]
        load = lim.weights[rows] @ prices.T
        least = _least(costs.rows(rows, solution.centres) + load)
        saved = np.maximum(0.0, least - (opened.rows(rows, solution.centres) + load).min(axis=1))
        np.add.at(found, problem.kind[rows], saved)
    return found


def _loads(problem: Problem, lim: Limits, prices: FloatArray) -> FloatArray:
    """Of L, what changes as one seat's target grows by one per cent and the others' shrink in proportion."""
    per_load = prices * (1.0 + np.sign(prices) * problem.tolerances)
    total = lim.targets.sum(axis=0)
    worth_all = (per_load * lim.targets).sum(axis=0)
    rest = total - lim.targets
    own = per_load * lim.targets
    mean_of_rest = np.where(rest > 0, (worth_all - own) / np.where(rest > 0, rest, 1.0), 0.0)
    return np.asarray(np.where(lim.balanced[:, None], POINT * lim.targets * (per_load - mean_of_rest), 0.0))


def _move_price(solution: Solution, prices: FloatArray) -> float:
    """
    The price of moving one unit of value at which the dual with the cap is largest.

    A unit moves while what it saves for its value is more than the price; the price at which just as much moves as may
    is a weighted quantile of these savings.
    """
    problem, lim = solution.problem, solution.limits
    if problem.moved_at_most is None or problem.incumbent is None:
        return 0.0
    value = np.ones(problem.units) if problem.value is None else problem.value
    costs = Costs(problem, limits=lim)
    held = np.flatnonzero((problem.incumbent >= 0) & (value > 0))
    saves = np.zeros(len(held))
    step = max(1, BLOCK // problem.seats)
    for first in range(0, len(held), step):
        rows = held[first : first + step]
        priced = costs.rows(rows, solution.centres) + lim.weights[rows] @ prices.T
        stays = priced[np.arange(len(rows)), problem.incumbent[rows]]
        saves[first : first + step] = (stays - _least(priced)) / value[rows]
    finite = np.isfinite(saves)
    order = np.argsort(-saves[finite], kind="stable")
    must = float(value[held][~finite].sum())
    moving = must + np.cumsum(value[held][finite][order])
    beyond = np.flatnonzero(moving > _may_move(problem))
    return max(0.0, float(saves[finite][order][beyond[0]])) if len(beyond) else 0.0


def _may_move(problem: Problem) -> float:
    """How much value may move under the cap; 0 without one."""
    if problem.moved_at_most is None or problem.incumbent is None:
        return 0.0
    value = np.ones(problem.units) if problem.value is None else problem.value
    return problem.moved_at_most * float(value[problem.incumbent >= 0].sum())


def _stay(problem: Problem) -> FloatArray:
    return np.zeros(problem.units) if problem.stay is None else problem.stay


def _finite(block: FloatArray) -> FloatArray:
    return np.where(np.isfinite(block), block, 0.0)


def _least(block: FloatArray) -> FloatArray:
    """(rows,) the least of each row; 0 where nobody may have it, as nobody pays for it either."""
    least = block.min(axis=1)
    return np.where(np.isfinite(least), least, 0.0)
