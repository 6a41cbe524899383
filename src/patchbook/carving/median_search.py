"""The search for the best partition into groups round medians: cool everything, then windows, then recombine.

See `docs/explanation/medians.md` for what each stage is good at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from patchbook.carving.median_partition import grouped
from patchbook.carving.median_recombination import Recombination
from patchbook.carving.problem import IntArray
from patchbook.carving.stop import StoppingCriterion, share_spent

if TYPE_CHECKING:
    from patchbook.carving._kernels.median_groups import Ground, Groups

Progress = Callable[[int, float], None]
"""Told the round and the objective of the best feasible answer so far (infinite while there is none)."""

MOVES_PER_UNIT, MOVES_PER_UNIT_RECOMBINED = 60_000, 40_000
"""Moves after which a course of cooling and windows has done its work; a larger budget is spent on more courses.
Courses are shorter where what they met is recombined, because different groups are worth more there."""
MOST_COURSES = 12
RELOCATE_EVERY = 50
"""Every so many moves, and fewer where groups are large, a group is dissolved and another split."""
HOT, COLD = 0.25, 0.06
"""Temperatures of a cooling when it starts and ends, in mean distances of a unit to its median."""
HOT_LARGE, COLD_LARGE, LARGE_UNITS = 0.3, 0.025, 10
"""The same where groups have so many units or more: a unit weighs less there against the whole. What small groups leave
to the windows, large ones have to get done before."""
TIGHT, HOTTER = 0.95, 2.0
"""Where demands fill more of the capacities, small groups are cooled like large ones, and large ones from so much
hotter: only heat carries an excess to far-away room, and only cold settles it there."""
LENIENT, STRICT = 10.0, 150.0
"""Price of a unit of demand above capacity when a cooling starts and ends, in mean distances per mean demand."""
COOLED, COOLED_HUGE, HUGE_UNITS = 0.7, 0.15, 100
"""Share of a course that cools everything, and the share where groups have more than so many units on average."""
RESEATED_UNITS = 30
"""Where groups have more units on average, windows are only reseated; else reseated and cooled in turn."""
WINDOW_WARM, WINDOW_HOT, WINDOW_COLD, WINDOW_LENIENT = 0.06, 0.2, 0.025, 30.0
"""Temperatures between which a window's cooling starts, and its first price of demand above capacity."""
WINDOW_UNITS, WINDOW_MOVES = 300, 1_500
"""Units of a window that is cooled, and moves proposed for each of them."""
RESEATED_GROUPS, RESEATED_MOVES = 7, 20
"""Groups of a window that is reseated, and moves proposed for each of its units afterwards."""
WIDE_EVERY = 3
"""Every so many rounds, windows that are only reseated are twice as wide: seven groups often have no way out."""
RESEATED_WARM = 0.05
"""Where windows are only reseated, temperature at which a worse one is accepted, in costs of a group; it falls to 0."""
RECOMBINED_UNITS = 500
"""Above so many units, and for large groups, a set partitioning of everything takes too long."""
RECOMBINE_AT = (0.75, 0.9, math.inf)
"""How far through a course the groups met in all courses are put together anew."""


class MedianSearch:
    """One search: course after course, each from a new start, and the best feasible partition of all."""

    def __init__(self, ground: Ground, seats: int, seed: int) -> None:
        self._ground = ground
        self._seats = seats
        self._random = np.array([_scramble(seed)], np.uint64)
        self._best_owner: IntArray | None = None
        self._best_cost = math.inf
        self._last_owner = np.arange(len(ground.demands)) % seats

    def run(self, stop: StoppingCriterion, progress: Progress | None) -> int:
        """Better the answer until stopped; returns the number of rounds."""
        if self._seats == len(self._ground.demands):
            return 0  # every unit is its own median
        units = len(self._ground.demands)
        is_recombined = units <= min(RECOMBINED_UNITS, RESEATED_UNITS * self._seats)
        pool = Recombination(self._ground, self._seats) if is_recombined else None
        course = _Course(self._ground, self._seats, self._random, pool)
        schedule = _Schedule(course.rounds)
        rounds = 0
        while not stop(self._best_cost):
            number, done = schedule.at(rounds, share_spent(stop))
            if number != schedule.number:
                schedule.number = number
                # While nothing is feasible yet, insist more each time.
                insist = 1.0 if math.isfinite(self._best_cost) else 4.0**number
                course = _Course(self._ground, self._seats, self._random, pool, insist)
            course.go_on(done)
            if course.best_cost[0] < self._best_cost:
                self._best_cost = float(course.best_cost[0])
                self._best_owner = course.best_owner.copy()
            self._last_owner = course.groups.owner
            rounds += 1
            if progress is not None:
                progress(rounds, self._best_cost)
        return rounds

    def answer(self) -> Groups:
        """The best feasible partition, or the last one where none was met."""
        return grouped(self._ground, self._seats, self._last_owner if self._best_owner is None else self._best_owner)


class _Course:
    """From a new start: cool everything, then window after window, and put together the groups that were met."""

    def __init__(
        self,
        ground: Ground,
        seats: int,
        random: npt.NDArray[np.uint64],
        pool: Recombination | None,
        insist: float = 1.0,
    ) -> None:
        from patchbook.carving._kernels.median_construction import assign, scatter
        from patchbook.carving._kernels.median_groups import Region

        self._ground = ground
        self._seats = seats
        self._random = random
        self._pool = pool
        self._insist = insist
        units = len(ground.demands)
        self._size = units // seats
        is_large = self._size >= LARGE_UNITS
        is_tight = ground.demands.sum() > TIGHT * np.sort(ground.capacities)[-seats:].sum()
        self._hot, self._cold = (HOT_LARGE, COLD_LARGE) if is_large or is_tight else (HOT, COLD)
        if is_large and is_tight:
            self._hot *= HOTTER
        # A round has to be worth working out all groups at its start, about units²/seats distances.
        self._moves = max(20_000, 20 * units, units * units // (5 * seats))
        self.rounds = max(1, units * (MOVES_PER_UNIT_RECOMBINED if pool else MOVES_PER_UNIT) // self._moves)
        # Dissolving and splitting take size² steps, and pay where groups are small.
        self._relocate_every = max(RELOCATE_EVERY, self._size**2)
        self._everything = Region(np.arange(units), np.arange(seats), np.ones(seats, np.bool_))
        self.groups = grouped(ground, seats, assign(ground, scatter(ground, seats, random)))
        self.best_owner = self.groups.owner.copy()
        self.best_cost = np.array([math.inf])
        self._distance_unit = self._mean_distance()
        self._prices = np.zeros(seats)
        self._windows = 0
        self._recombinations = 0
        self._overloaded = 1

    def go_on(self, done: float) -> None:
        """One round, given how far through the course it is, from 0 to 1."""
        cooled = COOLED_HUGE if self._size > HUGE_UNITS else COOLED
        if not self._windows and (done < cooled or self._overloaded):
            if done >= cooled:
                self._insist *= 1.5  # cold, and demand is still above capacity
            self._cool(min(1.0, done / cooled))
        elif self._pool is not None and done >= RECOMBINE_AT[min(self._recombinations, len(RECOMBINE_AT) - 1)]:
            self._recombine()
        else:
            self._better_windows((1 - done) / (1 - cooled))
        if self._pool is not None and done > cooled / 2:
            self._pool.collect(self.groups)

    def _cool(self, done: float) -> None:
        from patchbook.carving._kernels.medians import anneal

        self._overloaded = anneal(
            self._ground,
            self.groups,
            self._everything,
            self._random,
            self._moves,
            self._relocate_every,
            self._hot * (self._cold / self._hot) ** done * self._distance_unit,
            self._insist * LENIENT * (STRICT / LENIENT) ** done * self._price_unit(self._distance_unit),
            self.best_owner,
            self.best_cost,
        )

    def _better_windows(self, left: float) -> None:
        from patchbook.carving._kernels.median_reseat import reseat
        from patchbook.carving._kernels.median_windows import recool

        if not self._windows:
            self.groups = grouped(self._ground, self._seats, self.best_owner)
        self._windows += 1
        unit = self._mean_distance()
        price = self._price_unit(unit)
        temperatures = (WINDOW_WARM * unit, WINDOW_HOT * unit, WINDOW_COLD * unit)
        cooling = np.array([*temperatures, WINDOW_LENIENT * price, STRICT * price])
        shared = (self._ground, self.groups, self._random, cooling, self._relocate_every)
        if self._size >= RESEATED_UNITS or self._windows % 2 == 0:
            units = RESEATED_GROUPS * len(self._ground.demands) // self._seats
            if self._windows % WIDE_EVERY == 0:
                units *= 2
            warmth = RESEATED_WARM * left * unit * self._size if self._size >= RESEATED_UNITS else 0.0
            reseat(*shared, RESEATED_MOVES, units, warmth, self._prices, self._moves)
        else:
            recool(*shared, WINDOW_MOVES, WINDOW_UNITS, self._moves)
        self._note()

    def _recombine(self) -> None:
        assert self._pool is not None
        self._recombinations += 1
        self._windows += 1
        owner = self._pool.best(self.best_owner)
        self.groups = grouped(self._ground, self._seats, owner)
        self._note()

    def _note(self) -> None:
        cost = float(self.groups.sums[self.groups.median].sum())
        if cost < self.best_cost[0]:
            self.best_cost[0] = cost
            self.best_owner[:] = self.groups.owner

    def _mean_distance(self) -> float:
        return max(float(self.groups.sums[self.groups.median].sum()) / len(self.groups.owner), 1e-12)

    def _price_unit(self, distance: float) -> float:
        return distance / max(float(self._ground.demands.mean()), 1e-12)


class _Schedule:
    """Which course a round belongs to, and how far through it: from the share of the budget that is spent."""

    def __init__(self, rounds_of_a_course: int) -> None:
        self.number = 0
        self._rounds_of_a_course = rounds_of_a_course
        self._courses = 1

    def at(self, rounds: int, spent: float | None) -> tuple[int, float]:
        """Which course this round belongs to, and how far through the course the round is, from 0 to 1."""
        if not spent:  # no budget, or its first round: the length of a full course is the measure
            number, done = divmod(rounds, self._rounds_of_a_course)
            return number, done / self._rounds_of_a_course
        if rounds <= 3:
            whole = rounds / spent
            self._courses = min(MOST_COURSES, max(1, round(whole / self._rounds_of_a_course)))
        position = spent * self._courses
        number = min(int(position), self._courses - 1)
        return number, min(1.0, position - number)


def _scramble(seed: int) -> int:
    """A state for the generator far from those of neighbouring seeds, and never 0 (splitmix64, Steele et al. 2014)."""
    mask = 2**64 - 1
    word = (seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return (word ^ (word >> 31)) or 1
