"""Capacitated p-median: choose which units are medians, and which median serves each unit.

The general engine balances several measures between seats; this is the classical problem beneath it, with public
instances to be measured on. Every unit goes to one median, a median is one of its own units, the demands at a median
stay within its capacity, and the sum of distances is least. See `docs/explanation/medians.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from patchbook.carving.median_search import MedianSearch, Progress
from patchbook.carving.problem import FloatArray, IntArray
from patchbook.carving.stop import StoppingCriterion
from patchbook.errors import BadInput, Infeasible

if TYPE_CHECKING:
    from patchbook.carving._kernels.median_groups import Ground, Groups

NEIGHBOURS = 12
"""A unit may only be offered to the groups of so many nearest units: further ones are never right for long."""
MATRIX_UP_TO = 1_000
"""Up to so many units distances are kept in a matrix; above, computing them is quicker than fetching them."""
ROUNDING = 1e-9
"""Part of a capacity by which sums of demands may be off without being above it."""


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
    ground, order = _ground(demands, capacities, seats, positions, distances)
    _check_room(ground, seats, order)
    search = MedianSearch(ground, seats, seed)
    rounds = search.run(stop, progress)
    return _result(ground, search.answer(), order, rounds)


def _result(ground: Ground, groups: Groups, order: IntArray, rounds: int) -> MediansResult:
    over = groups.load - ground.capacities[groups.median]
    owners = np.empty_like(groups.owner)
    owners[order] = groups.owner
    return MediansResult(
        medians=order[groups.median],
        owners=owners,
        objective=float(groups.sums[groups.median].sum()),
        excess=float(over[over > 0].sum()),
        iterations=rounds,
    )


def _ground(
    demands: npt.ArrayLike,
    capacities: npt.ArrayLike,
    seats: int,
    positions: npt.ArrayLike | None,
    distances: npt.ArrayLike | None,
) -> tuple[Ground, IntArray]:
    """What the search works on, and which unit stands where in it: units near each other stand together."""
    from scipy.spatial import KDTree

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
        places = _checked_places(np.array(positions, dtype=np.float64), units)
        order = KDTree(places).indices.astype(np.int64)
        demand, capacity = demand[order], capacity[order]
        x, y, matrix, neighbours, nearest = _on_a_plane(places[order])
    else:
        x = y = np.zeros(0)
        order = np.arange(units)
        matrix, neighbours, nearest = _by_matrix(np.array(distances, dtype=np.float64), units)
    capacity *= 1 + ROUNDING
    ground = Ground(
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
    return ground, order


def _checked_places(places: FloatArray, units: int) -> FloatArray:
    if places.shape != (units, 2):
        raise BadMedians(
            f"Positions have the shape {places.shape}; two numbers for each of the {units} units are needed."
        )
    wrong = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if len(wrong):
        raise BadMedians(f"Unit {wrong[0]} has no place: its position is {places[wrong[0]].tolist()}.")
    return places


def _on_a_plane(places: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, FloatArray]:
    from scipy.spatial import KDTree

    units = len(places)
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


def _check_room(ground: Ground, seats: int, order: IntArray) -> None:
    """Refuse what no choice of medians can hold; the search finds out the rest."""
    biggest = int(ground.demands.argmax())
    if ground.demands[biggest] > ground.largest_capacity:
        raise NoRoom(
            f"Unit {order[biggest]} demands {ground.demands[biggest]:g}, more than the largest capacity, "
            f"{ground.largest_capacity:g}."
        )
    room = float(np.sort(ground.capacities)[-seats:].sum())
    if ground.demands.sum() > room:
        raise NoRoom(
            f"All units together demand {ground.demands.sum():g}, and the {seats} largest capacities hold {room:g}."
        )
