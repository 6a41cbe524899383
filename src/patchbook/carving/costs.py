"""What each unit costs at each seat: travel, affinity, leaving today's owner; infinite where a seat may not take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.carving._kernels.costs import add_travel, add_way, cheapest
from patchbook.carving._kernels.nearest import nearest
from patchbook.carving.limits import Limits, limits
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.problem import EARTH_RADIUS_KM, BoolArray, FloatArray, IntArray, Places, Problem

BLOCK = 4_000_000
"""Cells of the cost matrix worked out at a time; bounds memory at about 32 MB."""


@dataclass(frozen=True)
class Candidates:
    """For each unit the seats worth looking at, cheapest first."""

    seats: npt.NDArray[np.int32]
    """(units, width) seat numbers; -1 ends a unit's list."""
    cost: FloatArray
    """(units, width); infinite after the end."""

    def spread(self) -> FloatArray:
        """How much dearer the fourth seat of a unit is than its first: the scale of its choice."""
        first = self.cost[:, :4]
        last = np.max(first, axis=1, where=np.isfinite(first), initial=-np.inf)
        return np.asarray(np.where(np.isfinite(last), last - self.cost[:, 0], np.nan))


class Costs:
    """The cost of any unit at any seat, for given centres, worked out a block of units at a time."""

    def __init__(self, problem: Problem, *, stay_price: float | FloatArray = 0.0, limits: Limits | None = None) -> None:
        """
        Prepare the costs of a problem.

        Parameters
        ----------
        stay_price
            Added to what leaving the incumbent costs, for each unit of value; one for all, or (units,).
        limits
            What units are bound to and which seats are shut; nothing is without them.
        """
        self.problem = problem
        if limits is None:
            self.bind(np.full(problem.units, -1), np.zeros(problem.seats, bool))
        else:
            self.bind(limits.only, ~limits.balanced)
        value = problem.value if problem.value is not None else np.ones(problem.units)
        stay = problem.stay if problem.stay is not None else np.zeros(problem.units)
        self.stay = stay + stay_price * value
        self.value = value
        places = problem.places
        if places is not None:
            order = np.argsort(places.unit_of_site, kind="stable")
            self._sites = np.ascontiguousarray(places.sites[order], float)
            self._unit_of_site = places.unit_of_site[order].astype(np.int64)
            self._weight = places.weight[order].astype(float)
            self._first_site = np.searchsorted(self._unit_of_site, np.arange(problem.units + 1))

    def bind(self, only: IntArray, shut: BoolArray) -> None:
        """
        Narrow what is allowed.

        Parameters
        ----------
        only
            (units,) the one seat a unit may have (locked or oversized), -1 where it may have any.
        shut
            (seats,) seats that an oversized unit fills: others go there only if nobody else may take them.
        """
        self.only = only
        self.shut = shut
        if self.problem.kind_cost is None:
            self._open_kind: BoolArray = np.ones(1, bool)
        else:
            self._open_kind = np.asarray((np.isfinite(self.problem.kind_cost) & ~shut).any(axis=1))

    def block(self, first: int, last: int, centres: FloatArray | None) -> FloatArray:
        """Costs of the units from `first` up to `last` at every seat: (last - first, seats)."""
        return self.rows(np.arange(first, last), centres)

    def rows(self, units: IntArray, centres: FloatArray | None) -> FloatArray:
        """Costs of these units at every seat: (units, seats)."""
        problem = self.problem
        cost = np.zeros((len(units), problem.seats))
        if problem.places is not None and centres is not None and problem.travel > 0:
            site, row = self._sites_of(units)
            add_travel(self._sites[site], row, self._weight[site], centres, self._bend, problem.travel, cost)
        if problem.kind is not None and problem.kind_cost is not None:
            cost += problem.kind_cost[problem.kind[units]] * self.value[units, None]
        if problem.incumbent is not None:
            held = np.flatnonzero(problem.incumbent[units] >= 0)
            cost[held] += self.stay[units[held], None]
            cost[held, problem.incumbent[units[held]]] -= self.stay[units[held]]
        if self.shut.any():
            kind = np.zeros(len(units), np.int64) if problem.kind is None else problem.kind[units]
            cost[np.ix_(self._open_kind[kind], self.shut)] = np.inf
        bound = np.flatnonzero(self.only[units] >= 0)
        if len(bound):
            seat = self.only[units[bound]]
            own = cost[bound, seat]
            cost[bound] = np.inf
            cost[bound, seat] = np.where(np.isfinite(own), own, 0.0)
        return cost

    def candidates(self, centres: FloatArray | None, width: int, keep: IntArray, units: IntArray) -> Candidates:
        """The `width` cheapest seats of these units, with `keep` (a unit's seat, or -1) always among them."""
        width = min(width, self.problem.seats)
        seats = np.empty((len(units), width), np.int32)
        cost = np.empty((len(units), width))
        quick = self._by_place_alone(units) if centres is not None and width < self.problem.seats else None
        if quick is not None and centres is not None:
            self._nearest(centres, keep, units, quick, seats, cost)
            slow = np.flatnonzero(~quick)
        else:
            slow = np.arange(len(units))
        step = max(1, BLOCK // self.problem.seats)

        def some(part: slice) -> None:
            for first in range(part.start, part.stop, step):
                rows = slow[first : min(first + step, part.stop)]
                near, price = np.empty((len(rows), width), np.int32), np.empty((len(rows), width))
                cheapest(self.rows(units[rows], centres), keep[rows], near, price)
                seats[rows], cost[rows] = near, price

        each(some, blocks_of(len(slow), cells_each=self.problem.seats))
        return Candidates(seats, cost)

    def _by_place_alone(self, units: IntArray) -> BoolArray | None:
        """(len(units),) whose costs are travel from one site and leaving the incumbent; None where few or none are."""
        problem = self.problem
        if problem.places is None or problem.travel <= 0 or problem.kind is not None or self.shut.all():
            return None
        quick: BoolArray = (self._first_site[units + 1] - self._first_site[units] == 1) & (self.only[units] < 0)
        return quick if quick.mean() > 0.5 else None

    def _nearest(
        self, centres: FloatArray, keep: IntArray, units: IntArray, quick: BoolArray,
        seats: npt.NDArray[np.int32], cost: FloatArray,
    ) -> None:  # fmt: skip
        """Fill in the seats and costs of the quick ones."""
        problem = self.problem
        open_seats = np.flatnonzero(~self.shut)
        rows = np.flatnonzero(quick)
        width = seats.shape[1]

        def some(part: slice) -> None:
            mine = rows[part]
            chosen = units[mine]
            site = self._first_site[chosen]
            today = np.full(len(mine), -1) if problem.incumbent is None else problem.incumbent[chosen]
            in_place = len(rows) == len(seats)  # then these are all of them, in their order
            near = seats[part] if in_place else np.empty((len(mine), width), np.int32)
            price = cost[part] if in_place else np.empty((len(mine), width))
            nearest(
                self._sites[site], self._weight[site] * problem.travel, centres, open_seats, self._bend, today,
                self.stay[chosen], keep[mine], near, price,
            )  # fmt: skip
            if not in_place:
                seats[mine], cost[mine] = near, price

        each(some, blocks_of(len(rows), cells_each=width * 4))

    def total(self, owners: IntArray, centres: FloatArray | None) -> float:
        """What an assignment costs; units without a seat (-1) cost nothing."""
        return float(self.each(owners, centres).sum())

    def each(self, owners: IntArray, centres: FloatArray | None) -> FloatArray:
        """(units,) what each unit costs where it is, as `rows` has it; 0 for units without a seat."""
        problem = self.problem
        cost = np.zeros(problem.units)
        if problem.places is not None and centres is not None and problem.travel > 0:
            add_way(
                self._sites, self._unit_of_site, self._weight, owners.astype(np.int64), centres, self._bend,
                problem.travel, cost,
            )  # fmt: skip
        units = np.flatnonzero(owners >= 0)
        seats = owners[units]
        kind = np.zeros(len(units), np.int64) if problem.kind is None else problem.kind[units]
        if problem.kind is not None and problem.kind_cost is not None:
            cost[units] += problem.kind_cost[kind, seats] * self.value[units]
        if problem.incumbent is not None:
            left = (problem.incumbent[units] >= 0) & (problem.incumbent[units] != seats)
            cost[units[left]] += self.stay[units[left]]
        cost[units[self.shut[seats] & self._open_kind[kind]]] = np.inf
        only = self.only[units]
        cost[units[(only == seats) & ~np.isfinite(cost[units])]] = 0.0
        cost[units[(only >= 0) & (only != seats)]] = np.inf
        return cost

    @property
    def _bend(self) -> float:
        """One over the square of the radius that distances bend along: 0 on a plane."""
        places = self.problem.places
        return EARTH_RADIUS_KM**-2 if places is not None and places.on_globe else 0.0

    def _sites_of(self, units: IntArray) -> tuple[IntArray, IntArray]:
        """The sites of these units and the row of `units` each belongs to."""
        count = self._first_site[units + 1] - self._first_site[units]
        row = np.repeat(np.arange(len(units)), count)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return self._first_site[units][row] + offset, row


def within_limits(problem: Problem, *, stay_price: float | FloatArray = 0.0) -> tuple[Costs, Limits]:
    """The costs of a problem, and the limits that narrow them: an oversized unit has the seat where it is cheapest."""
    costs, homes = Costs(problem, stay_price=stay_price), problem.known_centres
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    return costs, lim


def medians(
    places: Places,
    owners: IntArray,
    centres: FloatArray,
    free: IntArray,
    *,
    rounds: int,
    scale: FloatArray | None = None,
) -> FloatArray:
    """
    Centres moved to the geometric median of their units' sites, by Weiszfeld's iteration.

    Weiszfeld (1937), Sur le point pour lequel la somme des distances de n points donnés est minimum.

    Parameters
    ----------
    owners
        (units,) seat, or -1.
    free
        Seats whose centre may move; the others keep theirs.
    scale
        (units,) multiplies the units' weights (a sample stands for more than itself); 0 leaves a unit out.
    """
    centres = centres.copy()
    if not len(free):
        return centres
    seat = owners[places.unit_of_site]
    weight = places.weight if scale is None else places.weight * scale[places.unit_of_site]
    used = np.flatnonzero((seat >= 0) & (weight > 0))
    sites, seat, weight = places.sites[used], seat[used], weight[used]
    seats = len(centres)
    for _ in range(rounds):
        distance = np.sqrt(((sites - centres[seat]) ** 2).sum(axis=1))
        pull = weight / np.maximum(distance, 0.05)
        total = np.bincount(seat, pull, seats)
        for d in range(sites.shape[1]):
            moved = np.bincount(seat, pull * sites[:, d], seats)
            hold = free[total[free] > 0]
            centres[hold, d] = moved[hold] / total[hold]
        if places.on_globe:
            length = np.sqrt((centres[free] ** 2).sum(axis=1))
            centres[free] *= np.where(length > 0, EARTH_RADIUS_KM / np.maximum(length, 1e-9), 1.0)[:, None]
    return centres
