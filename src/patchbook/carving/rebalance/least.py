"""The fewest moves, or the least worth of moves, that any assignment within the limits needs: a proof from below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.costs import Costs, within_limits
from patchbook.carving.limits import Limits
from patchbook.carving.prices import dual_of
from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem
from patchbook.carving.rebalance.cuts import by_cuts
from patchbook.carving.rebalance.needs import SAFE, Needs, is_whole, needs_of
from patchbook.carving.rebalance.relaxed import Relaxation
from patchbook.carving.subset import take

COOLING = (0.3, 0.05, 0.01, 0.003)
"""Smoothing of the prices that the relaxation begins with."""


@dataclass(frozen=True, kw_only=True)
class MovesNeeded:
    """How much any assignment within the limits moves at least, and from what each part of that follows."""

    at_least: float
    """In worth: the larger of the two bounds below, and what is forced, together."""
    forced: IntArray
    """Units that must leave whatever else happens: their seat may not keep them."""
    by_prices: float
    """What all seats together need beyond what is forced: by prices, and for a small team by cuts as well."""
    by_seats: float
    """What the seats need one by one, added up; often less, never more than the truth."""
    needs: Needs
    limits: Limits


def moves_at_least(
    problem: Problem, worth: FloatArray, *, centres: FloatArray | None = None, stop: Callable[[], bool] = lambda: False
) -> MovesNeeded:
    """
    A worth of moves that no assignment within the limits undercuts.

    Only units with an incumbent count; those without are free. Contiguity, pairs kept apart and `moved_at_most` are
    left out, which can only make the bound smaller. Oversized units stay in the seats set aside for them.

    Parameters
    ----------
    worth
        (units,) at least 0: what moving a unit counts, 1 for each account of it or so much of a measure. Where all are
        whole numbers the bound is rounded up.
    centres
        (seats, dimensions) where the seats are; they only help to begin, so that nothing is proved by them.
    stop
        Asked now and then; true ends with the bound reached so far. The program of a small team is not begun then,
        and not broken off once it is.
    """
    able = np.flatnonzero(_assignable(problem))
    if len(able) < problem.units:
        part = moves_at_least(take(problem, able), worth[able], centres=centres, stop=stop)
        return replace(part, forced=able[part.forced])
    costs, lim = bare_costs(problem, worth)
    home, may_leave = homes_of(problem, costs)
    incumbent = np.full(problem.units, -1) if problem.incumbent is None else problem.incumbent
    forced = np.flatnonzero((incumbent >= 0) & (home < 0))
    needs = needs_of(lim, home, worth, may_leave)
    relaxation = Relaxation(costs, None, lim, needs, home, worth, counts_moves=is_whole(worth))
    begun = first_prices(problem, lim, worth, centres, stop=stop)
    relaxed = relaxation.solved(begun, stop=stop)
    bound = relaxed.bound if stop() else max(relaxed.bound, by_cuts(costs, lim))
    must = float(worth[forced].sum())
    # The forced units pay their worth in the relaxation as well, and seats' needs count only units that have a home.
    by_prices = max(0.0, bound - must - SAFE * max(1.0, abs(bound)))
    by_seats = float(needs.out.sum())
    if is_whole(worth):
        by_prices = float(np.ceil(by_prices))
    return MovesNeeded(
        at_least=must + max(by_prices, by_seats), forced=forced, by_prices=by_prices, by_seats=by_seats, needs=needs,
        limits=lim,
    )  # fmt: skip


def _assignable(problem: Problem) -> BoolArray:
    """(units,) whether some seat may take the unit; the engine leaves the others aside."""
    if problem.kind is None or problem.kind_cost is None:
        return np.ones(problem.units, bool)
    able: BoolArray = np.asarray(np.isfinite(problem.kind_cost).any(axis=1))[problem.kind]
    return np.asarray(able if problem.fixed is None else able | (problem.fixed >= 0))


def bare_costs(problem: Problem, worth: FloatArray) -> tuple[Costs, Limits]:
    """Costs that count moves alone, each at its worth, and the limits they are to be within."""
    kind_cost = problem.kind_cost
    bare = replace(
        problem, places=None, areas=None, apart=None, moved_at_most=None, stay=np.asarray(worth, float),
        kind_cost=None if kind_cost is None else np.where(np.isfinite(kind_cost), 0.0, np.inf),
    )  # fmt: skip
    return within_limits(bare)


def homes_of(problem: Problem, costs: Costs) -> tuple[IntArray, BoolArray]:
    """(units,) the incumbent where it may keep the unit, or -1; and whether any other seat may take the unit."""
    units, seats = problem.units, problem.seats
    incumbent = np.full(units, -1) if problem.incumbent is None else problem.incumbent
    kind = np.zeros(units, np.int64) if problem.kind is None else problem.kind
    may = np.ones((1, seats), bool) if problem.kind_cost is None else np.isfinite(problem.kind_cost)
    open_to: BoolArray = np.asarray(may & ~costs.shut)
    allowed: BoolArray = (incumbent >= 0) & open_to[kind, np.maximum(incumbent, 0)]
    allowed |= (incumbent >= 0) & ~np.asarray(open_to.any(axis=1))[kind] & may[kind, np.maximum(incumbent, 0)]
    locked = costs.only >= 0
    allowed[locked] = np.equal(costs.only[locked], incumbent[locked])
    return np.where(allowed, incumbent, -1), (costs.only < 0) & (np.asarray(open_to.sum(axis=1))[kind] > 1)


def first_prices(
    problem: Problem, lim: Limits, worth: FloatArray, centres: FloatArray | None, *, stop: Callable[[], bool]
) -> FloatArray:
    """(seats, measures) prices near the best for moves at their worth, travel breaking ties, by Newton's method."""
    located = problem.places is not None and centres is not None
    price = move_price(problem, worth, centres) if located else 1.0
    tied = replace(problem, stay=price * worth, places=problem.places if located else None, areas=None, apart=None)
    costs = Costs(tied, limits=lim)
    everyone = np.arange(problem.units)
    keep = lim.only if problem.incumbent is None else np.where(lim.only >= 0, lim.only, problem.incumbent)
    from patchbook.carving.construct.construction import width_for  # a construction asks for what is here

    width = width_for(problem.units, problem.seats)
    candidates = costs.candidates(centres if located else None, width, keep, everyone)
    dual = dual_of(candidates, lim, problem.tolerances, lim.weights)
    prices = np.zeros_like(lim.low)
    for heat in COOLING:
        prices = dual.newton(prices, heat, rounds=8, until=0.004, stop=stop)
    return prices / price


def move_price(problem: Problem, worth: FloatArray, centres: FloatArray | None) -> float:
    """What a move of worth 1 has to cost so that no saving in travel or fit is worth a mean move; at least 1."""
    _, spread = _spread(problem, centres)
    mean = max(float(worth[worth > 0].mean()) if (worth > 0).any() else 1.0, 1e-12)
    return max(1.0, 3.0 * float(spread.max(initial=0.0)) / mean)


def moves_come_first(problem: Problem, stay: FloatArray, centres: FloatArray | None) -> bool:
    """Whether for nearly every unit leaving its incumbent costs more than the whole world of travel and fit."""
    units, spread = _spread(problem, centres)
    return bool((spread <= stay[units]).mean() >= 0.9) if len(units) else False


def _spread(problem: Problem, centres: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """Of some units spread over all, what the dearest seat costs more than the cheapest, without any move's price."""
    costs = Costs(replace(problem, stay=None, areas=None, apart=None))
    some = np.linspace(0, problem.units - 1, min(problem.units, 2_000)).astype(np.int64)
    if not problem.units:
        return some[:0], np.empty(0)
    block = costs.rows(some, centres)
    finite = np.isfinite(block)
    able = finite.any(axis=1)
    spread = np.where(finite, block, -np.inf).max(axis=1)[able] - np.where(finite, block, np.inf).min(axis=1)[able]
    return some[able], np.asarray(spread)
