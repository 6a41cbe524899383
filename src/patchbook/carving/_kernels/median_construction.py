"""A first partition: medians scattered where demand is far from any, and units assigned by regret."""

from __future__ import annotations

import numpy as np
from numba import njit

from patchbook.carving._kernels.median_groups import below, distance


@njit(cache=True, nogil=True)
def scatter(ground, seats, random):
    """Different units, each drawn by demand times distance to the nearest drawn before (k-means++, Arthur 2007)."""
    units = ground.demands.shape[0]
    medians = np.empty(seats, np.int64)
    taken = np.zeros(units, np.bool_)
    to_nearest = np.full(units, np.inf)
    chosen = below(random, units)
    for seat in range(seats):
        medians[seat] = chosen
        taken[chosen] = True
        total = 0.0
        for i in range(units):
            to_nearest[i] = min(to_nearest[i], distance(ground, i, chosen))
            if not taken[i]:
                total += weight(ground, to_nearest, i)
        mark = total * (below(random, 1 << 30) + 0.5) / (1 << 30)
        for i in range(units):
            if not taken[i]:
                chosen = i
                mark -= weight(ground, to_nearest, i)
                if mark < 0.0:
                    break
    return medians


@njit(cache=True, nogil=True)
def weight(ground, to_nearest, i):
    """What a unit is worth as the next median; a little even where it is worth nothing, so that one is always found."""
    return to_nearest[i] * (ground.demands[i] + 1e-9) + 1e-12


@njit(cache=True, nogil=True)
def assign(ground, medians):
    """A group for each unit: those with most to lose first, to the nearest median with room, else the most room."""
    units = ground.demands.shape[0]
    seats = medians.shape[0]
    regret = np.empty(units)
    for i in range(units):
        first = np.inf
        second = np.inf
        for seat in range(seats):
            d = distance(ground, i, medians[seat])
            if d < first:
                second = first
                first = d
            elif d < second:
                second = d
        regret[i] = second - first if seats > 1 else 0.0
    owner = np.full(units, -1, np.int64)
    room = ground.capacities[medians].copy()
    for seat in range(seats):
        owner[medians[seat]] = seat
        room[seat] -= ground.demands[medians[seat]]
    for i in np.argsort(-regret, kind="mergesort"):
        if owner[i] >= 0:
            continue
        nearest = -1
        roomiest = 0
        for seat in range(seats):
            if room[seat] > room[roomiest]:
                roomiest = seat
            if room[seat] >= ground.demands[i] and (
                nearest < 0 or distance(ground, i, medians[seat]) < distance(ground, i, medians[nearest])
            ):
                nearest = seat
        owner[i] = nearest if nearest >= 0 else roomiest
        room[owner[i]] -= ground.demands[i]
    return owner
