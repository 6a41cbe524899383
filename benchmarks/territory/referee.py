"""Judging any split of the accounts from the instance alone, without any code of the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

from benchmarks.territory.instances import FloatArray, Territories

IntArray = npt.NDArray[np.int64]

ROUNDING = 1e-9
"""Sums of floats are not exact: a load this share outside its limit is inside."""


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Some units at some seats, and prices that prove what every split with them there costs at least."""

    units: tuple[int, ...]
    seats: tuple[int, ...]
    prices: FloatArray


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Prices that are claimed to prove a bound: for any prices at all, what they prove can be worked out."""

    centres: FloatArray
    """(seats, 2) km; the bound is for these centres."""
    prices: FloatArray
    """(seats, 3) what one equal share of a measure is worth, in workload-kilometres."""
    branches: tuple[Placing, ...] = ()
    """Where large units were placed one by one: placings that are claimed to hold every split between them."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a split does."""

    worst_deviations: tuple[float, ...]
    """For each measure, how far the worst territory is from an equal share, as a fraction of it."""
    mean_km: float
    """To the geometric median of one's own territory, weighted by workload."""
    fragments: float
    """Share of accounts that are not in the largest connected part of their territory, neighbours as of Delaunay."""
    bound_km: float | None
    """No split within the tolerance has less mean travel to the centres of the proof."""
    gap: float | None
    """How far the mean travel to those centres is above the bound, as a fraction of it; none for a bound of nothing."""
    is_feasible: bool


def judge(instance: Territories, owners: IntArray, proof: Proof | None = None) -> Verdict:
    """The verdict on a split: the territory of each account, numbered from 0."""
    if owners.shape != (instance.units,) or owners.min() < 0 or owners.max() >= instance.seats:
        raise ValueError(
            f"A split must name one of {instance.seats} territories for each of {instance.units} accounts."
        )
    loads = np.stack([np.bincount(owners, measure, instance.seats) for measure in instance.weights.T], axis=1)
    worst = np.abs(loads / (instance.weights.sum(axis=0) / instance.seats) - 1).max(axis=0)
    work = instance.workload
    travel = sum(
        float((work[mine] * _away(instance.positions[mine], median_of(instance.positions[mine], work[mine]))).sum())
        for mine in (np.flatnonzero(owners == seat) for seat in range(instance.seats))
        if len(mine)
    )
    bound_km = gap = None
    if proof is not None:
        to_centres = float((work * _away(instance.positions, proof.centres[owners])).sum())
        bound = max(proven(instance, proof), min(proven_by_cases(instance, proof), to_centres))
        bound_km = bound / float(work.sum())
        gap = to_centres / bound - 1 if bound > 0 else None
    return Verdict(
        worst_deviations=tuple(float(each) for each in worst),
        mean_km=travel / float(work.sum()),
        fragments=fragments(instance.positions, owners),
        bound_km=bound_km,
        gap=gap,
        is_feasible=bool((worst <= instance.tolerance + ROUNDING).all()),
    )


def median_of(positions: FloatArray, work: FloatArray) -> FloatArray:
    """
    The point to which the weighted travel is least (Weiszfeld 1937), to a metre.

    Examples
    --------
    >>> median_of(np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]]), np.array([9.0, 1.0, 1.0])).round(3).tolist()
    [0.0, 0.0]
    """
    point = np.average(positions, axis=0, weights=work)
    for _ in range(1000):
        pull = work / np.maximum(_away(positions, point), 1e-6)
        moved = (pull[:, None] * positions).sum(axis=0) / pull.sum()
        step = float(np.hypot(*(moved - point)))
        point = moved
        if step < 1e-4:
            break
    return point


def proven(instance: Territories, proof: Proof) -> float:
    """The total travel that no split within the tolerance undercuts: weak duality at the prices of the proof."""
    cheapest, _ = _cheapest(instance, proof.centres, proof.prices, ())
    return cheapest - _allowed(instance, proof.prices)


def proven_by_cases(instance: Territories, proof: Proof) -> float:
    """
    The same by the placings of the proof, if they hold every split: the least of what each proves.

    Minus infinity without placings, and where they leave a split out.
    """
    if not proof.branches or not _hold_all({(b.units, b.seats) for b in proof.branches}, instance.seats):
        return -np.inf
    units = tuple(sorted({unit for branch in proof.branches for unit in branch.units}))
    place = {unit: row for row, unit in enumerate(units)}
    known: dict[int, tuple[float, FloatArray]] = {}  # many placings share their prices
    least = np.inf
    for branch in proof.branches:
        if id(branch.prices) not in known:
            cheapest, rows = _cheapest(instance, proof.centres, branch.prices, units)
            known[id(branch.prices)] = cheapest - _allowed(instance, branch.prices), rows
        bound, rows = known[id(branch.prices)]
        dearer = sum(
            rows[place[unit], seat] - rows[place[unit]].min()
            for unit, seat in zip(branch.units, branch.seats, strict=True)
        )
        least = min(least, bound + float(dearer))
    return float(least)


def _hold_all(cases: set[tuple[tuple[int, ...], tuple[int, ...]]], seats: int) -> bool:
    """Whether every split is in one of these placings of units, the same units first in each."""
    if ((), ()) in cases:
        return True
    first = {units[0] for units, _ in cases}
    if len(first) != 1:
        return False
    return all(
        _hold_all({(units[1:], where[1:]) for units, where in cases if where[0] == seat}, seats)
        for seat in range(seats)
    )


def _cheapest(
    instance: Territories, centres: FloatArray, prices: FloatArray, units: tuple[int, ...]
) -> tuple[float, FloatArray]:
    """The sum of each account's cheapest priced territory, and the priced travel of these units to each."""
    shares = instance.weights / (instance.weights.sum(axis=0) / instance.seats)
    total, rows = 0.0, np.empty((len(units), instance.seats))
    wanted = np.array(units, dtype=np.int64)
    for first in range(0, instance.units, 10_000):
        some = slice(first, first + 10_000)
        apart = _away(instance.positions[some, None, :], centres[None, :, :])
        priced = instance.workload[some, None] * apart + shares[some] @ prices.T
        total += float(priced.min(axis=1).sum())
        here = np.flatnonzero((wanted >= first) & (wanted < first + 10_000))
        rows[here] = priced[wanted[here] - first]
    return total, rows


def _allowed(instance: Territories, prices: FloatArray) -> float:
    """What the prices may take back at the limits."""
    return float((prices + instance.tolerance * np.abs(prices)).sum())


def fragments(positions: FloatArray, owners: IntArray) -> float:
    """The share of accounts cut off from the largest part of their territory."""
    units = len(owners)
    near = neighbours(positions)
    near = near[owners[near[:, 0]] == owners[near[:, 1]]]
    graph = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(units, units))
    _, part = connected_components(graph, directed=False)
    size = np.bincount(part)
    largest = np.zeros(int(owners.max()) + 1, dtype=np.int64)
    np.maximum.at(largest, owners, size[part])
    return 1 - float(largest.sum()) / units


def neighbours(positions: FloatArray) -> IntArray:
    """(edges, 2) pairs of accounts that touch in the Delaunay triangulation."""
    corners = Delaunay(positions).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(edges, axis=1), axis=0).astype(np.int64)


def _away(positions: FloatArray, points: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(((positions - points) ** 2).sum(axis=-1)))
