"""Carve: one seat for each unit, every measure within tolerance, at the least cost, with a bound.

The steps are those of `docs/explanation/engine.md`: set oversized units aside, price, dive, connect, repair, improve,
prove. `solve` is the whole assembly on one screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from patchbook.carving._kernels.prices import regrets
from patchbook.carving.settle import settle
from patchbook.carving.bounds import BOUNDS
from patchbook.carving.connect import connect
from patchbook.carving.constraints import CONSTRAINTS, Apart, Contiguous
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.construct import CONSTRUCTIONS
from patchbook.carving.construct.construction import Start, slots_of, width_for
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.construct.warm import Warm
from patchbook.carving.costs import Candidates, Costs, medians
from patchbook.carving.exact import exact
from patchbook.carving.limits import Limits, limits
from patchbook.carving.ordered import order_of
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.prices import dual_of
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.search import Effort, Search
from patchbook.carving.separate import separate
from patchbook.carving.solution import Progress, Solution
from patchbook.carving.subset import take

Stop = Callable[[float], bool]
Tell = Callable[[Progress], None]

REPAIR_ROUNDS = 40
IMPROVE_ROUNDS = 8
RECENTRE_ROUNDS = 4
CAP_ROUNDS = 12
NO_HEAT = 1e-6
"""Smoothing at which the dual is as good as unsmoothed."""
ANNEAL_STEPS, ANNEAL_MOST = 300, 3_000_000
"""Random changes tried for each unit, and altogether: of very many units each matters little."""
ACTIVE = 200
"""Units for each seat that are looked at again and again, those that mind least going elsewhere."""


def solve(
    problem: Problem,
    *,
    seed: int = 1,
    stop: Stop = lambda best_cost: False,
    progress: Tell = lambda _: None,
    warm: Solution | None = None,
) -> Solution:
    """
    The best assignment found, its bound, and what it breaks if it had to break anything.

    Parameters
    ----------
    stop
        Asked now and then with the best cost so far; true ends the carve and keeps the best so far.
        Without it the carve ends by itself, and the same problem and seed give the same answer.
    progress
        Told where the carve is.
    warm
        A solution of a problem with the same units and seats, such as this one with another tolerance or lock: the
        carve begins there, which takes a fraction of the time and stays near it.

    Raises
    ------
    ValueError
        The warm solution has other units or seats.
    """
    if warm is not None and (warm.problem.units, warm.problem.seats) != (problem.units, problem.seats):
        raise ValueError(
            f"A warm start needs the same units and seats: {problem.units} and {problem.seats}, not"
            f" {warm.problem.units} and {warm.problem.seats}."
        )
    progress = _never_back(progress)
    with threadpool_limits(limits=1, user_api="blas"):
        # Sums are taken in another order on another number of threads, and the answer would depend on the machine.
        return _solved(problem, seed=seed, stop=stop, progress=progress, warm=warm)


def _solved(problem: Problem, *, seed: int, stop: Stop, progress: Tell, warm: Solution | None) -> Solution:
    units = order_of(problem)
    units = units[_assignable(problem)[units]]
    if warm is not None:
        warm = replace(warm, problem=take(warm.problem, units), owners=warm.owners[units])
    part = _in_order(take(problem, units), seed=seed, stop=stop, progress=progress, warm=warm)
    return _as_given(problem, part, units)


def _in_order(problem: Problem, *, seed: int, stop: Stop, progress: Tell, warm: Solution | None) -> Solution:
    """The solution of a problem whose units are in order, and each of which some seat may take."""
    first = _carve(problem, 0.0, seed=seed, stop=stop, progress=progress, warm=warm)
    if problem.moved_at_most is None or first.moved_share <= problem.moved_at_most:
        return _judged(first)
    return _judged(_within_cap(problem, first, seed=seed, stop=stop, progress=progress))


def _never_back(progress: Tell) -> Tell:
    """Tells on, but never of less done than before: a second construction begins again where the first did."""
    furthest = 0.0

    def tell(reached: Progress) -> None:
        nonlocal furthest
        furthest = max(furthest, reached.done)
        progress(replace(reached, done=furthest))

    return tell


def _carve(
    problem: Problem,
    stay_price: float | FloatArray,
    *,
    seed: int,
    stop: Stop,
    progress: Tell,
    warm: Solution | None = None,
) -> Solution:
    """One carve at one price of moving an account away from its owner."""
    costs = Costs(problem, stay_price=stay_price)
    homes = None if problem.places is None else problem.places.homes
    known = homes if homes is not None and not np.isnan(homes).any() else None
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), known)[0])
    costs.bind(lim.only, ~lim.balanced)
    run = _Run(problem=problem, costs=costs, limits=lim, seed=seed, stop=stop, progress=progress)

    found: list[Solution] = []
    for construction in CONSTRUCTIONS if warm is None else (Warm(warm),):
        if construction.supports(costs) and not (found and run.stopped()):
            start = construction.start(costs, lim, seed=seed, stop=run.stopped, say=run.say)
            start = run.settled(run.parted(run.connected(start)), gentle=warm is not None or len(found) > 0)
            search = run.rescued(run.repaired(start), start)
            owners, centres = run.improved(search, start)
            found.append(run.proved(owners, centres, start.prices))
    best = min(found, key=lambda s: (_torn(s) + (s.excess > 0), s.excess, s.cost))
    if _has_fixed_centres(problem):
        proof = max(found, key=lambda solution: solution.bound)
        best = replace(best, bound=proof.bound, prices=proof.prices)
    return best


def _torn(solution: Solution) -> int:
    """How many territories are in pieces, and pairs together that must be apart: moves keep these but mend none."""
    problem, owners = solution.problem, solution.owners
    return sum(
        len(c.breaches(problem, solution.limits, owners)) for c in (Contiguous(), Apart()) if c.supports(problem)
    )


@dataclass
class _Run:
    """What the steps of one carve share."""

    problem: Problem
    costs: Costs
    limits: Limits
    seed: int
    stop: Stop
    progress: Tell
    best_cost: float = float("inf")

    def say(self, phase: str, done: float) -> None:
        """Tell where the carve is."""
        self.progress(Progress(phase=phase, done=done, best_cost=self.best_cost))

    def stopped(self) -> bool:
        """Whether somebody or something wants an end."""
        return bool(self.stop(self.best_cost))

    def connected(self, start: Start) -> Start:
        """The start with every seat in one piece, where contiguity is asked."""
        if self.problem.areas is None:
            return start
        owners = connect(self.problem, self.costs, start.centres, _owners_of(start))
        return self._with_owners(start, owners)

    def settled(self, start: Start, *, gentle: bool) -> Start:
        """The start with its borders moved until loads are within limits, where contiguity is asked."""
        if self.problem.areas is None:
            return start
        self.say("repairing", 0.62)
        found = settle(
            self.problem, self.costs, self.limits, _owners_of(start), start.centres, seed=self.seed, stop=self.stopped,
            gentle=gentle,
        )  # fmt: skip
        return self._with_owners(replace(start, centres=found.centres), found.owners)

    def parted(self, start: Start) -> Start:
        """The start with every pair that must be apart at two seats, where there are any."""
        if self.problem.apart is None:
            return start
        owners = _owners_of(start)
        apart = separate(
            self.problem, self.costs, start.centres, owners, prices=start.prices, weights=self.limits.weights
        )
        return self._with_owners(start, apart)

    def _with_owners(self, start: Start, owners: IntArray) -> Start:
        everyone = np.arange(self.problem.units)
        width = self.problem.seats if self.problem.areas is not None else start.candidates.seats.shape[1]
        candidates = self.costs.candidates(start.centres, width, owners, everyone)
        return replace(start, candidates=candidates, slots=slots_of(candidates, owners))

    def _search(self, start: Start, prices: FloatArray | None) -> Search:
        return Search(self.problem, self.limits, start.candidates, start.slots, prices, start.centres)

    def _active(self, start: Start) -> IntArray:
        """Units in the order in which they mind least going elsewhere, for what they weigh; the firmest left out."""
        return _least_regret(start, self.limits)[: ACTIVE * self.problem.seats]

    def repaired(self, start: Start) -> Search:
        """Shift, swap and chain under a growing penalty until every seat is inside its limits."""
        self.say("repairing", 0.65)
        search = self._search(start, start.prices)
        order = _least_regret(start, self.limits)
        seats = max(1, self.problem.seats)
        spread = float(start.candidates.spread().sum())
        penalty = 3.0 * max(search.cost(), spread, 1e-6 * seats) / seats
        share = 0.05
        for number in range(REPAIR_ROUNDS):
            if search.excess() == 0.0 or (number and self.stopped()):
                break
            some = order[: max(200, int(len(order) * min(1.0, share)))]
            tries = 0 if number < 3 else min(4 + number, 30)
            effort = Effort(penalty=penalty, only_violated=True, tries=tries, reach=7 if number < 12 else 16)
            search.until_settled(some, effort, self.seed + 7919 * number, rounds=2)
            penalty *= 1.6
            share *= 1.5
        self._keep(search)
        return search

    def rescued(self, search: Search, start: Start) -> Search:
        """The search, or where it is outside its limits and small, what an exact method finds inside them."""
        if search.excess() == 0.0 or self.problem.areas is not None or self.stopped():
            return search
        owners = exact(self.problem, self.costs, self.limits, start.centres)
        if owners is None:
            return search
        start = self._with_owners(start, owners)
        found = self._search(start, start.prices)
        self._keep(found)
        return found if found.excess() < search.excess() else search

    def improved(self, search: Search, start: Start) -> tuple[IntArray, FloatArray | None]:
        """Cheaper by every move with prices off and limits kept; free centres follow to their medians."""
        self.say("improving", 0.8)
        centres = start.centres
        search = Search(self.problem, self.limits, search.candidates, search.slots, centres=centres)
        order = self._active(replace(start, candidates=search.candidates, slots=search.slots))
        effort = Effort(penalty=self._forbidding(search), only_violated=False, tries=5)
        search.until_settled(order, effort, self.seed, rounds=IMPROVE_ROUNDS, stop=self.stopped)
        self._keep(search)
        free = self._free_seats()
        if centres is None or not len(free):
            search = self._annealed(search, order, start.prices, effort)
            self._keep(search)
            return search.owners.copy(), centres
        everyone = np.arange(self.problem.units)
        width = self.problem.seats if self.problem.areas is not None else width_for(len(everyone), self.problem.seats)
        for number in range(RECENTRE_ROUNDS):
            before = search.cost()
            centres, search = self._recentred(search, centres, free, width)
            if self.stopped():
                break
            search.until_settled(order, effort, self.seed + number, rounds=3, stop=self.stopped)
            self._keep(search)
            if search.cost() > before * (1 - 5e-4):
                break
        search = self._annealed(search, order, start.prices, effort)
        self._keep(search)
        if not self.stopped():
            centres, search = self._recentred(search, centres, free, width)
            search.until_settled(order, effort, self.seed, rounds=2, stop=self.stopped)
            self._keep(search)
        return search.owners.copy(), centres

    def _recentred(self, search: Search, centres: FloatArray, free: IntArray, width: int) -> tuple[FloatArray, Search]:
        """Free centres at the medians of what their seats hold, and the same assignment seen from there."""
        places = self.problem.places
        assert places is not None
        owners = search.owners.copy()
        centres = medians(places, owners, centres, free, rounds=10)
        candidates = self.costs.candidates(centres, width, owners, np.arange(self.problem.units))
        return centres, Search(self.problem, self.limits, candidates, slots_of(candidates, owners), centres=centres)

    def proved(self, owners: IntArray, centres: FloatArray | None, prices: FloatArray) -> Solution:
        """The bound for these centres, and everything else there is to say."""
        self.say("proving", 0.95)
        candidates = None
        if prefers_seats(self.costs):
            width = width_for(self.problem.units, self.problem.seats)
            everyone = np.arange(self.problem.units)
            candidates = self.costs.candidates(centres, width, self.limits.only, everyone)
            if not self.stopped():
                prices = self._repriced(candidates, prices)
        bound = max(
            0.0,
            *(bound(self.costs, centres, self.limits, prices, candidates=candidates) for bound in BOUNDS),
        )
        return Solution(
            problem=self.problem, owners=owners, centres=centres, limits=self.limits,
            cost=self.costs.total(owners, centres), bound=bound, prices=prices,
            excess=self.limits.excess(self.limits.loads(owners)), moved_share=moved_share(self.problem, owners),
            unassigned=np.flatnonzero(owners < 0),
        )  # fmt: skip

    def _repriced(self, candidates: Candidates, prices: FloatArray) -> FloatArray:
        """The prices that prove most for where the centres ended, of ever sharper ones."""
        dual = dual_of(candidates, self.limits, self.problem.tolerances, self.limits.weights)
        found = [(dual.value(prices, NO_HEAT), prices)]
        for heat in (0.1, 0.03, 0.01, 0.003):
            prices = dual.newton(prices, heat, rounds=10, until=0.004, stop=self.stopped)
            found.append((dual.value(prices, NO_HEAT), prices))
        return max(found, key=lambda one: one[0])[1]

    def _annealed(self, search: Search, units: IntArray, prices: FloatArray, effort: Effort) -> Search:
        """The better of the search and of what annealing makes of it; annealing may leave the limits on its way."""
        if search.excess() > 0.0 or self.stopped():
            return search
        trial = Search(self.problem, self.limits, search.candidates, search.slots.copy(), centres=search.centres)
        penalty = 3.0 * max(float(np.abs(prices).max(initial=0.0)), 1e-9)
        trial.anneal(units, min(ANNEAL_STEPS, ANNEAL_MOST // max(1, len(units))), penalty, self.seed)
        for number in range(12):
            if trial.excess() == 0.0:
                break
            repair = Effort(penalty=penalty, only_violated=True, tries=10, reach=10)
            trial.until_settled(units, repair, self.seed + number, rounds=2)
            penalty *= 2
        if trial.excess() > 0.0:
            return search
        trial.until_settled(units, effort, self.seed, rounds=3, stop=self.stopped)
        return trial if trial.cost() < search.cost() else search

    def _free_seats(self) -> IntArray:
        places = self.problem.places
        if places is None or places.homes is None:
            return np.arange(self.problem.seats)
        return np.flatnonzero(np.isnan(places.homes).any(axis=1))

    def _keep(self, search: Search) -> None:
        if search.excess() == 0.0:
            self.best_cost = min(self.best_cost, search.cost())

    def _forbidding(self, search: Search) -> float:
        """A penalty that no saving is worth."""
        return 1e3 * max(search.cost(), float(search.candidates.spread().sum()), 1e-6)


def _owners_of(start: Start) -> IntArray:
    return start.candidates.seats[np.arange(len(start.slots)), start.slots].astype(np.int64)


def _least_regret(start: Start, lim: Limits) -> IntArray:
    """Units in the order in which they mind least going elsewhere, for what they weigh; the very large last."""
    regret = np.empty(len(start.slots))

    def some(part: slice) -> None:
        regrets(
            start.candidates.cost[part], start.candidates.seats[part], lim.weights[part], start.prices,
            start.slots[part], regret[part],
        )  # fmt: skip

    each(some, blocks_of(len(regret)))
    free = np.flatnonzero((lim.only < 0) & np.isfinite(regret))
    return free[np.argsort(regret[free], kind="stable")]


def _within_cap(problem: Problem, first: Solution, *, seed: int, stop: Stop, progress: Tell) -> Solution:
    """
    The cheapest carve found in which no more moves than may, by raising the price of moving.

    The price differs a little from unit to unit, or equal units would all move at one price and none at the next.
    """
    assert problem.moved_at_most is not None
    cap = problem.moved_at_most
    value = np.ones(problem.units) if problem.value is None else problem.value
    price = max(0.3 * first.cost / max(float(value.sum()), 1e-12), 1e-9)
    jitter = 1.0 + 0.1 * np.random.default_rng(seed).uniform(-1, 1, problem.units)
    found = [first]
    low, high = 0.0, float("inf")
    for _ in range(CAP_ROUNDS):
        carved = _carve(problem, price * jitter, seed=seed, stop=stop, progress=progress)
        found.append(_at_no_price(problem, carved, price * jitter))
        kept = carved.moved_share <= cap and carved.excess == 0.0
        if stop(float("inf")) or (kept and carved.moved_share > cap - 0.02):
            break
        if carved.excess > 0.0 or kept:
            high = price
        else:
            low = price
        if high - low < 0.02 * high:
            break
        price = price * 3 if high == float("inf") else (low * high) ** 0.5 if low > 0 else price / 3
    if not any(s.excess == 0.0 and s.moved_share <= cap for s in found):
        found += _exactly_within_cap(problem, first)
    best = min(found, key=lambda s: (s.excess > 0, max(0.0, s.moved_share - cap), s.cost))
    if _has_fixed_centres(problem):
        best = replace(best, bound=min(best.cost, max(s.bound for s in found)))
    return best


def _exactly_within_cap(problem: Problem, first: Solution) -> list[Solution]:
    """What an exact method finds inside the cap, for the centres of the first carve; small problems only."""
    if problem.areas is not None:
        return []
    costs = Costs(problem)
    costs.bind(first.limits.only, ~first.limits.balanced)
    owners = exact(problem, costs, first.limits, first.centres, moved_at_most=problem.moved_at_most)
    if owners is None:
        return []
    return [
        replace(
            first, owners=owners, cost=costs.total(owners, first.centres),
            excess=first.limits.excess(first.limits.loads(owners)), moved_share=moved_share(problem, owners),
        )
    ]  # fmt: skip


def _at_no_price(problem: Problem, carved: Solution, price: FloatArray) -> Solution:
    """
    The same assignment with its cost without the price of moving, and a bound without it.

    Moving a value v costs at most max(price) · v, so an assignment inside the cap pays at most max(price) · cap · value
    for its moves; what it costs without is at least the priced bound less that.
    """
    costs = Costs(problem)
    costs.bind(carved.limits.only, ~carved.limits.balanced)
    value = np.ones(problem.units) if problem.value is None else problem.value
    held = float(value[problem.incumbent >= 0].sum()) if problem.incumbent is not None else 0.0
    allowance = float(price.max()) * (problem.moved_at_most or 0.0) * held
    return replace(carved, cost=costs.total(carved.owners, carved.centres), bound=max(0.0, carved.bound - allowance))


def _has_fixed_centres(problem: Problem) -> bool:
    """Whether every carve of the problem has the same centres, so that a bound of one holds for all."""
    places = problem.places
    return places is None or (places.homes is not None and not np.isnan(places.homes).any())


def _judged(solution: Solution) -> Solution:
    """The solution with the names of what it breaks."""
    broken = tuple(
        breach.message
        for constraint in CONSTRAINTS
        if constraint.supports(solution.problem)
        for breach in constraint.breaches(solution.problem, solution.limits, solution.owners)
    )
    return replace(solution, broken=broken)


def _assignable(problem: Problem) -> np.typing.NDArray[np.bool_]:
    """(units,) whether some seat may take the unit."""
    if problem.kind is None or problem.kind_cost is None:
        return np.ones(problem.units, bool)
    able = np.asarray(np.isfinite(problem.kind_cost).any(axis=1))[problem.kind]
    return able if problem.fixed is None else able | (problem.fixed >= 0)


def _as_given(problem: Problem, part: Solution, units: IntArray) -> Solution:
    """The solution of these units as one of the whole problem; the others, which nobody may take, have no seat."""
    owners = np.full(problem.units, -1)
    owners[units] = part.owners
    weights = np.zeros_like(problem.weights)
    weights[units] = part.limits.weights
    only = np.full(problem.units, -1)
    only[units] = part.limits.only
    lim = replace(part.limits, weights=weights, only=only, oversized=np.sort(units[part.limits.oversized]))
    return replace(part, problem=problem, owners=owners, limits=lim, unassigned=np.flatnonzero(owners < 0))
