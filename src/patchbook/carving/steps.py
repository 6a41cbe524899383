"""The steps of one carve, in the order `solve` takes them: connect, part, repair, improve, prove, branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving._kernels.prices import regrets
from patchbook.carving.bounds import BOUNDS
from patchbook.carving.bounds.dual import widened
from patchbook.carving.branching import Branch, Branching, nodes_for
from patchbook.carving.connect import connect
from patchbook.carving.constraints import Apart, Contiguous
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.construct.construction import Start, slots_of, width_for
from patchbook.carving.construct.dive import dive
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import Candidates, Costs, medians
from patchbook.carving.exact import exact
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.prices import NO_HEAT, dual_of
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.search import Effort, Search, annealed, repairs
from patchbook.carving.separate import separate
from patchbook.carving.settle import settle
from patchbook.carving.solution import Progress, Solution

Stop = Callable[[float], bool]
Tell = Callable[[Progress], None]

IMPROVE_ROUNDS = 8
RECENTRE_ROUNDS = 4
PROOF_ENOUGH = 0.0025
"""A gap that nobody would wait to see smaller."""
PROOF_HEATS = (0.1, 0.03, 0.01, 0.003)
PROOF_ROUNDS, PROOF_GAIN = 4, 5e-4
"""Times prices are made sharper for the bound alone, while each adds so much of the cost."""
ANNEAL_STEPS, ANNEAL_MOST = 300, 3_000_000
"""Random changes tried for each unit, and altogether: of very many units each matters little."""
ACTIVE = 200
"""Units for each seat that are looked at again and again, those that mind least going elsewhere."""


@dataclass
class Steps:
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
        return self._with_owners(start, connect(self.problem, self.costs, start.centres, _owners_of(start)))

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

    def _search(self, start: Start) -> Search:
        return Search(self.problem, self.limits, start.candidates, start.slots, start.prices, start.centres)

    def _active(self, start: Start) -> IntArray:
        """Units in the order in which they mind least going elsewhere, for what they weigh; the firmest left out."""
        return _least_regret(start, self.limits)[: ACTIVE * self.problem.seats]

    def repaired(self, start: Start) -> Search:
        """Shift, swap and chain under a growing penalty until every seat is inside its limits."""
        self.say("repairing", 0.65)
        search = self._search(start)
        order = _least_regret(start, self.limits)
        seats = max(1, self.problem.seats)
        spread = float(start.candidates.spread().sum())
        penalty = 3.0 * max(search.cost(), spread, 1e-6 * seats) / seats
        share = 0.05
        for number, effort in enumerate(repairs(penalty)):
            if search.excess() == 0.0 or (number and self.stopped()):
                break
            some = order[: max(200, int(len(order) * min(1.0, share)))]
            search.until_settled(some, effort, self.seed + 7919 * number, rounds=2)
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
        found = self._search(start)
        self._keep(found)
        return found if found.excess() < search.excess() else search

    def improved(self, search: Search, start: Start) -> tuple[IntArray, FloatArray | None]:
        """Cheaper by every move with prices off and limits kept; free centres follow to their medians."""
        self.say("improving", 0.8)
        centres = start.centres
        search = Search(self.problem, self.limits, search.candidates, search.slots, centres=centres)
        order = self._active(replace(start, candidates=search.candidates, slots=search.slots))
        effort = search.forbidding()
        search.until_settled(order, effort, self.seed, rounds=IMPROVE_ROUNDS, stop=self.stopped)
        self._keep(search)
        if centres is None or not len(self.problem.free_seats):
            search = self._annealed(search, order, start.prices, effort)
            self._keep(search)
            return search.owners.copy(), centres
        for number in range(RECENTRE_ROUNDS):
            before = search.cost()
            centres, search = self._recentred(search, centres)
            if self.stopped():
                break
            search.until_settled(order, effort, self.seed + number, rounds=3, stop=self.stopped)
            self._keep(search)
            if search.cost() > before * (1 - 5e-4):
                break
        search = self._annealed(search, order, start.prices, effort)
        self._keep(search)
        if not self.stopped():
            centres, search = self._recentred(search, centres)
            search.until_settled(order, effort, self.seed, rounds=2, stop=self.stopped)
            self._keep(search)
        return search.owners.copy(), centres

    def _recentred(self, search: Search, centres: FloatArray) -> tuple[FloatArray, Search]:
        """Free centres at the medians of what their seats hold, and the same assignment seen from there."""
        places = self.problem.places
        assert places is not None
        owners = search.owners.copy()
        centres = medians(places, owners, centres, self.problem.free_seats, rounds=10)
        candidates = self.costs.candidates(centres, self._width(), owners, np.arange(self.problem.units))
        return centres, Search(self.problem, self.limits, candidates, slots_of(candidates, owners), centres=centres)

    def proved(self, owners: IntArray, centres: FloatArray | None, prices: FloatArray) -> Solution:
        """The bound for these centres, and everything else there is to say."""
        self.say("proving", 0.95)
        cost = self.costs.total(owners, centres)
        bound, prices = self._bounded(centres, prices, enough=cost / (1 + PROOF_ENOUGH))
        return Solution(
            problem=self.problem, owners=owners, centres=centres, limits=self.limits,
            cost=cost, bound=bound, prices=prices,
            excess=self.limits.excess(self.limits.loads(owners)), moved_share=moved_share(self.problem, owners),
            unassigned=np.flatnonzero(owners < 0),
        )  # fmt: skip

    def _bounded(self, centres: FloatArray | None, prices: FloatArray, *, enough: float) -> tuple[float, FloatArray]:
        """The best bound found and its prices: sharper ones, and for more seats, until it is enough."""
        candidates = None
        if prefers_seats(self.costs):
            width, everyone = width_for(self.problem.units, self.problem.seats), np.arange(self.problem.units)
            candidates = listed = self.costs.candidates(centres, width, self.limits.only, everyone)
            if not self.stopped():
                prices = self._repriced(candidates, prices, PROOF_HEATS[:3], rounds=10)
        found = [(self._proof(centres, prices, candidates), prices)]
        for _ in range(PROOF_ROUNDS):
            if candidates is None or found[-1][0] >= enough or self.stopped():
                break
            listed = widened(self.costs, centres, self.limits, prices, candidates=candidates, listed=listed)
            prices = self._repriced(listed, prices, PROOF_HEATS[1:], rounds=40)
            found.append((self._proof(centres, prices, candidates), prices))
            if found[-1][0] < found[-2][0] + PROOF_GAIN * enough:
                break
        return max(found, key=lambda one: one[0])

    def _proof(self, centres: FloatArray | None, prices: FloatArray, candidates: Candidates | None) -> float:
        """The largest of the bounds at these prices."""
        return max(0.0, *(bound(self.costs, centres, self.limits, prices, candidates=candidates) for bound in BOUNDS))

    def branched(self, solution: Solution) -> Solution:
        """A better solution where the largest units go elsewhere, and a sharper bound; small problems only."""
        nodes = nodes_for(self.problem.units, self.problem.seats)
        if not nodes or self.problem.areas is not None or not prefers_seats(self.costs):
            return solution  # in one piece, what a placing costs is decided by the borders and not by the prices
        rounds = 2 if solution.centres is not None and len(self.problem.free_seats) else 1
        for number in range(rounds):
            if self.stopped() or (solution.excess == 0.0 and solution.gap <= PROOF_ENOUGH):
                break
            tree = Branching(self.costs, self.limits, solution.centres)
            if not len(tree.placed):
                break
            around = Around(self, solution)
            branches = tree.run(
                solution.prices, beat=around.cost, nodes=nodes // rounds, complete=around.complete, stop=self.stopped
            )
            better = around.best
            bound = max(solution.bound, min([better.cost, *(branch.bound for branch in branches)]))
            is_last = number == rounds - 1 or better is solution
            solution = replace(better, bound=bound, branches=branches)
            if is_last:
                break
            solution = self._with_medians(solution)
        return solution

    def _with_medians(self, solution: Solution) -> Solution:
        """The solution with free centres at their medians, a few moves on, and a bound for these centres."""
        assert solution.centres is not None
        owners, everyone = solution.owners, np.arange(self.problem.units)
        candidates = self.costs.candidates(solution.centres, self._width(), owners, everyone)
        search = Search(self.problem, self.limits, candidates, slots_of(candidates, owners), centres=solution.centres)
        effort = search.forbidding()
        order = np.flatnonzero(self.limits.only < 0)
        centres, search = self._recentred(search, solution.centres)
        search.until_settled(order, effort, self.seed, rounds=3, stop=self.stopped)
        centres, search = self._recentred(search, centres)
        return self.proved(search.owners.copy(), centres, solution.prices)

    def _width(self) -> int:
        if self.problem.areas is not None:
            return self.problem.seats
        return width_for(self.problem.units, self.problem.seats)

    def _repriced(
        self, candidates: Candidates, prices: FloatArray, heats: tuple[float, ...], *, rounds: int
    ) -> FloatArray:
        """The prices that prove most for these seats, of ever sharper ones."""
        dual = dual_of(candidates, self.limits, self.problem.tolerances, self.limits.weights)
        found = [(dual.value(prices, NO_HEAT), prices)]
        for heat in heats:
            prices = dual.newton(prices, heat, rounds=rounds, until=0.002, stop=self.stopped)
            found.append((dual.value(prices, NO_HEAT), prices))
        return max(found, key=lambda one: one[0])[1]

    def _annealed(self, search: Search, units: IntArray, prices: FloatArray, effort: Effort) -> Search:
        """The better of the search and of what annealing makes of it; annealing may leave the limits on its way."""
        if search.excess() > 0.0 or self.stopped():
            return search
        steps = min(ANNEAL_STEPS, ANNEAL_MOST // max(1, len(units)))
        return annealed(
            search, prices, units, steps=steps, order=lambda number: units, seed=self.seed,
            settle=lambda trial: trial.until_settled(units, effort, self.seed, rounds=3, stop=self.stopped),
        )  # fmt: skip

    def _keep(self, search: Search) -> None:
        if search.excess() == 0.0:
            self.best_cost = min(self.best_cost, search.cost())


@dataclass
class Around:
    """Carves the rest around placings of the largest units, and keeps the best."""

    run: Steps
    best: Solution

    def __post_init__(self) -> None:
        """Look at every seat of every unit once: the centres are the same for every placing."""
        problem, lim = self.run.problem, self.run.limits
        everyone = np.arange(problem.units)
        self.candidates = self.run.costs.candidates(self.best.centres, problem.seats, lim.only, everyone)
        self.dual = dual_of(self.candidates, lim, problem.tolerances, lim.weights)

    @property
    def cost(self) -> float:
        """What the best costs; infinite while none is within its limits."""
        return self.best.cost if self.best.excess == 0.0 else float("inf")

    def complete(self, branch: Branch) -> float:
        """Carve the rest around one placing; what the best costs then."""
        run, solution = self.run, self.best
        problem, lim = run.problem, run.limits
        placed = np.full(problem.units, -1)
        placed[branch.units] = branch.seats
        candidates, dual = self.candidates, self.dual
        slots = np.where(placed >= 0, slots_of(candidates, placed), dual.choose(branch.prices))
        slots = dive(dual, lim, problem.tolerances, branch.prices, slots=slots, waiting=placed < 0, stop=run.stopped)
        start = Start(candidates=candidates, slots=slots, prices=branch.prices, centres=solution.centres)
        start = run.parted(start)
        search = run.repaired(start)
        order = _least_regret(start, lim)
        if search.excess() == 0.0:
            search = Search(problem, lim, search.candidates, search.slots, centres=solution.centres)
            search.until_settled(order, search.forbidding(), run.seed, rounds=IMPROVE_ROUNDS, stop=run.stopped)
            owners = search.owners.copy()
            cost = run.costs.total(owners, solution.centres)
            found = replace(solution, owners=owners, cost=cost, excess=0.0, moved_share=moved_share(problem, owners))
            if torn(found) == 0 and found.cost < self.cost:
                self.best = found
        return self.cost


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


def torn(solution: Solution) -> int:
    """How many territories are in pieces, and pairs together that must be apart: moves keep these but mend none."""
    problem, owners = solution.problem, solution.owners
    return sum(
        len(c.breaches(problem, solution.limits, owners)) for c in (Contiguous(), Apart()) if c.supports(problem)
    )
