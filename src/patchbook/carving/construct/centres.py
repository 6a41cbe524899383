"""Where the seats' centres start: homes where there are any, else by halving the market again and again."""

from __future__ import annotations

import numpy as np

from patchbook.carving.costs import Costs, medians
from patchbook.carving.limits import Limits
from patchbook.carving.ordered import middle_of
from patchbook.carving.problem import BoolArray, FloatArray, IntArray


def first_centres(
    costs: Costs, limits: Limits, *, seed: int, turn: int = 0
) -> tuple[FloatArray | None, IntArray, IntArray]:
    """
    The centres to begin with, the seats whose centre may move, and a rough owner of each unit.

    Seats without a home start from recursive bisection when nobody has one; beside seats with homes they start where
    the units furthest from every home are (k-means++, Arthur & Vassilvitskii 2007).
    """
    problem = costs.problem
    places = problem.places
    if places is None or problem.travel <= 0:
        rough = np.zeros(problem.units, np.int64) if problem.kind is None else problem.kind.astype(np.int64)
        return None, np.empty(0, np.int64), rough % problem.seats
    homes = places.homes
    position = middle_of(places, problem.units)
    if homes is None or np.isnan(homes).any(axis=1).all():
        owners = bisect(_turned(position, seed, turn), limits.weights.mean(axis=1), limits.balanced)
        centres = np.zeros((problem.seats, places.sites.shape[1]))
        held = np.bincount(owners, minlength=problem.seats)
        for d in range(centres.shape[1]):
            centres[:, d] = np.bincount(owners, position[:, d], problem.seats) / np.maximum(held, 1)
        centres[held == 0] = position.mean(axis=0)
        free = np.arange(problem.seats)
        return medians(places, owners, centres, free, rounds=6), free, owners
    free = np.flatnonzero(np.isnan(homes).any(axis=1))
    centres = homes.copy()
    rng = np.random.default_rng([seed, turn])
    known = np.flatnonzero(~np.isnan(homes).any(axis=1))
    nearest = np.full(problem.units, np.inf)
    for j in known:
        nearest = np.minimum(nearest, np.sqrt(((position - homes[j]) ** 2).sum(axis=1)))
    for j in free:
        chance = nearest * limits.weights.mean(axis=1)
        chance = chance / chance.sum() if chance.sum() > 0 else None
        centres[j] = position[rng.choice(problem.units, p=chance)]
        nearest = np.minimum(nearest, np.sqrt(((position - centres[j]) ** 2).sum(axis=1)))
    return centres, free, _nearest(position, centres)


def bisect(position: FloatArray, size: FloatArray, takes_part: BoolArray) -> IntArray:
    """
    Halve the units along their longer side, each half with its part of the seats, until every seat has its own.

    Parameters
    ----------
    size
        (units,) what the halves are equal in.
    takes_part
        (seats,) seats that get units.
    """
    owners = np.zeros(len(position), np.int64)
    seats = np.flatnonzero(takes_part)
    waiting = [(np.arange(len(position)), seats)]
    while waiting:
        units, part = waiting.pop()
        if len(part) <= 1 or len(units) == 0:
            if len(part):
                owners[units] = part[0]
            continue
        reach = np.percentile(position[units], 95, axis=0) - np.percentile(position[units], 5, axis=0)
        order = units[np.argsort(position[units, int(np.argmax(reach))], kind="stable")]
        half = len(part) // 2
        grown = np.cumsum(size[order])
        cut = int(np.searchsorted(grown, grown[-1] * half / len(part)))
        waiting.append((order[:cut], part[:half]))
        waiting.append((order[cut:], part[half:]))
    return owners


def _turned(position: FloatArray, seed: int, turn: int) -> FloatArray:
    """The positions seen from another side; as they are at turn 0."""
    if turn == 0:
        return position
    dimensions = position.shape[1]
    basis, _ = np.linalg.qr(np.random.default_rng([seed, turn]).normal(size=(dimensions, dimensions)))
    return np.asarray(position @ basis)


def _nearest(position: FloatArray, centres: FloatArray) -> IntArray:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(centres).query(position)[1], np.int64)
