"""Where a carve stands among others that keep the same constraints.

Carves are drawn by Markov chains, with weights exp(-cost / heat): at an infinite heat every carve that keeps the
constraints is as likely as every other, and nearly all of them are absurd; the lower the heat, the nearer to the least
cost. So the heat is set to where the carves drawn cost a stated share more than the chosen one. Centres stay where the
chosen carve has them, and each unit goes only to seats of its list, the cheapest at these centres.

Chains begin from the chosen carve, each shaken at a heat of its own until little of it is left. Whether that was enough
is told by R-hat and by the effective sample size, beside every percentile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from patchbook.carving._kernels.sample import Chances, walk
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.construct.construction import slots_of, width_for
from patchbook.carving.costs import Candidates, Costs, medians
from patchbook.carving.frontier import mean_km
from patchbook.carving.mixing import effective_size, split_r_hat
from patchbook.carving.parallel import cores
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.search import Search
from patchbook.carving.solution import Progress, Solution
from patchbook.carving.subset import take
from patchbook.measures.gini import gini
from patchbook.measures.variation import variation

Kind = Literal["deviation", "variation", "gini", "travel", "moved", "cost"]

DEARER = 0.1
"""How much more than the chosen carve those drawn cost on the mean."""
CHAINS = 4
STEPS = 40e6
"""Steps in all, where `sweeps` is left open."""
FEWEST_SWEEPS, MOST_SWEEPS = 2, 40
WARM_UP = 0.5
"""Carves thrown away before the first is kept, as a share of those that are."""
TUNINGS = 6
"""Times the heat is corrected while the chains warm up."""
TUNING = 0.8
"""How much of the way each correction goes."""
SHAKES = (1.0, 2.0, 3.0, 4.0)
"""Times the heat at which the chains are shaken to begin with, in turn."""
SHAKE_SWEEPS = 40
COOLINGS = 8
"""Steps in which a chain that was shaken cools again: at once, it would be stuck far from where it should be."""
LEAST_OPEN = 1e-3
"""How often, against one that is wholly open, a unit is drawn that has all but one seat to go to."""
FIRST_HEAT, LAST_HEAT = 1e-3, 100.0
"""Where the heat is looked for, relative to how much dearer a unit's fourth seat is than its first."""
HEATING = 1.5
PILOT_SWEEPS = 20
BATCH = 20
"""Carves drawn by each chain between two looks at the clock."""
MIXED = 1.05
"""An R-hat above this is told as not mixed; Vehtari et al. advise 1.01 where much hangs on it."""
ENOUGH = 100.0
"""Fewer independent draws than this are told as few."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the carves, and where the chosen one stands in it. Of every figure less is better."""

    kind: Kind
    measure: str | None
    """The measure it is of, for deviation, variation and Gini."""
    chosen: float
    drawn: FloatArray
    """(chains, carves of each)"""
    r_hat: float
    effective: float
    """Independent draws that would tell as much."""

    @property
    def percentile(self) -> float:
        """Share of the carves drawn that are better in this, those that are alike counted half; 0 is the best."""
        close = np.abs(self.drawn - self.chosen) <= 1e-9 * max(1.0, abs(self.chosen))
        return float(((self.drawn < self.chosen) & ~close).mean() + 0.5 * close.mean())

    @property
    def error(self) -> float:
        """Standard error of the percentile, from the effective number of draws; at least what one draw is worth."""
        share = self.percentile
        return float(np.sqrt(max(share * (1 - share), 1 / (self.effective + 2)) / max(self.effective, 1.0)))

    @property
    def has_mixed(self) -> bool:
        """Whether the chains agree, and tell enough, for the percentile to be read."""
        return self.r_hat <= MIXED and self.effective >= ENOUGH


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Carves of the same problem, and the chosen one among them."""

    figures: tuple[Figure, ...]
    owners: IntArray
    """(chains, units) the last carve of each chain."""
    carves: int
    heat: float
    """In cost; infinite where cost did not count."""
    dearer: float
    """How much more than the chosen carve those drawn cost on the mean, as a fraction; 0 where nothing costs."""
    changed: float
    """Share of the units that are at another seat than in the chosen carve, on the mean over the last carves."""
    accepted: float
    """Share of the steps that changed something."""
    steps: int
    was_stopped: bool

    @property
    def has_mixed(self) -> bool:
        """Whether every figure has."""
        return all(figure.has_mixed for figure in self.figures)


def ensemble(
    chosen: Solution, *, carves: int = 1000, dearer: float | None = DEARER, chains: int = CHAINS,
    sweeps: int | None = None, seed: int = 1, threads: int | None = None, stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Ensemble:  # fmt: skip
    """
    Carves drawn from all that keep the constraints of a carve, and where it stands among them.

    Parameters
    ----------
    carves
        So many in all, at least four a chain; rounded up to the same number for every chain.
    dearer
        How much more than the chosen carve they cost on the mean, as a fraction; None where cost is not to count.
    sweeps
        Steps between two carves, for each unit; by the size of the problem without it.
    threads
        Chains worked on at a time, as many as there are cores without it. The answer is the same for any number.
    stop
        Asked now and then; true ends it, and what was drawn till then is told.

    Raises
    ------
    ValueError
        The chosen carve breaks a constraint, so that there is nowhere to begin; or nothing may move.
    """
    if not chosen.feasible:
        raise ValueError(f"A carve that breaks a constraint is no beginning: {chosen.broken[0]}.")
    able = np.flatnonzero(chosen.owners >= 0)
    board = Board.of(chosen)
    if not len(board.free):
        raise ValueError("Every unit is bound to its seat, so there is one carve only.")
    each = max(4, -(-carves // chains))
    progress(Progress(phase="finding the heat", done=0.0, best_cost=float("inf")))
    heat = board.heat(dearer, seed, stop)
    walkers = [Walker(board=board, seed=seed, number=number) for number in range(chains)]
    sweeps = sweeps or board.sweeps(each * chains)
    warm_up = max(1, round(WARM_UP * each / (TUNINGS + 2))) * sweeps
    drawn: list[list[FloatArray]] = [[] for _ in walkers]

    def shaken(walker: Walker) -> None:
        shake = SHAKES[walker.number % len(SHAKES)] if np.isfinite(heat) else 1.0
        for step in range(COOLINGS if shake > 1 else 0):
            walker.go(SHAKE_SWEEPS, board.chances(heat * shake ** (1 - step / COOLINGS)))

    def batch(walker: Walker) -> list[FloatArray]:
        found = []
        for _ in range(min(BATCH, each - len(drawn[walker.number]))):
            walker.go(sweeps, chances)
            found.append(walker.figures())
        return found

    with ThreadPoolExecutor(threads or cores()) as pool:
        progress(Progress(phase="shaking", done=0.05, best_cost=float("inf")))
        list(pool.map(shaken, walkers))
        for turn in range(TUNINGS + 2):  # the last two are at the heat that is kept
            chances = board.chances(heat)
            costs = list(pool.map(lambda walker, chances=chances: walker.costs(warm_up, chances), walkers))
            progress(Progress(phase="warming up", done=0.1 + 0.2 * turn / (TUNINGS + 2), best_cost=float("inf")))
            if dearer is not None and np.isfinite(heat) and turn < TUNINGS:
                now = max(float(np.mean(costs)) / board.cost - 1, 1e-6)
                heat *= min(max(dearer / now, 0.5), 2.0) ** TUNING
            if stop():
                break
        chances = board.chances(heat)
        for walker in walkers:
            walker.begin_counting()
        while len(drawn[0]) < each and not (len(drawn[0]) >= 4 and stop()):
            for number, found in enumerate(pool.map(batch, walkers)):
                drawn[number] += found
            progress(Progress(phase="drawing", done=0.3 + 0.7 * len(drawn[0]) / each, best_cost=float("inf")))
    values = np.array(drawn)
    mine = board.figures_of(board.start, board.centres)
    figures = tuple(
        Figure(
            kind=kind, measure=measure, chosen=float(mine[place]), drawn=values[:, :, place],
            r_hat=split_r_hat(values[:, :, place]), effective=effective_size(values[:, :, place]),
        )
        for place, (kind, measure) in enumerate(board.names)
    )  # fmt: skip
    owners = np.full((chains, chosen.problem.units), -1)
    owners[:, able] = np.stack([walker.search.owners for walker in walkers])
    steps = sum(walker.steps for walker in walkers)
    least = float(mine[-1])
    return Ensemble(
        figures=figures, owners=owners, carves=values.shape[0] * values.shape[1], heat=heat,
        dearer=float(values[:, :, -1].mean() / least - 1) if least > 0 else 0.0,
        changed=float((owners[:, able] != chosen.owners[able]).mean()),
        accepted=sum(walker.accepted for walker in walkers) / max(steps, 1), steps=steps, was_stopped=stop(),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Board:
    """What every chain shares: the problem of the units that have a seat, its lists, and how carves are judged."""

    problem: Problem
    chosen: Solution
    costs: Costs
    candidates: Candidates
    start: IntArray
    """(units,) the chosen carve."""
    centres: FloatArray | None
    free: IntArray
    away: FloatArray
    names: tuple[tuple[Kind, str | None], ...]

    @property
    def cost(self) -> float:
        """What the chosen carve costs."""
        slots = slots_of(self.candidates, self.start)
        return float(self.candidates.cost[np.arange(len(slots)), slots].sum())

    def sweeps(self, carves: int) -> int:
        """Steps between two carves, for each unit: as many as there is time for."""
        return min(max(round(STEPS / (carves * len(self.free))), FEWEST_SWEEPS), MOST_SWEEPS)

    @classmethod
    def of(cls, chosen: Solution) -> Board:
        """The board of a carve."""
        able = np.flatnonzero(chosen.owners >= 0)
        whole = len(able) == chosen.problem.units
        problem = chosen.problem if whole else take(chosen.problem, able)
        lim = chosen.limits
        costs = Costs(problem)
        costs.bind(lim.only[able], ~lim.balanced)
        start = chosen.owners[able]
        width = problem.seats if problem.areas is not None else width_for(problem.units, problem.seats)
        candidates = costs.candidates(chosen.centres, width, start, np.arange(problem.units))
        has_travel = problem.places is not None and chosen.centres is not None
        names: list[tuple[Kind, str | None]] = []
        for number in range(problem.measures):
            name = problem.measure_names[number] if problem.measure_names else f"measure {number + 1}"
            names += [("deviation", name), ("variation", name), ("gini", name)]
        names += [("travel", None)] if has_travel else []
        names += [("moved", None)] if problem.incumbent is not None and (problem.incumbent >= 0).any() else []
        return cls(
            problem=problem, chosen=chosen, costs=costs, candidates=candidates, start=start, centres=chosen.centres,
            free=np.flatnonzero(lim.only[able] < 0), away=_away(problem, candidates), names=(*names, ("cost", None)),
        )  # fmt: skip

    def search(self) -> Search:
        """The chosen carve, to be walked from."""
        able = np.flatnonzero(self.chosen.owners >= 0)
        lim = self.chosen.limits
        lim = replace(lim, weights=np.ascontiguousarray(lim.weights[able]), only=lim.only[able])
        return Search(self.problem, lim, self.candidates, slots_of(self.candidates, self.start))

    def heat(self, dearer: float | None, seed: int, stop: Callable[[], bool]) -> float:
        """The heat at which carves cost so much more than the chosen one on the mean, by short walks."""
        walker = Walker(board=self, seed=seed, number=-1)
        cost = self.cost
        scale = float(self.candidates.spread()[self.free].mean())
        if dearer is None or cost <= 0 or scale <= 0:
            return float("inf")
        # Upwards from cold: a walk that was hot takes long to be as cheap again as it should be when it is cold.
        middle, before, last = FIRST_HEAT * scale, 0.0, 0.0
        while last < dearer and middle < LAST_HEAT * scale and not stop():
            chances = self.chances(middle)
            walker.go(PILOT_SWEEPS // 2, chances)
            found = []
            for _ in range(PILOT_SWEEPS // 2):
                walker.go(1, chances)
                found.append(walker.search.cost())
            before, last = last, float(np.mean(found)) / cost - 1
            middle *= HEATING
        share = (dearer - before) / (last - before) if last > before else 1.0
        return float(middle / HEATING ** (2.0 - min(max(share, 0.0), 1.0)))

    def chances(self, heat: float) -> Chances:
        """How changes are drawn at a heat."""
        cost = self.candidates.cost
        finite = np.isfinite(cost)
        with np.errstate(invalid="ignore"):
            place = np.where(finite, np.exp(-(cost - cost[:, :1]) / heat) if np.isfinite(heat) else 1.0, 0.0)
        place /= place.sum(axis=1, keepdims=True)
        # A unit whose seat is all but settled is drawn seldom, but is drawn.
        openness = np.maximum(1.0 - (place**2).sum(axis=1), LEAST_OPEN)
        unit = np.zeros(len(cost))
        unit[self.free] = openness[self.free] / openness[self.free].sum()
        rows, columns = np.nonzero((place > 0) & (unit > 0)[:, None])
        seat = self.candidates.seats[rows, columns].astype(np.int64)
        order = np.argsort(seat, kind="stable")
        return Chances(
            free=self.free, unit=np.cumsum(unit[self.free]), place=np.cumsum(place, axis=1),
            start=np.searchsorted(seat[order], np.arange(self.problem.seats + 1)), partner=rows[order],
            likes=np.cumsum((unit[rows] * place[rows, columns])[order]),
        )  # fmt: skip

    def figures_of(self, owners: IntArray, centres: FloatArray | None) -> FloatArray:
        """What a carve comes to, in the order of the names."""
        lim = self.chosen.limits
        loads = _loads(lim.weights[self.chosen.owners >= 0], owners, self.problem.seats)
        found: list[float] = []
        for number in range(self.problem.measures):
            judged = lim.balanced & (lim.targets[:, number] > 0)
            found += _fairness(loads[judged, number] / lim.targets[judged, number])
        for kind, _ in self.names[len(found) : -1]:
            if kind == "travel":
                assert self.problem.places is not None
                assert centres is not None
                found.append(mean_km(self.problem.places, owners, centres)[0])
            else:
                found.append(moved_share(self.problem, owners))
        slots = slots_of(self.candidates, owners)
        return np.array([*found, float(self.candidates.cost[np.arange(len(slots)), slots].sum())])


class Walker:
    """One chain."""

    def __init__(self, *, board: Board, seed: int, number: int) -> None:
        """Begin at the chosen carve."""
        self.board, self.number = board, number
        self.search = board.search()
        self.centres = board.centres
        rows = np.arange(len(board.start))
        self._moved = float(board.away[rows, self.search.slots].sum())
        cap = board.problem.moved_at_most
        self._cap = float("inf") if cap is None else max(cap, self._moved) + 1e-12
        self._random = np.random.default_rng([seed, number + 1])
        self._free_seats = board.problem.free_seats
        self.begin_counting()

    def begin_counting(self) -> None:
        """Count steps from here."""
        self.steps = self.accepted = 0

    def go(self, sweeps: int, chances: Chances) -> None:
        """So many steps for each unit that may move."""
        self.step(sweeps * len(self.board.free), chances)

    def step(self, steps: int, chances: Chances) -> None:
        """So many steps."""
        left = steps
        while left > 0:
            self.search.lay_out()
            made, accepted, self._moved = walk(
                self.search.arrays, chances, self.board.away, self._moved, self._cap, left,
                int(self._random.integers(2**31)),
            )  # fmt: skip
            left -= made
            self.steps += made
            self.accepted += accepted

    def costs(self, sweeps: int, chances: Chances) -> float:
        """So many steps for each unit, and the mean cost over the second half of them."""
        self.go(sweeps - sweeps // 2, chances)
        found = [self.search.cost()]
        for _ in range(sweeps // 2):
            self.go(1, chances)
            found.append(self.search.cost())
        return float(np.mean(found))

    def figures(self) -> FloatArray:
        """What the carve comes to where the chain is; free centres follow for the figure of travel alone."""
        owners = self.search.owners
        if self.centres is not None and len(self._free_seats):
            assert self.board.problem.places is not None
            self.centres = medians(self.board.problem.places, owners, self.centres, self._free_seats, rounds=3)
        return self.board.figures_of(owners, self.centres)


def _away(problem: Problem, candidates: Candidates) -> FloatArray:
    """(units, candidates) the share of the value with an incumbent that moves where the unit is at that seat."""
    if problem.incumbent is None or not (problem.incumbent >= 0).any():
        return np.zeros(candidates.seats.shape)
    value = np.ones(problem.units) if problem.value is None else problem.value
    held = problem.incumbent >= 0
    part = np.where(held, value, 0.0) / max(float(value[held].sum()), 1e-300)
    return np.asarray(np.where(candidates.seats != problem.incumbent[:, None], part[:, None], 0.0))


def _loads(weights: FloatArray, owners: IntArray, seats: int) -> FloatArray:
    return np.stack([np.bincount(owners, column, seats) for column in weights.T], axis=1)


def _fairness(relative: FloatArray) -> Sequence[float]:
    """Worst deviation, coefficient of variation and Gini coefficient of loads, each as a share of its target."""
    count, total = len(relative), float(relative.sum())
    if count == 0 or total <= 0:
        return 0.0, 0.0, 0.0
    return float(np.abs(relative - 1).max()), variation(relative), gini(relative)
