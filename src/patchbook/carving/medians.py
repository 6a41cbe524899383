"""Capacitated p-median: choose which units are medians, and which median serves each unit.

The general engine balances several measures between seats; this is the classical problem beneath it, with public
instances to be measured on. Every unit goes to one median, a median is one of its own units, the demands at a median
stay within its capacity, and the sum of distances is least. See `docs/explanation/medians.md`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from patchbook.carving.problem import FloatArray, IntArray
from patchbook.carving.stop import StoppingCriterion, share_spent
from patchbook.errors import BadInput, Infeasible

if TYPE_CHECKING:
    from patchbook.carving._kernels.median_groups import Ground, Groups

Progress = Callable[[int, float], None]
"""Told the round and the objective of the best feasible answer so far (infinite while there is none)."""

NEIGHBOURS = 12
"""A unit may only be offered to the groups of so many nearest units: further ones are never right for long."""
MATRIX_UP_TO = 1_000
"""Up to so many units distances are kept in a matrix; above, computing them is quicker than fetching them."""
MOVES_PER_UNIT = 60_000
"""Moves after which a cooling has done its work; a larger budget is spent on more coolings."""
MOST_COOLINGS = 12
COOLING = 0.4
COOLING_LARGE = 0.15
RESEATED = 30
R_MOVES, R_GROUPS = 20, 7
W_LEAST, W_MOST, W_END, W_LENIENT, W_STRICT, W_MOVES, W_UNITS = 0.06, 0.2, 0.025, 30.0, 150.0, 1500, 300
RELOCATE_EVERY = 50
"""Every so many moves, and fewer where groups are large, a group is dissolved and another split."""
ROUNDING = 1e-9
"""Part of a capacity by which sums of demands may be off without being above it."""
HOT, COLD = 0.15, 0.025
"""Temperatures, in mean distances of a unit to its median: of a first cooling, of one from the best, and at the end."""
HOT_LARGE, LARGE_UNITS = 0.3, 10
"""A first cooling of groups of more units on average starts hotter: a unit weighs less there against the whole."""
LENIENT, STRICT = 10.0, 150.0
"""Price of a unit of demand above capacity when a cooling starts and ends, in mean distances per mean demand."""


class BadMedians(BadInput):
    """The arrays do not describe a p-median problem."""


class NoRoom(Infeasible):
    """The capacities cannot hold the demands, whatever the medians."""


@dataclass(frozen=True, kw_only=True)
class MediansResult:
    """Which units are medians, who is served by which, and how good that is."""

    medians: IntArray
    """(seats,) the unit that is the median of each group."""
    owners: IntArray
    """(units,) the group each unit belongs to: its median is `medians[owners]`."""
    objective: float
    """Sum of the distances of all units to their medians."""
    excess: float
    """Demand above capacity, over all groups; 0 when the answer is feasible."""
    iterations: int
    """Rounds of the search."""

    @property
    def is_feasible(self) -> bool:
        """Every group's demand is within the capacity of its median."""
        return self.excess == 0.0


def carve_medians(
    demands: npt.ArrayLike,
    capacities: npt.ArrayLike,
    seats: int,
    *,
    positions: npt.ArrayLike | None = None,
    distances: npt.ArrayLike | None = None,
    seed: int = 0,
    stop: StoppingCriterion,
    progress: Progress | None = None,
) -> MediansResult:
    """
    The best grouping of the units round `seats` medians that the search finds before it is stopped.

    Parameters
    ----------
    demands
        (units,) what each unit asks of its median, at least 0.
    capacities
        (units,) what each unit can carry as a median, or one number for all.
    seats
        How many medians.
    positions
        (units, 2) places on a plane; the distance is the straight line. Either these or `distances`.
    distances
        (units, units) symmetric, at least 0, and 0 from a unit to itself.
    seed
        The same seed and number of rounds give the same answer.
    stop
        Asked before each round with the best objective so far. A criterion with a budget (seconds, rounds) also
        sets how fast the search cools; without one, it cools again and again until it is stopped.
    progress
        Told after each round.

    Examples
    --------
    >>> from patchbook.carving.stop import MaxIterations
    >>> carved = carve_medians([1, 1, 1, 1], 2, 2, positions=[[0, 0], [1, 0], [5, 0], [6, 0]], stop=MaxIterations(1))
    >>> carved.objective, carved.is_feasible, bool(carved.owners[0] == carved.owners[1])
    (2.0, True, True)
    """
    ground = _ground(demands, capacities, seats, positions, distances)
    _check_room(ground, seats)
    return _Search(ground, seats, seed).run(stop, progress)


class _Search:
    """One search: a partition that is cooled, and the best feasible one met."""

    def __init__(self, ground: Ground, seats: int, seed: int) -> None:
        self._ground = ground
        self._seats = seats
        self._random = np.array([_scramble(seed)], np.uint64)
        units = len(ground.demands)
        self._units = units
        # A round has to be worth the rebuilding of all sums at its start, about units²/seats distances.
        self._moves = max(20_000, 20 * units, units * units // (5 * seats))
        # Dissolving and splitting take size² steps, and pay where groups are small.
        self._relocate_every = max(RELOCATE_EVERY, (units // seats) ** 2)
        self._best_owner = np.zeros(units, np.int64)
        self._round_owner = np.zeros(units, np.int64)
        self._best_cost = np.array([math.inf])

    def run(self, stop: StoppingCriterion, progress: Progress | None) -> MediansResult:
        """Cool until stopped."""
        from patchbook.carving._kernels.median_groups import Region
        from patchbook.carving._kernels.median_windows import recool
        from patchbook.carving._kernels.median_reseat import reseat
        from patchbook.carving._kernels.medians import anneal

        groups = self._start()
        if self._seats == self._units:
            return self._result(groups, 0)  # every unit is its own median
        distance_unit = max(self._mean_distance(groups), 1e-12)
        price_unit = distance_unit / max(float(self._ground.demands.mean()), 1e-12)
        schedule = _Schedule(max(1, self._units * MOVES_PER_UNIT // self._moves))
        hot = HOT_LARGE if self._units > LARGE_UNITS * self._seats else HOT
        everything = Region(
            np.arange(self._units), np.arange(self._seats), np.ones(self._seats, np.bool_)
        )
        rounds = 0
        cool_share = COOLING_LARGE if self._units >= RESEATED * self._seats else COOLING
        windows = False
        best = np.array([math.inf])
        while not stop(float(self._best_cost[0])):
            cooling, done = schedule.at(rounds, share_spent(stop))
            if cooling != schedule.cooling:
                schedule.cooling = cooling
                groups = self._start()
                windows = False
                best[0] = math.inf
            if not windows and (done < cool_share or not math.isfinite(best[0])):
                done /= cool_share
                penalty = LENIENT * (STRICT / LENIENT) ** done
                if not math.isfinite(best[0]):
                    penalty *= 4.0**cooling  # nothing feasible yet: insist
                anneal(
                    self._ground,
                    groups,
                    everything,
                    self._random,
                    self._moves,
                    self._relocate_every,
                    hot * (COLD / hot) ** done * distance_unit,
                    penalty * price_unit,
                    self._round_owner,
                    best,
                )
            else:
                if not windows:
                    groups = self._of(self._round_owner)
                    windows = True
                    prices = np.zeros(self._seats)
                    mean = self._mean_distance(groups)
                    price = mean / max(float(self._ground.demands.mean()), 1e-12)
                    cool = np.array([W_LEAST * mean, W_MOST * mean, W_END * mean, W_LENIENT * price, W_STRICT * price])
                if self._units >= RESEATED * self._seats or rounds % 2 == 0:
                    reseat(self._ground, groups, self._random, cool, self._relocate_every, R_MOVES, R_GROUPS * self._units // self._seats, prices, self._moves)
                else:
                    recool(self._ground, groups, self._random, cool, self._relocate_every, W_MOVES, W_UNITS, self._moves)
                best[0] = float(groups.sums[groups.median].sum())
                self._round_owner[:] = groups.owner
            if best[0] < self._best_cost[0]:
                self._best_cost[0] = best[0]
                self._best_owner[:] = self._round_owner
            rounds += 1
            if progress is not None:
                progress(rounds, float(self._best_cost[0]))
        if math.isfinite(self._best_cost[0]):
            groups = self._of(self._best_owner)
        return self._result(groups, rounds)

    def _start(self) -> Groups:
        from patchbook.carving._kernels.median_construction import assign, scatter

        medians = scatter(self._ground, self._seats, self._random)
        return self._of(assign(self._ground, medians))

    def _of(self, owner: IntArray) -> Groups:
        from patchbook.carving._kernels.median_groups import Groups, rebuild

        units, seats = self._units, self._seats
        groups = Groups(
            owner=owner.copy(),
            after=np.zeros(units, np.int64),
            before=np.zeros(units, np.int64),
            sums=np.zeros(units),
            without=np.zeros(units),
            median=np.zeros(seats, np.int64),
            load=np.zeros(seats),
            size=np.zeros(seats, np.int64),
            cost=np.zeros(seats),
            least=np.zeros(seats),
            gain=np.full(seats, -math.inf),
            loss=np.full(seats, math.inf),
        )
        # So high a price that each median is the cheapest with room, where there is one.
        rebuild(self._ground, groups, 1e6 * (1.0 + self._ground.nearest.max()))
        return groups

    def _mean_distance(self, groups: Groups) -> float:
        return float(groups.sums[groups.median].sum()) / self._units

    def _result(self, groups: Groups, rounds: int) -> MediansResult:
        over = groups.load - self._ground.capacities[groups.median]
        return MediansResult(
            medians=groups.median,
            owners=groups.owner,
            objective=float(groups.sums[groups.median].sum()),
            excess=float(over[over > 0].sum()),
            iterations=rounds,
        )


class _Schedule:
    """How far the search has cooled, and how often: from the share of the budget that is spent."""

    def __init__(self, rounds_of_a_cooling: int) -> None:
        self.cooling = 0
        self._rounds_of_a_cooling = rounds_of_a_cooling
        self._coolings = 1

    def at(self, rounds: int, spent: float | None) -> tuple[int, float]:
        """Which cooling this round belongs to, and how far through it the round is, from 0 to 1."""
        if not spent:  # no budget, or its first round: the length of a full cooling is the measure
            cooling, done = divmod(rounds, self._rounds_of_a_cooling)
            return cooling, done / self._rounds_of_a_cooling
        if rounds <= 3:
            whole = rounds / spent
            self._coolings = min(MOST_COOLINGS, max(1, round(whole / self._rounds_of_a_cooling)))
        position = spent * self._coolings
        cooling = min(int(position), self._coolings - 1)
        return cooling, min(1.0, position - cooling)


def _ground(
    demands: npt.ArrayLike,
    capacities: npt.ArrayLike,
    seats: int,
    positions: npt.ArrayLike | None,
    distances: npt.ArrayLike | None,
) -> Ground:
    from patchbook.carving._kernels.median_groups import Ground

    demand = np.array(demands, dtype=np.float64)
    if demand.ndim != 1 or not len(demand):
        raise BadMedians(f"Demands have the shape {demand.shape}; one number for each unit is needed, and a unit.")
    units = len(demand)
    if np.shape(capacities) not in ((), (units,)):
        raise BadMedians(
            f"Capacities have the shape {np.shape(capacities)}; one number or one for each unit is needed."
        )
    capacity = np.array(np.broadcast_to(np.asarray(capacities, dtype=np.float64), units))
    for name, values in (("demand", demand), ("capacity", capacity)):
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if len(wrong):
            raise BadMedians(f"The {name} of unit {wrong[0]} is {values[wrong[0]]}; it must be finite and at least 0.")
    if not 1 <= seats <= units:
        raise BadMedians(f"{seats} medians are asked of {units} units; it must be from 1 to {units}.")
    if (positions is None) == (distances is None):
        raise BadMedians("Either positions or distances must be given, and not both.")
    if positions is not None:
        x, y, matrix, neighbours, nearest = _on_a_plane(np.array(positions, dtype=np.float64), units)
    else:
        x = y = np.zeros(0)
        matrix, neighbours, nearest = _by_matrix(np.array(distances, dtype=np.float64), units)
    capacity *= 1 + ROUNDING
    return Ground(
        x=x,
        y=y,
        distances=matrix,
        demands=demand,
        capacities=capacity,
        neighbours=neighbours,
        nearest=nearest,
        largest_capacity=float(capacity.max()),
        thresholds=-np.log((np.arange(1024) + 0.5) / 1024),
    )


def _on_a_plane(places: FloatArray, units: int) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, FloatArray]:
    from scipy.spatial import KDTree

    if places.shape != (units, 2):
        raise BadMedians(
            f"Positions have the shape {places.shape}; two numbers for each of the {units} units are needed."
        )
    wrong = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if len(wrong):
        raise BadMedians(f"Unit {wrong[0]} has no place: its position is {places[wrong[0]].tolist()}.")
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    if units <= MATRIX_UP_TO:
        matrix = np.hypot(x[:, None] - x, y[:, None] - y)
        return x, y, *_by_matrix(matrix, units)
    found = KDTree(places).query(places, NEIGHBOURS + 1)
    distance, neighbour = np.asarray(found[0]), np.asarray(found[1])
    # Where several units share a place, a unit need not be the first of its own neighbours.
    itself = neighbour == np.arange(units)[:, None]
    itself[~itself.any(axis=1), -1] = True
    neighbours = neighbour[~itself].reshape(units, NEIGHBOURS).astype(np.int64)
    return x, y, np.zeros((0, 0)), neighbours, distance[~itself].reshape(units, NEIGHBOURS)[:, 0].copy()


def _by_matrix(matrix: FloatArray, units: int) -> tuple[FloatArray, IntArray, FloatArray]:
    if matrix.shape != (units, units):
        raise BadMedians(f"Distances have the shape {matrix.shape}; ({units}, {units}) is needed.")
    if not (np.isfinite(matrix).all() and (matrix >= 0).all() and not matrix.diagonal().any()):
        raise BadMedians("A distance is negative or not a number, or that of a unit to itself is not 0.")
    if not np.array_equal(matrix, matrix.T):
        i, j = np.argwhere(matrix != matrix.T)[0]
        raise BadMedians(f"Distances {matrix[i, j]} from unit {i} to {j} and {matrix[j, i]} back must be equal.")
    others = matrix.copy()
    np.fill_diagonal(others, math.inf)
    reach = min(NEIGHBOURS, units - 1)
    neighbours = np.argsort(others, axis=1, kind="stable")[:, :reach].astype(np.int64)
    nearest = others.min(axis=1) if units > 1 else np.zeros(units)
    return np.ascontiguousarray(matrix), np.ascontiguousarray(neighbours), nearest


def _check_room(ground: Ground, seats: int) -> None:
    """Refuse what no choice of medians can hold; the search finds out the rest."""
    biggest = int(ground.demands.argmax())
    if ground.demands[biggest] > ground.largest_capacity:
        raise NoRoom(
            f"Unit {biggest} demands {ground.demands[biggest]:g}, more than the largest capacity, "
            f"{ground.largest_capacity:g}."
        )
    room = float(np.sort(ground.capacities)[-seats:].sum())
    if ground.demands.sum() > room:
        raise NoRoom(
            f"All units together demand {ground.demands.sum():g}, and the {seats} largest capacities hold {room:g}."
        )


def _scramble(seed: int) -> int:
    """A state for the generator far from those of neighbouring seeds, and never 0 (splitmix64, Steele et al. 2014)."""
    mask = 2**64 - 1
    word = (seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return (word ^ (word >> 31)) or 1
