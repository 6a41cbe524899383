"""Price, then dive: prices make units spread evenly; the largest are fixed first and the rest is priced again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patchbook.carving.construct.centres import first_centres
from patchbook.carving.construct.construction import Start, width_for
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import Candidates, Costs, medians
from patchbook.carving.limits import Limits
from patchbook.carving.prices import Dual, dual_of
from patchbook.carving.problem import FloatArray, IntArray

SAMPLE_PER_SEAT = 120
"""Units drawn for each seat to find prices and centres on before all are looked at."""
STARTS = 4
"""Sides from which free centres are begun; the one with the least cost goes on."""
DIVE = (0.1, 0.03, 0.01, 0.003)
"""Units with at least this share of a mean seat are fixed together, largest class first."""
COOLING = (0.3, 0.1, 0.03, 0.01)
"""Smoothing of the final prices, relative to each unit's scale of choice."""


class Priced:
    """Lagrangian prices by Newton's method, centres by medians in turn, then a dive from large units to small."""

    name = "priced"

    def supports(self, costs: Costs) -> bool:
        """Whether seats differ in what they cost."""
        return prefers_seats(costs)

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """A first assignment, near its limits and near the cheapest."""
        width = width_for(costs.problem.units, costs.problem.seats)
        run = _Run(costs=costs, limits=limits, width=width, stop=stop)
        centres, free, owners = first_centres(costs, limits, seed=seed)
        prices = np.zeros_like(limits.low)
        sample = _sample(limits, owners, seed)
        if len(free):
            tries = [self._on_sample(run, sample, centres, free, owners, _in_turn(say, 0))]
            for turn in range(1, STARTS):
                if not stop():
                    centres, _, owners = first_centres(costs, limits, seed=seed, turn=turn)
                    tries.append(self._on_sample(run, sample, centres, free, owners, _in_turn(say, turn)))
            best = min(tries, key=lambda start: start.value)
            centres, prices = best.centres, best.prices
        elif len(sample.units) < costs.problem.units:
            prices = self._on_sample(run, sample, centres, free, owners, say).prices
        say("pricing", 0.4)
        everyone = np.arange(costs.problem.units)
        dual, prices = self._on_all(run, everyone, centres, prices)
        if len(free):
            places = costs.problem.places
            assert places is not None
            assert centres is not None
            for _ in range(2):
                owners = dual.candidates.seats[everyone, dual.choose(prices)].astype(np.int64)
                centres = medians(places, owners, centres, free, rounds=3)
                dual, prices = self._on_all(run, everyone, centres, prices)
        for heat in COOLING:
            prices = dual.newton(prices, heat, rounds=12, until=0.004, stop=stop)
        say("diving", 0.6)
        slots = self._dive(run, dual, prices)
        return Start(candidates=dual.candidates, slots=slots, prices=prices, centres=centres)

    def _on_sample(
        self, run: _Run, sample: _Sample, centres: FloatArray | None, free: IntArray, owners: IntArray,
        say: Callable[[str, float], None],
    ) -> _Priced:  # fmt: skip
        """Prices and centres found in turn on a sample."""
        prices = np.zeros_like(run.limits.low)
        places = run.costs.problem.places
        scale = np.zeros(run.costs.problem.units)
        scale[sample.units] = sample.stands_for
        rounds = 12 if len(free) else 1
        for number in range(rounds):
            say("pricing", 0.3 * number / rounds)
            dual = run.dual(sample.units, centres, stands_for=sample.stands_for)
            steps = 3 if number and len(free) else 10
            prices = dual.newton(
                prices, 0.3 if number < 4 and len(free) else 0.15, rounds=steps, until=0.03, stop=run.stop
            )
            if len(free) and places is not None and centres is not None:
                chosen = owners.copy()
                chosen[sample.units] = dual.candidates.seats[np.arange(len(sample.units)), dual.choose(prices)]
                centres = medians(places, chosen, centres, free, rounds=3, scale=scale)
        dual = run.dual(sample.units, centres, stands_for=sample.stands_for)
        for heat in (0.1, 0.05):
            prices = dual.newton(prices, heat, rounds=12, until=0.01, stop=run.stop)
        return _Priced(centres=centres, prices=prices, value=dual.value(prices, 0.05))

    def _on_all(
        self, run: _Run, everyone: IntArray, centres: FloatArray | None, prices: FloatArray
    ) -> tuple[Dual, FloatArray]:
        """Prices for every unit, from nearly right ones."""
        dual = run.dual(everyone, centres)
        return dual, dual.newton(prices, 0.15, rounds=12, until=0.01, stop=run.stop)

    def _dive(self, run: _Run, dual: Dual, prices: FloatArray) -> IntArray:
        """Fix the largest units where they are cheapest, price the rest around them, and so on down."""
        size = run.limits.weights.max(axis=1)
        slots = dual.choose(prices)
        waiting = np.ones(len(size), bool)
        tolerances = np.maximum(dual.tolerances * 0.5, dual.tolerances - 0.006)
        for least in DIVE:
            now = waiting & (size >= least)
            if not now.any():
                continue
            waiting &= ~now
            if not waiting.any() or run.stop():
                break
            placed = np.flatnonzero(~waiting)
            owners = np.full(len(size), -1)
            owners[placed] = dual.candidates.seats[placed, slots[placed]]
            rest = np.flatnonzero(waiting)
            candidates = Candidates(
                np.ascontiguousarray(dual.candidates.seats[rest]), np.ascontiguousarray(dual.candidates.cost[rest])
            )
            base = run.limits.loads(owners)
            part = dual_of(candidates, run.limits, tolerances, run.limits.weights[rest], base=base)
            for heat in (0.3, 0.1, 0.03, 0.01):
                prices = part.newton(prices, heat, rounds=60, until=0.003, stop=run.stop)
            slots[rest] = part.choose(prices)
        return slots


def _in_turn(say: Callable[[str, float], None], turn: int) -> Callable[[str, float], None]:
    """Tells of one of several starts: each does its part of the pricing on a sample."""
    return lambda phase, done: say(phase, (0.3 * turn + done) / STARTS)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What every step of one start shares."""

    costs: Costs
    limits: Limits
    width: int
    stop: Callable[[], bool]

    def dual(self, units: IntArray, centres: FloatArray | None, stands_for: FloatArray | None = None) -> Dual:
        """The dual over these units."""
        limits = self.limits
        candidates = self.costs.candidates(centres, self.width, limits.only[units], units)
        if stands_for is None:
            return dual_of(candidates, limits, self.costs.problem.tolerances, limits.weights[units])
        weights = limits.weights[units] * stands_for[:, None]
        weights *= limits.targets.sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-12)
        candidates = Candidates(candidates.seats, candidates.cost * stands_for[:, None])
        return dual_of(candidates, limits, np.maximum(self.costs.problem.tolerances, 0.05), weights)


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """Centres and prices found on a sample, and near what cost."""

    centres: FloatArray | None
    prices: FloatArray
    value: float


@dataclass(frozen=True)
class _Sample:
    """Some of the units, and how many each stands for."""

    units: IntArray
    stands_for: FloatArray


def _sample(limits: Limits, owners: IntArray, seed: int) -> _Sample:
    """Every large unit and a systematic draw of the others, spread over the seats; everyone when there are few."""
    units, seats = len(limits.weights), len(limits.targets)
    wanted = SAMPLE_PER_SEAT * seats
    if wanted >= 0.6 * units:
        return _Sample(np.arange(units), np.ones(units))
    chance = wanted * (0.5 / units + 0.5 * limits.weights.mean(axis=1) / seats)
    chance = np.minimum(1.0, chance * wanted / np.minimum(1.0, chance).sum())
    order = np.argsort(owners, kind="stable")
    steps = np.cumsum(chance[order]) + np.random.default_rng(seed).random()
    drawn = order[np.floor(steps) > np.floor(steps - chance[order])]
    drawn = np.sort(drawn)
    return _Sample(drawn, 1.0 / chance[drawn])
