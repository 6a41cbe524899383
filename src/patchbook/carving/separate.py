"""Put pairs that may not share a seat at different seats: give one of each to the cheapest seat that may have it."""

from __future__ import annotations

import numpy as np

from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.costs import Costs
from patchbook.carving.problem import FloatArray, IntArray, Problem


def separate(
    problem: Problem,
    costs: Costs,
    centres: FloatArray | None,
    owners: IntArray,
    prices: FloatArray,
    weights: FloatArray,
) -> IntArray:
    """
    Owners with every pair apart, as far as locks, eligibility and contiguity let it be; balance comes after.

    Moves never bring a pair together but have no reason to part one either, so the pairs are parted once, before them.

    Parameters
    ----------
    prices, weights
        (seats, measures) and (units, measures): what load costs at each seat, so that full seats are spared.
    """
    if problem.apart is None:
        return owners
    owners = owners.copy()
    foes = _foes(problem.apart)
    for a, b in problem.apart:
        if owners[a] != owners[b] or owners[a] < 0:
            continue
        choices = [
            (float(cost), unit, seat)
            for unit in (int(a), int(b))
            if costs.only[unit] < 0
            for seat, cost in enumerate(_extra(costs, centres, owners, prices, weights, unit))
            if np.isfinite(cost) and seat not in {int(owners[foe]) for foe in foes[unit]}
        ]
        for _, unit, seat in sorted(choices):
            if _stays_in_one_piece(problem, owners, unit, seat):
                owners[unit] = seat
                break
    return owners


def _foes(pairs: IntArray) -> dict[int, list[int]]:
    """For each unit those it may not meet."""
    foes: dict[int, list[int]] = {}
    for a, b in pairs:
        foes.setdefault(int(a), []).append(int(b))
        foes.setdefault(int(b), []).append(int(a))
    return foes


def _extra(
    costs: Costs, centres: FloatArray | None, owners: IntArray, prices: FloatArray, weights: FloatArray, unit: int
) -> FloatArray:
    """(seats,) what the unit costs more at each seat than where it is; infinite where it may not go."""
    cost = costs.rows(np.array([unit]), centres)[0] + prices @ weights[unit]
    return np.asarray(cost - cost[owners[unit]])


def _stays_in_one_piece(problem: Problem, owners: IntArray, unit: int, seat: int) -> bool:
    """Whether no seat falls into more pieces when the unit goes there."""
    if problem.areas is None:
        return True
    after = owners.copy()
    after[unit] = seat
    return all(
        len(pieces_of(problem.areas, after == each)) <= max(1, len(pieces_of(problem.areas, owners == each)))
        for each in (seat, int(owners[unit]))
    )
