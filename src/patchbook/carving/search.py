"""Local search over one assignment: the arrays the moves share, and sweeps of every move until none helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from patchbook.carving._kernels.anneal import anneal
from patchbook.carving._kernels.state import Arrays, enrol
from patchbook.carving.costs import Candidates
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import each
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.regions import regions_of

HOT, COLD = 0.01, 0.0005
"""First and last temperature of annealing, relative to the mean scale of a unit's choice."""
ANNEAL_REACH = 6
"""Seats of a unit that annealing looks at."""
ANNEAL_PARTS = 4
"""Times the regions are drawn anew while annealing cools."""
REPAIR_ROUNDS = 40
EMPTY = np.empty(0, np.int64)


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard one sweep looks."""

    penalty: float
    """What one mean seat's load outside its limits costs."""
    only_violated: bool
    """Look only at units in or beside seats outside their limits."""
    tries: int = 6
    """Partners drawn from each seat."""
    reach: int = 7
    """How many of a unit's cheapest seats are looked at for exchanges."""


def repairs(penalty: float) -> Iterator[Effort]:
    """Ever more effort to bring seats inside their limits: what is outside costs more, partners are sought further."""
    for number in range(REPAIR_ROUNDS):
        yield Effort(
            penalty=penalty, only_violated=True, tries=0 if number < 3 else min(4 + number, 30),
            reach=7 if number < 12 else 16,
        )  # fmt: skip
        penalty *= 1.6


class Search:
    """An assignment being improved. Moves change it in place."""

    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        candidates: Candidates,
        slots: IntArray,
        prices: FloatArray | None = None,
        centres: FloatArray | None = None,
    ) -> None:
        """
        Start from an assignment.

        Parameters
        ----------
        slots
            (units,) the position of each unit's seat in its list of candidates.
        prices
            (seats, measures) steer the search; without them only the true cost counts.
        centres
            (seats, dimensions) by which seats are grouped into regions that are improved side by side.
        """
        self.problem, self.limits, self.candidates, self.centres = problem, limits, candidates, centres
        self.prices = np.zeros_like(limits.low) if prices is None else prices
        owners = candidates.seats[np.arange(len(slots)), slots].astype(np.int64)
        self.loads = limits.loads(owners)
        self._lay_out(owners, slots.astype(np.int64))

    def lay_out(self) -> None:
        """Lay the assignment out anew, after something else than a sweep has changed it."""
        self._lay_out(self.owners, self.slots)
        self.loads[:] = self.limits.loads(self.owners)

    def _lay_out(self, owners: IntArray, slots: IntArray) -> None:
        problem = self.problem
        members, start, count, position = enrol(owners, problem.seats, 1.5)
        apart_start, apart_with = _neighbour_lists(problem.apart, problem.units)
        if problem.areas is not None:
            areas = problem.areas
            number = areas.adjacency.shape[0]
            area = areas.area_of_unit.astype(np.int64)
            area_count = np.zeros((problem.seats, number), np.int32)
            placed = area >= 0
            np.add.at(area_count, (owners[placed], area[placed]), 1)
            area_start, area_next = areas.adjacency.indptr.astype(np.int64), areas.adjacency.indices.astype(np.int64)
        else:
            number, area, area_count = 0, EMPTY, np.zeros((1, 1), np.int32)
            area_start, area_next = EMPTY, EMPTY
        self.arrays = Arrays(
            cost=self.candidates.cost, seats=self.candidates.seats, weights=self.limits.weights, prices=self.prices,
            low=self.limits.low, high=self.limits.high, owners=owners, slots=slots, loads=self.loads,
            members=members, start=start, count=count, position=position,
            apart_start=apart_start, apart_with=apart_with,
            area=area, area_start=area_start, area_next=area_next, area_count=area_count,
            **scratch_of(number),
            region=np.zeros(problem.seats, np.int64),
        )  # fmt: skip

    @property
    def owners(self) -> IntArray:
        """(units,) the seat of each unit."""
        owners: IntArray = self.arrays.owners
        return owners

    @property
    def slots(self) -> IntArray:
        """(units,) where each unit's seat stands in its list."""
        slots: IntArray = self.arrays.slots
        return slots

    def cost(self) -> float:
        """What the assignment costs, without prices."""
        return float(self.candidates.cost[np.arange(len(self.slots)), self.slots].sum())

    def excess(self) -> float:
        """How far outside its limits the worst seat is, as a share of a mean seat."""
        return self.limits.excess(self.loads)

    def forbidding(self) -> Effort:
        """Effort whose penalty no saving is worth: limits are kept."""
        scale = max(self.cost(), float(self.candidates.spread().sum()), 1e-6)
        return Effort(penalty=1e3 * scale, only_violated=False, tries=5)

    def sweep(self, order: IntArray, effort: Effort, seed: int) -> int:
        """One round of every move; how many were made."""
        from patchbook.carving.improve import MOVES

        self._lay_out(self.owners, self.slots)
        self.loads[:] = self.limits.loads(self.owners)  # drift of sums of floats does not add up over rounds
        made = 0
        for number, move in enumerate(MOVES):
            if move.supports(self.problem):
                parts = self._side_by_side(order, seed)
                made += sum(
                    each(lambda part, m=move, n=number: m.sweep(part[0], part[1], effort, seed + n), parts)  # type: ignore[misc]
                )
        return made

    def _side_by_side(self, order: IntArray, turn: int) -> list[tuple[Arrays, IntArray]]:
        """The state and the units of each region; what one region writes no other reads."""
        region = regions_of(self.centres, self.problem.units, self.problem.seats, turn)
        count = int(region.max(initial=0)) + 1
        if count == 1:
            return [(self.arrays._replace(region=region), order)]
        mine = region[self.owners[order]]
        areas = len(self.arrays.mark)
        return [
            (self.arrays._replace(region=region, **scratch_of(areas)), order[mine == number]) for number in range(count)
        ]

    def anneal(self, units: IntArray, steps: int, penalty: float, seed: int) -> None:
        """Random shifts and swaps of these units, `steps` for each, dearer ones ever more seldom."""
        scale = float(self.candidates.spread()[units].mean()) if len(units) else 0.0
        if scale <= 0.0 or self.problem.seats < 2:
            return
        self._lay_out(self.owners, self.slots)
        regions = regions_of(self.centres, self.problem.units, self.problem.seats, 0)
        parts = 1 if not regions.any() else ANNEAL_PARTS
        for part in range(parts):
            hot, cold = (HOT * (COLD / HOT) ** (at / parts) for at in (part, part + 1))

            def cooled(
                piece: tuple[Arrays, IntArray], hot: float = hot, cold: float = cold, number: int = part
            ) -> None:
                arrays, mine = piece
                if len(mine):
                    anneal(
                        arrays, mine, steps * len(mine) // parts, hot * scale, cold * scale, penalty, ANNEAL_REACH,
                        seed + number,
                    )  # fmt: skip

            each(cooled, self._side_by_side(units, seed + part))
            self._lay_out(self.owners, self.slots)
        self.loads[:] = self.limits.loads(self.owners)

    def until_settled(
        self, order: IntArray, effort: Effort, seed: int, *, rounds: int, stop: Callable[[], bool] = lambda: False
    ) -> int:
        """Rounds of every move until none helps."""
        made = 0
        for number in range(rounds):
            moved = self.sweep(order, effort, seed + 101 * number)
            made += moved
            if moved == 0 or stop():
                break
        return made


def scratch_of(areas: int) -> dict[str, IntArray]:
    """Scratch of the searches for pieces, with the first search's marks above the zeros that stand there."""
    queue = np.zeros(areas + 1, np.int64)
    queue[areas] = 1
    return {"queue": queue, **{name: np.zeros(areas, np.int64) for name in ("mark", "leader", "waiting")}}


def annealed(
    search: Search,
    prices: FloatArray,
    units: IntArray,
    *,
    steps: int,
    order: Callable[[int], IntArray],
    settle: Callable[[Search], object],
    seed: int,
) -> Search:
    """
    The better of the search and of what annealing makes of it; annealing may leave the limits on its way.

    Parameters
    ----------
    prices
        (seats, measures) by which the price of being outside is set.
    units, steps
        Those that may move, and how many random changes are tried for each.
    order
        The units in the order a round of repair goes through them.
    settle
        Makes an assignment inside its limits cheaper, in place.
    """
    trial = Search(search.problem, search.limits, search.candidates, search.slots.copy(), centres=search.centres)
    penalty = 3.0 * max(float(np.abs(prices).max(initial=0.0)), 1e-9)
    trial.anneal(units, steps, penalty, seed)
    for number in range(12):
        if trial.excess() == 0.0:
            break
        repair = Effort(penalty=penalty, only_violated=True, tries=10, reach=10)
        trial.until_settled(order(number), repair, seed + number, rounds=2)
        penalty *= 2
    if trial.excess() > 0.0:
        return search
    settle(trial)
    return trial if trial.cost() < search.cost() else search


def _neighbour_lists(pairs: IntArray | None, units: int) -> tuple[IntArray, IntArray]:
    """For each unit, the units it is paired with: offsets and a flat list."""
    if pairs is None or not len(pairs):
        return np.zeros(units + 1, np.int64), EMPTY
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    both = both[np.argsort(both[:, 0], kind="stable")]
    return np.searchsorted(both[:, 0], np.arange(units + 1)), np.ascontiguousarray(both[:, 1])
