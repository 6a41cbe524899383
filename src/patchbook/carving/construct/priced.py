"""Price, then dive: prices make units spread evenly; the largest are fixed first and the rest is priced again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.construct.centres import first_centres
from patchbook.carving.construct.construction import MANY_UNITS, Start, width_for
from patchbook.carving.construct.dive import dive
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import Costs, medians
from patchbook.carving.limits import Limits
from patchbook.carving.prices import Dual, dual_of
from patchbook.carving.problem import FloatArray, IntArray
from patchbook.carving.subset import take

SAMPLE_PER_SEAT = 120
"""Units drawn for each seat to find prices and centres on before all are looked at."""
STARTS = 4
"""Sides from which free centres are begun."""
FIRST_ROUNDS, MORE_ROUNDS = 4, 10
"""Rounds of prices and medians in turn for every start, and then for the one that costs least."""
FIRST_STEPS, MORE_STEPS = 20, 8
"""Newton's steps in the first of these rounds and in the others: medians of unsettled prices lead astray."""
MANY_SEATS, FEW_STARTS = 300, 2
"""With so many seats chance evens out, and so few starts are as good."""
COOLING = (0.3, 0.1, 0.03, 0.01)
"""Smoothing of the final prices, relative to each unit's scale of choice."""
FULL_ROUNDS, FEW_ROUNDS = 12, 6
"""Newton's steps at one smoothing, of few units and of many."""


class Priced:
    """Lagrangian prices by Newton's method, centres by medians in turn, then a dive from large units to small."""

    name = "priced"
    dives = True
    """Whether large units are placed before small ones."""

    def supports(self, costs: Costs) -> bool:
        """Whether seats differ in what they cost, and may be in any number of pieces."""
        return costs.problem.areas is None and prefers_seats(costs)

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """A first assignment, near its limits and near the cheapest."""
        units, seats = costs.problem.units, costs.problem.seats
        run = _Run(costs=costs, limits=limits, width=width_for(units, seats), stop=stop)
        drawn = _sample(limits, seed)
        sample = run.of(drawn)
        begun = [self._begun(sample, seed, 0, say)]
        free = begun[0].free
        starts = STARTS if seats < MANY_SEATS else FEW_STARTS
        for turn in range(1, starts if len(free) else 1):
            if not stop():
                begun.append(self._begun(sample, seed, turn, say))
        best = min(begun, key=lambda one: one.value)
        if len(free) or len(drawn.units) < units:
            best = self._in_turn(
                sample, best, MORE_ROUNDS if len(free) else 1, lambda done: say("pricing", 0.2 + 0.2 * done)
            )
        say("pricing", 0.4)
        centres, prices = best.centres, best.prices
        everyone = np.arange(units)
        dual, prices = self._on_all(run, centres, prices)
        if len(free):
            places = costs.problem.places
            assert places is not None
            assert centres is not None
            for _ in range(2):
                owners = dual.candidates.seats[everyone, dual.choose(prices)].astype(np.int64)
                centres = medians(places, owners, centres, free, rounds=3)
                dual, prices = self._on_all(run, centres, prices)
        for heat in COOLING:
            prices = dual.newton(prices, heat, rounds=run.rounds, until=0.004, stop=stop)
        say("diving", 0.6)
        slots = dive(dual, limits, costs.problem.tolerances, prices, stop=stop) if self.dives else dual.choose(prices)
        return Start(candidates=dual.candidates, slots=slots, prices=prices, centres=centres)

    def _begun(self, sample: _Run, seed: int, turn: int, say: Callable[[str, float], None]) -> _Priced:
        """Prices and centres after a few rounds from one side."""
        centres, free, _ = first_centres(sample.costs, sample.limits, seed=seed, turn=turn)
        start = _Priced(centres=centres, free=free, prices=np.zeros_like(sample.limits.low), value=np.inf)
        rounds = FIRST_ROUNDS if len(free) else 0
        return self._in_turn(sample, start, rounds, lambda done: say("pricing", 0.2 * (turn + done) / STARTS))

    def _in_turn(self, sample: _Run, start: _Priced, rounds: int, tell: Callable[[float], None]) -> _Priced:
        """Prices, then centres for what they give each seat, and again; and what it comes to."""
        places, centres, prices = sample.costs.problem.places, start.centres, start.prices
        is_first = not np.isfinite(start.value)
        dual = sample.dual(centres)
        for number in range(rounds):
            tell(number / rounds)
            steps = FIRST_STEPS if number == 0 else MORE_STEPS
            heat = 0.3 if is_first and len(start.free) else 0.15
            prices = dual.newton(prices, heat, rounds=steps, until=0.01, stop=sample.stop)
            if len(start.free) and places is not None and centres is not None:
                chosen = dual.candidates.seats[np.arange(len(dual.weights)), dual.choose(prices)].astype(np.int64)
                centres = medians(places, chosen, centres, start.free, rounds=3)
                dual = sample.dual(centres)
        for heat in (0.1,) if is_first else (0.1, 0.05):  # unsettled prices would make a start look cheap
            prices = dual.newton(prices, heat, rounds=FULL_ROUNDS, until=0.01, stop=sample.stop)
        return replace(start, centres=centres, prices=prices, value=dual.value(prices, 0.1))

    def _on_all(self, run: _Run, centres: FloatArray | None, prices: FloatArray) -> tuple[Dual, FloatArray]:
        """Prices for every unit, from nearly right ones."""
        dual = run.dual(centres)
        return dual, dual.newton(prices, 0.15, rounds=run.rounds, until=0.01, stop=run.stop)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What every step of one start shares."""

    costs: Costs
    limits: Limits
    width: int
    stop: Callable[[], bool]
    least_tolerance: float = 0.0

    @property
    def rounds(self) -> int:
        """Newton's steps at one smoothing."""
        return FULL_ROUNDS if self.costs.problem.units < MANY_UNITS else FEW_ROUNDS

    def dual(self, centres: FloatArray | None) -> Dual:
        """The dual over every unit for these centres."""
        limits, problem = self.limits, self.costs.problem
        candidates = self.costs.candidates(centres, self.width, limits.only, np.arange(problem.units))
        tolerances = np.maximum(problem.tolerances, self.least_tolerance)
        return dual_of(candidates, limits, tolerances, limits.weights)

    def of(self, sample: _Sample) -> _Run:
        """The same for a sample, whose units weigh and cost as much as all those they stand for."""
        units, times = sample.units, sample.stands_for
        if len(units) == self.costs.problem.units:
            return self
        problem = take(self.costs.problem, units)
        places = problem.places
        if places is not None:
            places = replace(places, weight=places.weight * times[places.unit_of_site])
        value = np.ones(len(units)) if problem.value is None else problem.value
        costs = Costs(replace(problem, places=places, value=value * times))
        costs.stay = self.costs.stay[units] * times
        costs.bind(self.limits.only[units], self.costs.shut)
        weights = self.limits.weights[units] * times[:, None]
        weights *= self.limits.targets.sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-12)
        limits = replace(self.limits, weights=weights, only=self.limits.only[units])
        return _Run(costs=costs, limits=limits, width=self.width, stop=self.stop, least_tolerance=0.05)


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """Centres and prices found on a sample, and near what cost."""

    centres: FloatArray | None
    free: IntArray
    """Seats whose centre may move."""
    prices: FloatArray
    value: float


@dataclass(frozen=True)
class _Sample:
    """Some of the units, and how many each stands for."""

    units: IntArray
    stands_for: FloatArray


def _sample(limits: Limits, seed: int) -> _Sample:
    """Every large unit and a systematic draw of the others, spread as the units are; everyone when there are few."""
    units, seats = len(limits.weights), len(limits.targets)
    wanted = SAMPLE_PER_SEAT * seats
    if wanted >= 0.6 * units:
        return _Sample(np.arange(units), np.ones(units))
    chance = wanted * (0.5 / units + 0.5 * limits.weights.mean(axis=1) / seats)
    chance = np.minimum(1.0, chance * wanted / np.minimum(1.0, chance).sum())
    steps = np.cumsum(chance) + np.random.default_rng(seed).random()  # units are in order: neighbours follow each other
    drawn = np.flatnonzero(np.floor(steps) > np.floor(steps - chance))
    return _Sample(drawn, 1.0 / chance[drawn])
