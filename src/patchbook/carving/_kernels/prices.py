"""One pass over the units at given prices: the value of the dual, the loads, and how they would react."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True)
def smooth_pass(
    cost, seats, weights, prices, temperature, best, firm, drift, loads, pair_of, curvature, with_curvature
):
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
        (units,) written: the position in the unit's list that is cheapest at these prices. Of a unit that is firm,
        what the last pass wrote.
    firm
        (units,) written: how far `drift` of the cheapest seat, by the unit's weights, may go until another seat can
        come near. Units that are firm are not looked at again: their other seats take no part. Minus infinity before
        the first pass.
    drift
        (seats, measures) how far each seat's price rose above the price of the seat that rose least, added up since
        the units were first looked at.
    loads
        (seats, measures) written: expected load, the gradient of the value.
    pair_of
        (seats, seats) row of `curvature` that a pair of seats has, either way round, or -1 where it is left out.
    curvature
        (pairs, measures, measures) written when asked: minus the second derivative of the value.
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
        heat = temperature[i]
        k = best[i]
        j = seats[i, k]
        if j >= 0:
            drifted = 0.0
            for m in range(measures):
                drifted += drift[j, m] * weights[i, m]
            if firm[i] - drifted >= 8.0 * heat:
                least = float(cost[i, k])
                for m in range(measures):
                    least += prices[j, m] * weights[i, m]
                    loads[j, m] += weights[i, m]
                value += least
                continue
        least = 1e300
        second = 1e300
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
                second = least
                least = c
                cheapest = k
            elif c < second:
                second = c
        best[i] = cheapest
        if held:
            j = seats[i, cheapest]
            drifted = 0.0
            for m in range(measures):
                drifted += drift[j, m] * weights[i, m]
            firm[i] = (second - least) * (1.0 - 1e-9) + drifted
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
                for r in range(q + 1):
                    if part[r] < 1e-3:
                        continue
                    pair = pair_of[j, seats[i, active[r]]]
                    if pair < 0:
                        continue
                    h = -part[q] * part[r]
                    if q == r:
                        h += part[q]
                    h /= heat
                    for m in range(measures):
                        hm = h * weights[i, m]
                        for n in range(measures):
                            curvature[pair, m, n] += hm * weights[i, n]
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


@njit(cache=True, nogil=True)
def neighbouring(seats, reach, touching):
    """
    Mark in `touching` (seats, seats) which seats stand together among the first `reach` of some unit's list.

    Parameters
    ----------
    seats
        (units, candidates); -1 ends a list.
    """
    units, width = seats.shape
    look = min(reach, width)
    for i in range(units):
        for k in range(look):
            a = seats[i, k]
            if a < 0:
                break
            for q in range(look):
                b = seats[i, q]
                if b < 0:
                    break
                touching[a, b] = True


@njit(cache=True, nogil=True)
def listed_total(cost, seats, every, weights, prices, floor, open_ended):
    """
    Sum over units of the cheapest seat of their lists, and in `open_ended` those for which another could be cheaper.

    Parameters
    ----------
    cost, seats
        (units, candidates), the cheapest of all seats, cheapest first; seat -1 ends a list.
    every
        How many seats there are: a list of them all is complete.
    floor
        (measures,) the least price of each measure at any seat.
    open_ended
        (units,) written; such a unit's part is not in the sum.
    """
    units, width = seats.shape
    measures = weights.shape[1]
    total = 0.0
    for i in range(units):
        least = np.inf
        held = width
        for k in range(width):
            j = seats[i, k]
            if j < 0:
                held = k
                break
            c = cost[i, k]
            for m in range(measures):
                c += prices[j, m] * weights[i, m]
            least = min(least, c)
        beyond = np.inf
        if held == width and width < every:
            beyond = cost[i, width - 1]
            for m in range(measures):
                beyond += floor[m] * weights[i, m]
        open_ended[i] = held > 0 and beyond < least
        if held > 0 and not open_ended[i]:
            total += least
    return total


@njit(cache=True, nogil=True)
def regrets(cost, seats, weights, prices, slots, regret):
    """
    Write how much dearer each unit's best other seat is at these prices, for each unit of its size (sum of weights).

    Negative where another seat would be cheaper, infinite where there is no other.
    """
    units, width = seats.shape
    measures = weights.shape[1]
    for i in range(units):
        now = 0.0
        other = np.inf
        for k in range(width):
            j = seats[i, k]
            if j < 0:
                break
            c = cost[i, k]
            for m in range(measures):
                c += prices[j, m] * weights[i, m]
            if k == slots[i]:
                now = c
            elif c < other:
                other = c
        size = 0.0
        for m in range(measures):
            size += weights[i, m]
        regret[i] = (other - now) / max(size, 1e-12)
