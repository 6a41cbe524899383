"""Territories in one piece, balanced and made cheaper by moves over their borders; they stay in one piece throughout.

Three steps, each made of the same kernel (`_kernels/borders.py`). *Cool*: annealing from a temperature at which borders
wander, so that load flows over any number of territories from where there is too much of it. *Push*: what is left are
territories whose few large units do not add up; one of them is pushed over a border and kept there while everything
around it settles anew, and now and then a worse answer is taken to get past it (an iterated local search; Lourenço,
Martin & Stützle 2003, doi:10.1007/0-306-48056-5_11). *Trim*: inside the limits, cheaper at falling temperatures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from patchbook.carving._kernels.borders import anneal_borders, force
from patchbook.carving.construct.construction import slots_of
from patchbook.carving.costs import Costs, medians
from patchbook.carving.limits import Limits
from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem
from patchbook.carving.search import Search

MARGIN = 0.004
"""How far inside the limits is aimed at, as a share of a mean seat; never more than a tenth of the tolerance."""
FEWEST_STEPS, STEPS = 20_000, 3_000_000
"""Random moves tried in one annealing of a small and of a large problem."""
COOL_STEPS, PUSH_STEPS, TRIM_STEPS = 100, 40, 120
"""Random moves tried for each unit: in a round of cooling, after each push, in a round of trimming."""
COOL = (1.0, 0.35, 0.12, 0.045, 0.016, 0.005)
TRIM = (0.2, 0.07, 0.025, 0.008, 0.0025)
"""Temperature of each round, relative to the mean scale of a unit's choice."""
PUSHES = 300
WAYS, TRIMMED = 6, 3
"""Ways that are tried to bring large units inside their limits, and how many of them are made cheaper."""
FEW_UNITS = 10_000
"""Units up to which more than one way is tried; where there are more, each is little of a share."""
STALE = 100
"""Pushes without a better answer after which the best is gone back to."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Owners and centres after the borders have been moved."""

    owners: IntArray
    centres: FloatArray | None


def settle(
    problem: Problem,
    costs: Costs,
    limits: Limits,
    owners: IntArray,
    centres: FloatArray | None,
    *,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
    gentle: bool = False,
) -> Settled:
    """
    The assignment within its limits where that can be found, then cheaper; no territory in more pieces than before.

    Parameters
    ----------
    owners
        (units,) every unit's seat; best with every seat in one piece (`connect`).
    centres
        (seats, dimensions) where the seats are; those without a home follow what they hold.
    gentle
        Stay near these owners: begin at a low temperature, and not at all where the loads are within limits.
    """
    run = _Borders(problem=problem, costs=costs, limits=limits, seed=seed, stop=stop)
    if not len(run.free) or problem.seats < 2 or problem.areas is None:
        return Settled(owners=owners, centres=centres)
    now = run.look(owners, centres)
    if not gentle or now.search.excess() > 0.0:
        now = run.cooled(now, COOL[2:] if gentle else COOL)
    now = min((run.trimmed(one, TRIM[2:] if gentle else TRIM) for one in run.within(now)), key=run.order)
    return Settled(owners=now.search.owners.copy(), centres=now.centres)


@dataclass(frozen=True, kw_only=True)
class _Now:
    """An assignment seen from its centres."""

    search: Search
    centres: FloatArray | None


@dataclass(kw_only=True)
class _Borders:
    problem: Problem
    costs: Costs
    limits: Limits
    seed: int
    stop: Callable[[], bool]

    def __post_init__(self) -> None:
        """Lay out who lies where, and the limits that are aimed at."""
        problem, limits = self.problem, self.limits
        assert problem.areas is not None
        self.free = np.flatnonzero(limits.only < 0)
        self.adjacency = problem.areas.adjacency
        area = problem.areas.area_of_unit
        order = np.argsort(area, kind="stable")
        self.unit_in = order[area[order] >= 0].astype(np.int64)
        self.unit_start = np.searchsorted(area[self.unit_in], np.arange(self.adjacency.shape[0] + 1)).astype(np.int64)
        margin = np.minimum(MARGIN, 0.1 * problem.tolerances) * limits.balanced[:, None]
        self.low, self.high = limits.low + margin, limits.high - margin
        self.movable = np.empty(0, np.int64) if problem.places is None else problem.free_seats
        self.everyone = np.arange(problem.units)
        self.rng = np.random.default_rng([self.seed, 7])

    def look(self, owners: IntArray, centres: FloatArray | None) -> _Now:
        """The assignment from these centres."""
        candidates = self.costs.candidates(centres, self.problem.seats, owners, self.everyone)
        search = Search(self.problem, self.limits, candidates, slots_of(candidates, owners))
        return _Now(search=search, centres=centres)

    def recentred(self, now: _Now) -> _Now:
        """The assignment from the medians of what the seats hold, where they may move."""
        places = self.problem.places
        if places is None or now.centres is None or not len(self.movable):
            return now
        owners = now.search.owners.copy()
        return self.look(owners, medians(places, owners, now.centres, self.movable, rounds=8))

    def cooled(self, now: _Now, heats: Sequence[float]) -> _Now:
        """Borders that wander less and less, until the loads are about even."""
        penalty = 1.0 * self._worth(now)
        for number, heat in enumerate(heats):
            if self.stop():
                break
            self._anneal(now, self.free, COOL_STEPS, heat, 0.35 * heat, penalty, 5.0, self.seed + number)
            now = self.recentred(now)
            penalty *= 1.3
        return now

    def within(self, now: _Now) -> list[_Now]:
        """The cheapest few of several ways to bring every seat inside its limits; the one there is where all are."""
        if now.search.excess() == 0.0 or self.stop():
            return [now]
        found: list[_Now] = []
        for _ in range(WAYS if len(self.free) <= FEW_UNITS else 1):
            found.append(self.pushed(self.look(now.search.owners.copy(), now.centres)))
            if self.stop() or found[-1].search.excess() > 0.0:
                break
        return sorted(found, key=self.order)[:TRIMMED]

    def order(self, now: _Now) -> tuple[float, float]:
        """Inside the limits first, then cheap."""
        return now.search.excess(), now.search.cost()

    def pushed(self, now: _Now) -> _Now:
        """Large units tried elsewhere, one after the other, until every seat is inside its limits."""
        penalty = 2.0 * self._worth(now)
        rate = 16.0 * penalty
        size = self.limits.weights.max(axis=1)
        arrays = now.search.arrays
        current = best = _Kept.of(now.search, self._outside(now.search))
        last = 0
        for number in range(PUSHES):
            if best.excess == 0.0 or self.stop():
                break
            if number - last > STALE:
                current, last = best, number
            current.put_back(now.search)
            seats = self._where_to_push(now.search)
            unit = int(self._draw(self.free[np.isin(now.search.owners[self.free], seats)], size))
            seat = force(arrays, unit, self.unit_start, self.unit_in, int(self.rng.integers(1 << 30)))
            if seat < 0:
                continue
            around = self._ring(now.search, self._ring(now.search, np.append(seats[:1], seat)))
            some = self.free[np.isin(now.search.owners[self.free], around) & (self.free != unit)]
            if not len(some):
                continue
            heat = float(self.rng.choice((0.1, 0.3, 1.0)))
            firm = penalty * 1.01 ** min(number, 300)  # what is only just outside is worth more travel by and by
            self._anneal(now, some, PUSH_STEPS, heat, 0.03 * heat, firm, 5.0, int(self.rng.integers(1 << 30)))
            found = _Kept.of(now.search, self._outside(now.search))
            worse = found.outside - current.outside + (found.cost - current.cost) / rate
            if worse < 0 or self.rng.random() < np.exp(-worse / 0.015):
                current = found
            if (found.excess, found.outside) < (best.excess, best.outside) or found.excess == 0.0:
                best, last = found, number
        best.put_back(now.search)
        return now

    def trimmed(self, now: _Now, heats: Sequence[float]) -> _Now:
        """Cheaper, inside the limits: the cheapest that was."""
        best, cheapest = now, now.search.cost()
        inside = now.search.excess() == 0.0
        penalty = 20.0 * self._worth(now)
        now = self.look(now.search.owners.copy(), now.centres)
        for number, heat in enumerate(heats):
            if self.stop() or not inside:
                break
            self._anneal(now, self.free, TRIM_STEPS, heat, 0.35 * heat, penalty, 0.0, self.seed + 31 * number)
            now = self.recentred(now)
            if now.search.excess() == 0.0 and now.search.cost() < cheapest:
                best, cheapest = now, now.search.cost()
                now = self.look(now.search.owners.copy(), now.centres)
        return best

    def _anneal(
        self, now: _Now, some: IntArray, steps: int, hot: float, cold: float, penalty: float, steepness: float,
        seed: int,
    ) -> None:  # fmt: skip
        scale = max(float(now.search.candidates.spread()[self.free].mean()), 1e-6 * max(now.search.cost(), 1e-6))
        tries = min(max(steps * len(some), FEWEST_STEPS), max(STEPS, 6 * len(some)))
        anneal_borders(
            now.search.arrays, some, self.unit_start, self.unit_in, self.low, self.high, tries,
            hot * scale, cold * scale, penalty, steepness, seed,
        )  # fmt: skip
        now.search.loads[:] = self.limits.loads(now.search.owners)

    def _where_to_push(self, search: Search) -> IntArray:
        """A seat outside its limits, the further the likelier, alone or with those beside it."""
        outside = self._of_seats(search)
        bad = np.flatnonzero(outside > 1e-12)
        seat = self.rng.choice(bad, p=(outside[bad] + 0.005) / (outside[bad] + 0.005).sum())
        alone = np.array([seat])
        return alone if self.rng.random() < 0.5 else np.concatenate([alone, self._ring(search, alone)])

    def _draw(self, units: IntArray, size: FloatArray) -> int:
        """One of these units, a large one likelier; any where there is none."""
        if not len(units):
            return int(self.rng.choice(self.free))
        weight = size[units] + 1e-9
        return int(self.rng.choice(units, p=weight / weight.sum()))

    def _ring(self, search: Search, seats: IntArray) -> IntArray:
        """These seats and those that touch them."""
        area = self.problem.areas.area_of_unit  # type: ignore[union-attr]
        mine = area[np.isin(search.owners, seats)]
        near: BoolArray = np.zeros(self.adjacency.shape[0], bool)
        held = np.unique(mine[mine >= 0])
        near[held] = True
        near[self.adjacency[held].indices] = True
        return np.union1d(seats, search.owners[(area >= 0) & near[area]])

    def _of_seats(self, search: Search) -> FloatArray:
        over = np.maximum(search.loads - self.high, 0.0) + np.maximum(self.low - search.loads, 0.0)
        return np.asarray(over.sum(axis=1) * self.limits.balanced)

    def _outside(self, search: Search) -> float:
        return float(self._of_seats(search).sum())

    def _worth(self, now: _Now) -> float:
        """What a mean seat costs: the scale of what load is worth."""
        spread = float(now.search.candidates.spread().sum())
        return max(now.search.cost(), spread, 1e-6 * self.problem.seats) / self.problem.seats


@dataclass(frozen=True)
class _Kept:
    """An assignment to come back to, and what it is worth."""

    state: tuple[FloatArray | IntArray, ...]
    cost: float
    excess: float
    outside: float

    WRITTEN = ("owners", "slots", "loads", "members", "count", "position", "area_count")

    @classmethod
    def of(cls, search: Search, outside: float) -> _Kept:
        """What the search holds now."""
        state = tuple(getattr(search.arrays, name).copy() for name in cls.WRITTEN)
        return cls(state, search.cost(), search.excess(), outside)

    def put_back(self, search: Search) -> None:
        """Make the search hold it again."""
        for name, kept in zip(self.WRITTEN, self.state, strict=True):
            getattr(search.arrays, name)[...] = kept
