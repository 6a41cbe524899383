"""Carves of which none is better in everything: balance, disruption and travel, each bought with the others.

Within one tolerance, what is minimised weighs travel against leaving incumbents, and no carve within it is better in
both than the one at the least of such a sum (Geoffrion 1968, doi:10.1016/0022-247X(68)90201-1). So tolerances and
weights are walked over a grid, each carve begun from the carve beside it; then the widest gaps between neighbours are
halved, until there are enough carves that nothing beats. Search does not always find the least, so what is beaten after
all is set aside and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from patchbook.carving.construct import Incumbents
from patchbook.carving.costs import within_limits
from patchbook.carving.nearby import RECENTRE_ROUNDS, solve_nearby
from patchbook.carving.parallel import cores
from patchbook.carving.problem import EARTH_RADIUS_KM, BoolArray, FloatArray, IntArray, Places, Problem
from patchbook.carving.solution import Progress, Solution
from patchbook.carving.solve import solve
from patchbook.carving.unbeaten import best

WIDEST = 0.9
"""A tolerance is not widened beyond this: a territory with nothing is no territory."""
TOLERANCES = (1.0, 0.5, 2.0)
TRAVELS = (1.0, 0.25, 4.0)
BASE_ROUNDS = 12
"""Times the free centres of the first carve follow its owners at most."""
AT_LEISURE = 1_000_000
"""Units × seats up to which the first carve is made from nothing as well as from today's owners."""
SMALL = 60_000
"""Units × seats up to which a carve that stays outside its limits is tried again from nothing."""
NARROWEST = 1.1
"""Settings closer than this, as a ratio, have nothing between them: the carve jumps there."""
ALIKE = 1e-4
"""Figures closer than this, relative to their range, are one."""


@dataclass(frozen=True, kw_only=True, order=True)
class Emphasis:
    """How much tolerances and travel count, against the problem as it is given."""

    tolerance_times: float = 1.0
    travel_times: float = 1.0
    """Against the price of moving a unit away from its incumbent."""

    def of(self, problem: Problem, widens: BoolArray | None = None) -> Problem:
        """
        The problem so emphasised; a cap on what may move is lifted, because moves are what is traded.

        Parameters
        ----------
        widens
            (measures,) whose tolerances follow; all without it.
        """
        given = problem.tolerances
        wider = np.minimum(given * self.tolerance_times, np.maximum(WIDEST, given))
        if widens is not None:
            wider = np.where(widens, wider, given)
        return replace(problem, tolerances=wider, travel=problem.travel * self.travel_times, moved_at_most=None)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a carve is judged by; of each less is better."""

    deviation: float
    """The furthest any seat is from its share of any measure, as a fraction of it."""
    moved_share: float
    """Share of the value of units with an incumbent that leave it."""
    travel_km: float
    """Weighted mean from a site to the centre of its seat."""

    @property
    def all(self) -> tuple[float, float, float]:
        """The three of them."""
        return self.deviation, self.moved_share, self.travel_km


@dataclass(frozen=True, kw_only=True)
class FrontierPoint:
    """A carve of every problem with one emphasis."""

    emphasis: Emphasis | None
    """None for the carves that were given to begin from."""
    solutions: tuple[Solution, ...]
    figures: Figures

    @property
    def is_feasible(self) -> bool:
        """Whether every constraint of every problem is met."""
        return all(solution.feasible for solution in self.solutions)


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """Carves that nothing beats, and the others that were tried."""

    points: tuple[FrontierPoint, ...]
    """Least disruption first."""
    beaten: tuple[FrontierPoint, ...]
    """Within their limits, but another is at least as good in everything and better in something."""
    unmet: tuple[FrontierPoint, ...]
    """Outside some limit."""
    was_stopped: bool


def frontier(
    problems: Sequence[Problem], *, seed: int = 1, points: int = 9, first: Sequence[Solution] | None = None,
    widens: Sequence[BoolArray | None] | None = None, threads: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
    found: Callable[[FrontierPoint], None] = lambda _: None,
) -> Frontier:  # fmt: skip
    """
    Carves of balance, disruption and travel, none of them beaten by another.

    Parameters
    ----------
    problems
        Carved together with one emphasis: the layers of a plan; often one. What it costs to leave an incumbent
        (`stay`) should be set where there are incumbents, or nothing is paid for keeping them.
    points
        So many that nothing beats are looked for; three times as many are tried at most.
    first
        A carve of each problem to begin from, within their own limits; it takes part as a point of its own.
        Without it each problem is carved from nothing once.
    widens
        For each problem which of its measures' tolerances are traded; all without it.
    threads
        Carves worked on at a time, as many as there are cores without it. The answer is the same for any number.
    stop
        Asked now and then; true ends it, and what was found till then is told.
    found
        Told each carve once it is there.
    """
    walk = _Walk(
        problems=tuple(problems), widens=tuple(widens or [None] * len(problems)), seed=seed, wanted=points,
        most=3 * points, threads=threads or cores(), stop=stop, progress=progress, found=found,
    )  # fmt: skip
    with threadpool_limits(limits=1, user_api="blas"):
        return walk.run(first)


def figures_of(solutions: Sequence[Solution]) -> Figures:
    """What carves come to together: the worst deviation, and the shares and the mean over all."""
    moved = held = distance = weight = 0.0
    for solution in solutions:
        problem = solution.problem
        if problem.incumbent is not None:
            value = np.ones(problem.units) if problem.value is None else problem.value
            mine = float(value[problem.incumbent >= 0].sum())
            held, moved = held + mine, moved + mine * solution.moved_share
        if problem.places is not None and solution.centres is not None:
            mean, pull = mean_km(problem.places, solution.owners, solution.centres)
            distance, weight = distance + mean * pull, weight + pull
    return Figures(
        deviation=max((deviation_of(solution) for solution in solutions), default=0.0),
        moved_share=moved / held if held > 0 else 0.0,
        travel_km=distance / weight if weight > 0 else 0.0,
    )


def deviation_of(solution: Solution) -> float:
    """The furthest any balanced seat is from its share of any measure, as a fraction of it."""
    lim = solution.limits
    target = np.where(lim.targets > 0, lim.targets, np.inf)
    off = np.abs(lim.loads(solution.owners) - lim.targets) / target
    return float(off[lim.balanced].max(initial=0.0))


def mean_km(places: Places, owners: IntArray, centres: FloatArray) -> tuple[float, float]:
    """The weighted mean from a site to the centre of its seat along the ground, and the weight of all sites."""
    seat = owners[places.unit_of_site]
    placed = seat >= 0
    pull = places.weight[placed]
    chord = np.sqrt(((places.sites[placed] - centres[seat[placed]]) ** 2).sum(axis=1))
    if places.on_globe:
        chord = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / (2 * EARTH_RADIUS_KM), 1.0))
    weight = float(pull.sum())
    return (float((pull * chord).sum()) / weight if weight > 0 else 0.0), weight


@dataclass(kw_only=True)
class _Walk:
    """One walk over the emphases."""

    problems: tuple[Problem, ...]
    widens: tuple[BoolArray | None, ...]
    seed: int
    wanted: int
    most: int
    threads: int
    stop: Callable[[], bool]
    progress: Callable[[Progress], None]
    found: Callable[[FrontierPoint], None]

    def __post_init__(self) -> None:
        """Nothing is tried yet."""
        self.tried: dict[Emphasis, FrontierPoint] = {}
        self.given: FrontierPoint | None = None

    def run(self, first: Sequence[Solution] | None) -> Frontier:
        """The base, the grid, the gaps."""
        self._say("starting")
        if first is not None:
            self.given = FrontierPoint(emphasis=None, solutions=tuple(first), figures=figures_of(first))
            self.found(self.given)
        base = Emphasis()
        begun = self._base(first)
        if not self.stop():
            self._keep(base, begun)
        for batch in self._grid():
            self._try(batch)
        while len(self._front()) < self.wanted and len(self.tried) < self.most and not self.stop():
            batch = self._gaps()
            if not batch:
                break
            self._try(batch)
        return self._told()

    def _base(self, first: Sequence[Solution] | None) -> tuple[Solution, ...]:
        """The carve that all others are begun from, directly or not."""
        if first is not None:
            return tuple(self._carved(Emphasis(), number, solution) for number, solution in enumerate(first))
        return tuple(self._from_nothing(number) for number in range(len(self.problems)))

    def _from_nothing(self, number: int) -> Solution:
        """The cheapest of what begins from today's owners and, unless that would take long, of a carve from nothing."""
        problem = Emphasis().of(self.problems[number])
        begun = _as_today(problem)
        found = []
        if begun is not None:
            for _ in range(2):  # the prices of a beginning are as rough as its centres
                begun = self._carved(Emphasis(), number, begun, BASE_ROUNDS)
            found.append(begun)
        if not found or problem.units * problem.seats <= AT_LEISURE or not found[0].feasible:
            found.append(solve(problem, seed=self.seed, stop=lambda _: self.stop()))
        return min(found, key=lambda solution: (not solution.feasible, solution.cost))

    def _carved(self, emphasis: Emphasis, number: int, near: Solution, rounds: int = RECENTRE_ROUNDS) -> Solution:
        problem = emphasis.of(self.problems[number], self.widens[number])
        solution = solve_nearby(problem, near, seed=self.seed, rounds=rounds, stop=self.stop)
        if emphasis.travel_times < 1.0 and (today := _as_today(problem)) is not None and not self.stop():
            # Where travel counts little, few move from today, and centres are better where today's owners have them.
            other = solve_nearby(problem, today, seed=self.seed, rounds=rounds, stop=self.stop)
            solution = min(solution, other, key=lambda one: (not one.feasible, one.cost))
        if not solution.feasible and problem.units * problem.seats <= SMALL and not self.stop():
            again = solve(problem, seed=self.seed, stop=lambda _: self.stop())
            return again if again.feasible else solution
        return solution

    def _grid(self) -> Iterator[list[tuple[Emphasis, Emphasis]]]:
        """Emphases and the neighbour each begins from, a batch at a time: whose neighbours are all there."""
        tolerances = TOLERANCES if self._trades_balance() else (1.0,)
        travels = TRAVELS if self._trades_travel() else (1.0,)
        yield [(Emphasis(tolerance_times=times), Emphasis()) for times in tolerances[1:]]
        yield [
            (Emphasis(tolerance_times=times, travel_times=travel), Emphasis(tolerance_times=times))
            for times in tolerances
            for travel in travels[1:]
        ]

    def _gaps(self) -> list[tuple[Emphasis, Emphasis]]:
        """The two widest gaps between neighbours halved, or a tolerance beyond those tried where nothing is wide."""
        pairs = sorted(self._neighbours(), key=lambda pair: (-pair[0], pair[1], pair[2]))
        batch: list[tuple[Emphasis, Emphasis]] = []
        for width, one, other in pairs:
            middle = Emphasis(
                tolerance_times=_between(one.tolerance_times, other.tolerance_times),
                travel_times=_between(one.travel_times, other.travel_times),
            )
            is_new = middle not in self.tried and middle not in {new for new, _ in batch}
            if width > ALIKE and is_new and _ratio(one, other) > NARROWEST:
                batch.append((middle, one))
            if len(batch) == 2:
                break
        return batch or self._beyond()

    def _beyond(self) -> list[tuple[Emphasis, Emphasis]]:
        """A tighter and a looser tolerance than any tried, where balance is traded."""
        if not self._trades_balance():
            return []
        row = sorted(emphasis for emphasis in self.tried if emphasis.travel_times == 1.0)
        tight, loose = row[0], row[-1]
        return [
            (replace(tight, tolerance_times=_rounded(tight.tolerance_times / 2)), tight),
            (replace(loose, tolerance_times=_rounded(loose.tolerance_times * 1.5)), loose),
        ]

    def _neighbours(self) -> Iterator[tuple[float, Emphasis, Emphasis]]:
        """Pairs beside each other in tolerance or in travel, looser first, with how far apart their figures are."""
        met = {emphasis: point for emphasis, point in self.tried.items() if point.is_feasible}
        figures = np.array([point.figures.all for point in met.values()]).reshape(len(met), 3)
        reach = np.maximum(np.ptp(figures, axis=0), 1e-12) if len(met) else np.ones(3)
        for same, along in (("travel_times", "tolerance_times"), ("tolerance_times", "travel_times")):
            for value in sorted({getattr(emphasis, same) for emphasis in met}):
                row = sorted((e for e in met if getattr(e, same) == value), key=lambda e: float(getattr(e, along)))
                for one, other in pairwise(row):
                    step = (np.array(met[one].figures.all) - met[other].figures.all) / reach
                    yield float(np.sqrt((step**2).sum())), one, other

    def _try(self, batch: list[tuple[Emphasis, Emphasis]]) -> None:
        """Carve a batch, several at a time; each depends on what was there before the batch alone."""
        batch = [(new, near) for new, near in batch if new not in self.tried and near in self.tried]
        if not batch or self.stop():
            return
        jobs = [(new, self.tried[self._nearest_met(near)]) for new, near in batch]

        def work(job: tuple[Emphasis, FrontierPoint]) -> tuple[Solution, ...]:
            new, near = job
            if self.stop():
                return ()
            return tuple(self._carved(new, number, solution) for number, solution in enumerate(near.solutions))

        with ThreadPoolExecutor(self.threads) as pool:
            for (new, _), solutions in zip(jobs, pool.map(work, jobs), strict=True):
                if solutions and not self.stop():
                    self._keep(new, solutions)

    def _nearest_met(self, near: Emphasis) -> Emphasis:
        """The emphasis itself, or the base where its carve is outside its limits."""
        return near if self.tried[near].is_feasible else Emphasis()

    def _keep(self, emphasis: Emphasis, solutions: tuple[Solution, ...]) -> None:
        point = FrontierPoint(emphasis=emphasis, solutions=solutions, figures=figures_of(solutions))
        self.tried[emphasis] = point
        self.found(point)
        self._say("trying")

    def _all(self) -> list[FrontierPoint]:
        given = [] if self.given is None else [self.given]
        return [*given, *self.tried.values()]

    def _front(self) -> list[FrontierPoint]:
        met = [point for point in self._all() if point.is_feasible]
        wins = best([point.figures.all for point in met])
        return [point for point, is_best in zip(met, wins, strict=True) if is_best]

    def _told(self) -> Frontier:
        front = sorted(self._front(), key=lambda point: (point.figures.moved_share, *point.figures.all))
        kept = {id(point) for point in front}
        rest = [point for point in self._all() if id(point) not in kept]
        return Frontier(
            points=tuple(front),
            beaten=tuple(point for point in rest if point.is_feasible),
            unmet=tuple(point for point in rest if not point.is_feasible),
            was_stopped=self.stop(),
        )

    def _trades_balance(self) -> bool:
        """Whether any tolerance may differ, and there is something to buy balance with."""
        return any(
            bool((problem.tolerances[slice(None) if widens is None else widens] > 0).any())
            and (_has_places(problem) or _has_stayers(problem) or _has_preferences(problem))
            for problem, widens in zip(self.problems, self.widens, strict=True)
        )

    def _trades_travel(self) -> bool:
        """Whether some problem has both places and something to set against them."""
        return any(
            _has_places(problem) and (_has_stayers(problem) or _has_preferences(problem)) for problem in self.problems
        )

    def _say(self, phase: str) -> None:
        done = min(1.0, len(self._front()) / max(1, self.wanted)) if self.tried else 0.0
        self.progress(Progress(phase=phase, done=0.98 * done, best_cost=float("inf")))


def _has_places(problem: Problem) -> bool:
    return problem.places is not None and problem.travel > 0


def _has_stayers(problem: Problem) -> bool:
    """Whether somebody has a unit today that it costs something to leave."""
    return (
        problem.incumbent is not None
        and problem.stay is not None
        and bool(((problem.incumbent >= 0) & (problem.stay > 0)).any())
    )


def _has_preferences(problem: Problem) -> bool:
    """Whether seats differ by more than place in what they cost."""
    return problem.kind_cost is not None and bool(
        np.ptp(np.where(np.isfinite(problem.kind_cost), problem.kind_cost, 0.0)) > 0
    )


def _ratio(one: Emphasis, other: Emphasis) -> float:
    """How far apart two emphases are in what they differ in most."""
    pairs = ((one.tolerance_times, other.tolerance_times), (one.travel_times, other.travel_times))
    return max(max(a / b, b / a) for a, b in pairs)


def _between(one: float, other: float) -> float:
    return one if one == other else _rounded((one * other) ** 0.5)


def _rounded(value: float) -> float:
    """To three figures: settings are read by people."""
    return float(f"{value:.3g}")


def _as_today(problem: Problem) -> Solution | None:
    """Today's owners as something to begin from, limits or no limits; nothing where most units have none."""
    costs, lim = within_limits(problem)
    if not Incumbents().supports(costs):
        return None
    start = Incumbents().start(costs, lim, seed=0, stop=lambda: False, say=lambda phase, done: None)
    owners = start.candidates.seats[np.arange(problem.units), start.slots].astype(np.int64)
    return Solution(
        problem=problem, owners=owners, centres=start.centres, limits=lim, cost=costs.total(owners, start.centres),
        bound=0.0, prices=start.prices, excess=lim.excess(lim.loads(owners)), moved_share=0.0,
        unassigned=np.flatnonzero(owners < 0),
    )  # fmt: skip
