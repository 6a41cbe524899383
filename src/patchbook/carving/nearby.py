"""A carve of a problem beside one that is solved: same units and seats, other tolerances or other weights of costs.

Prices, centres and owners of the neighbour are nearly right already, so a few steps of Newton's method and a few sweeps
do what takes `solve` several starts, a dive and annealing. Two beginnings are tried, the neighbour's owners as they
are and the seats that the new prices choose, and the cheaper goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.bounds import BOUNDS
from patchbook.carving.connect import connect
from patchbook.carving.constraints import translated
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.construct.construction import slots_of, width_for
from patchbook.carving.construct.dive import dive
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import Candidates, Costs, medians, within_limits
from patchbook.carving.limits import Limits
from patchbook.carving.prices import dual_of
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.search import Search, annealed, repairs
from patchbook.carving.separate import separate
from patchbook.carving.solution import Solution
from patchbook.carving.subset import as_given, judged, take

SWEEPS = 4
"""Rounds of every move before the centres follow."""
RECENTRE_ROUNDS = 4
"""Times the centres follow at most."""
HEATS = (0.06, 0.015)
"""Smoothing of the prices, relative to each unit's scale of choice."""
NEWTON_ROUNDS = 20
ANNEAL_STEPS, ANNEAL_MOST = 200, 1_500_000
"""Random changes tried for each unit, and altogether."""
FEW = 0.004
"""Share of the units; a sweep that moves fewer is the last."""


def solve_nearby(
    problem: Problem,
    near: Solution,
    *,
    seed: int,
    rounds: int = RECENTRE_ROUNDS,
    stop: Callable[[], bool] = lambda: False,
) -> Solution:
    """
    A carve of the problem, begun from the carve of another.

    Parameters
    ----------
    near
        Of a problem with the same units, seats, places and eligibility; what may differ is tolerances and costs.
    rounds
        Times that free centres follow the owners at most; it ends before where they hardly move.
    stop
        Asked now and then; true ends it with what is there.

    Returns
    -------
    Solution
        As `solve` gives it, with its bound and what it breaks. A cap on moves is not looked at until the end.
    """
    asked, problem = problem, translated(problem)
    able = np.flatnonzero(near.owners >= 0)
    if len(able) < problem.units:
        smaller = replace(near, owners=near.owners[able])
        part = solve_nearby(take(problem, able), smaller, seed=seed, rounds=rounds, stop=stop)
        return as_given(asked, part, able)
    costs, lim = within_limits(problem)
    run = _Run(problem=problem, costs=costs, limits=lim, seed=seed, stop=stop)
    owners = np.where(lim.only >= 0, lim.only, near.owners)
    centres = None if problem.places is None or problem.travel <= 0 else near.centres
    prices = _rescaled(near, problem)
    candidates = run.candidates(centres, owners)
    searches = []
    kept = run.whole(owners, prices, centres)
    if lim.excess(lim.loads(kept)) == 0.0 or not prefers_seats(costs):
        searches.append(run.settled(run.repaired(kept, prices, centres), SWEEPS))
    if prefers_seats(costs):
        prices = run.priced(candidates, prices, HEATS)
        dual = dual_of(candidates, lim, problem.tolerances, lim.weights)
        slots = dive(dual, lim, problem.tolerances, prices, stop=stop)  # where a large unit is, no move may mend
        chosen = candidates.seats[np.arange(problem.units), slots].astype(np.int64)
        searches.append(run.settled(run.repaired(run.whole(chosen, prices, centres), prices, centres), SWEEPS))
    if all(search.excess() > 0.0 for search in searches):
        searches.append(run.settled(run.repaired(kept, prices, centres), SWEEPS))
    best = min(searches, key=lambda search: (search.excess(), search.cost()))
    owners, centres = run.followed(run.annealed(best, prices), centres, rounds)
    if centres is not None and prefers_seats(costs):
        prices = run.priced(run.candidates(centres, owners), prices, HEATS)
    return replace(run.told(owners, centres, prices), problem=asked)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What the steps share."""

    problem: Problem
    costs: Costs
    limits: Limits
    seed: int
    stop: Callable[[], bool]

    def candidates(self, centres: FloatArray | None, owners: IntArray) -> Candidates:
        """The seats worth looking at, each unit's own among them."""
        units, seats = self.problem.units, self.problem.seats
        width = seats if self.problem.areas is not None else width_for(units, seats)
        return self.costs.candidates(centres, width, owners, np.arange(units))

    def priced(self, candidates: Candidates, prices: FloatArray, heats: tuple[float, ...]) -> FloatArray:
        """Prices for these limits and costs, from nearly right ones."""
        dual = dual_of(candidates, self.limits, self.problem.tolerances, self.limits.weights)
        for heat in heats:
            prices = dual.newton(prices, heat, rounds=NEWTON_ROUNDS, until=0.01, stop=self.stop)
        return prices

    def whole(self, owners: IntArray, prices: FloatArray, centres: FloatArray | None) -> IntArray:
        """The owners with every seat in one piece and every pair apart, where that is asked."""
        owners = connect(self.problem, self.costs, centres, owners)
        return separate(self.problem, self.costs, centres, owners, prices=prices, weights=self.limits.weights)

    def repaired(self, owners: IntArray, prices: FloatArray, centres: FloatArray | None) -> Search:
        """The owners moved inside the limits, under a growing penalty."""
        problem = self.problem
        candidates = self.candidates(centres, owners)
        search = Search(problem, self.limits, candidates, slots_of(candidates, owners), prices)
        order = self._order(0)
        penalty = 3.0 * max(search.cost(), float(candidates.spread().sum()), 1e-6) / problem.seats
        for number, effort in enumerate(repairs(penalty)):
            if search.excess() == 0.0 or (number and self.stop()):
                break
            search.until_settled(order, effort, self.seed + 7919 * number, rounds=2)
        return Search(problem, self.limits, candidates, search.slots)

    def settled(self, search: Search, rounds: int) -> Search:
        """The same, cheaper by every move with limits kept."""
        effort = search.forbidding()
        for number in range(rounds):
            if self.stop():
                break
            if search.sweep(self._order(number), effort, self.seed + 101 * number) <= FEW * self.problem.units:
                break
        return search

    def annealed(self, search: Search, prices: FloatArray) -> Search:
        """The better of the search and of what annealing makes of it; annealing may leave the limits on its way."""
        if search.excess() > 0.0 or self.stop():
            return search
        units = np.flatnonzero(self.limits.only < 0)
        steps = max(1, min(ANNEAL_STEPS, ANNEAL_MOST // max(len(units), 1)))
        return annealed(
            search, prices, units, steps=steps, order=self._order, seed=self.seed,
            settle=lambda trial: self.settled(trial, 2),
        )  # fmt: skip

    def followed(self, search: Search, centres: FloatArray | None, rounds: int) -> tuple[IntArray, FloatArray | None]:
        """The owners, after free centres have followed them a few times."""
        places = self.problem.places
        if centres is None or places is None:
            return self.settled(search, SWEEPS).owners.copy(), centres
        free = self.problem.free_seats
        if not len(free):
            return self.settled(search, SWEEPS).owners.copy(), centres
        for _ in range(rounds):
            before = search.cost()
            owners = search.owners.copy()
            centres = medians(places, owners, centres, free, rounds=10)
            candidates = self.candidates(centres, owners)
            search = self.settled(Search(self.problem, self.limits, candidates, slots_of(candidates, owners)), 2)
            if search.cost() > before * (1 - 1e-3) or self.stop():
                break
        return search.owners.copy(), centres

    def told(self, owners: IntArray, centres: FloatArray | None, prices: FloatArray) -> Solution:
        """The assignment with its bound, and what it breaks."""
        proof = max(0.0, *(bound(self.costs, centres, self.limits, prices) for bound in BOUNDS))
        return judged(
            Solution(
                problem=self.problem, owners=owners, centres=centres, limits=self.limits,
                cost=self.costs.total(owners, centres), bound=proof, prices=prices,
                excess=self.limits.excess(self.limits.loads(owners)), moved_share=moved_share(self.problem, owners),
                unassigned=np.flatnonzero(owners < 0),
            )
        )  # fmt: skip

    def _order(self, number: int) -> IntArray:
        """The units that may move, in an order of their own for each sweep."""
        free = np.flatnonzero(self.limits.only < 0)
        return np.random.default_rng([self.seed, number]).permutation(free)


def _rescaled(near: Solution, problem: Problem) -> FloatArray:
    """The neighbour's prices in the costs of the problem: where a kilometre costs twice as much, so does room."""
    was, now = near.problem.travel, problem.travel
    has_places = problem.places is not None and was > 0 and now > 0
    return near.prices * (now / was) if has_places else near.prices.copy()
