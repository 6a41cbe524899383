"""One pass over the units at given prices: the value of the dual, the loads, and how they would react."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True)
def smooth_pass(cost, seats, weights, prices, temperature, best, loads, curvature, with_curvature):
    """
    Value of the smoothed dual, the sum over units of -T log Σ exp(-(cost + prices · weights) / T).

    Parameters
    ----------
    cost, seats
        (units, candidates); seat -1 ends a unit's list.
    weights, prices
        (units, measures) and (seats, measures).
    temperature
        (units,) T, above 0, in cost; the smaller, the nearer to the cheapest seat taking all.
    best
        (units,) written: the position in the unit's list that is cheapest at these prices.
    loads
        (seats, measures) written: expected load, the gradient of the value.
    curvature
        (seats, seats, measures, measures) written when asked: minus the second derivative of the value.
    """
    units, width = seats.shape
    measures = weights.shape[1]
    loads[:] = 0.0
    if with_curvature:
        curvature[:] = 0.0
    reduced = np.empty(width)
    active = np.empty(width, np.int64)
    part = np.empty(width)
    value = 0.0
    for i in range(units):
        least = 1e300
        cheapest = 0
        held = width
        for k in range(width):
            j = seats[i, k]
            if j < 0:
                held = k
                break
            c = float(cost[i, k])
            for m in range(measures):
                c += prices[j, m] * weights[i, m]
            reduced[k] = c
            if c < least:
                least = c
                cheapest = k
        best[i] = cheapest
        heat = temperature[i]
        limit = least + 8.0 * heat
        near = 0
        for k in range(held):
            if reduced[k] < limit:
                active[near] = k
                near += 1
        if near <= 1:
            value += least
            j = seats[i, cheapest]
            for m in range(measures):
                loads[j, m] += weights[i, m]
            continue
        total = 0.0
        for q in range(near):
            part[q] = math.exp(-(reduced[active[q]] - least) / heat)
            total += part[q]
        value += least - heat * math.log(total)
        for q in range(near):
            part[q] /= total
            j = seats[i, active[q]]
            for m in range(measures):
                loads[j, m] += part[q] * weights[i, m]
        if with_curvature:
            for q in range(near):
                if part[q] < 1e-3:
                    continue
                j = seats[i, active[q]]
                for r in range(near):
                    if part[r] < 1e-3:
                        continue
                    other = seats[i, active[r]]
                    h = -part[q] * part[r]
                    if q == r:
                        h += part[q]
                    h /= heat
                    for m in range(measures):
                        hm = h * weights[i, m]
                        for n in range(measures):
                            curvature[j, other, m, n] += hm * weights[i, n]
    return value


@njit(cache=True, nogil=True)
def cheapest_total(cost, weights, prices, best):
    """
    Sum over units of the cheapest seat at these prices, over every seat and unsmoothed: the dual's exact part.

    Parameters
    ----------
    cost
        (units, seats); infinite where a seat may not take the unit.
    best
        (units,) written: the seat.
    """
    units, seats = cost.shape
    measures = weights.shape[1]
    total = 0.0
    for i in range(units):
        least = np.inf
        for j in range(seats):
            c = cost[i, j]
            if not c < least + 1e299:
                continue
            for m in range(measures):
                c += prices[j, m] * weights[i, m]
            if c < least:
                least = c
                best[i] = j
        total += least
    return total
