"""Each unit's nearest seats, without looking at all of them: units that stand together share one short list."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

TOGETHER = 48
"""Units, consecutive and so near each other, that share a list of seats."""


@njit(cache=True, nogil=True, error_model="numpy")
def arc(square, curvature):
    """The arc over a chord of that square; `curvature` is 1/R² on the globe and 0 on a plane. See `add_travel`."""
    bend = square * curvature
    return math.sqrt(square) * (1.0 + bend / 24.0 + 3.0 * bend * bend / 640.0)


@njit(cache=True, nogil=True, error_model="numpy")
def nearest(sites, price, centres, open_seats, curvature, incumbent, stay, keep, seats, chosen):
    """
    Write the cheapest seats of each unit, cheapest first, and their costs: travel, and leaving the incumbent.

    A seat can be among the K nearest of some unit of a group only if it is no further from the group's middle than the
    K-th nearest seat and twice the group's radius; so the answer is that of looking at every seat.

    Parameters
    ----------
    sites, centres
        (units, dimensions) and (all seats, dimensions), km; one site a unit, neighbours next to each other.
    price
        (units,) what a kilometre costs.
    open_seats
        Numbers of the seats that may take a unit.
    incumbent, stay
        (units,) the seat that has the unit today, or -1; what any other seat costs more.
    keep
        (units,) a seat that must be among them, or -1.
    seats, chosen
        (units, candidates) written: seat numbers, -1 after the last, and costs, infinite after the last.
    """
    units, dimensions = sites.shape
    width = seats.shape[1]
    number = open_seats.shape[0]
    held = min(width, number)
    away = np.empty(number)
    listed = np.empty(number, np.int64)
    middle = np.empty(dimensions)
    nearest_square = np.empty(width)
    is_open = np.zeros(centres.shape[0], np.bool_)
    for q in range(number):
        is_open[open_seats[q]] = True
    for first in range(0, units, TOGETHER):
        last = min(units, first + TOGETHER)
        for d in range(dimensions):
            middle[d] = 0.0
            for i in range(first, last):
                middle[d] += sites[i, d]
            middle[d] /= last - first
        radius = 0.0
        for i in range(first, last):
            radius = max(radius, _square(sites, i, middle))
        radius = math.sqrt(radius)
        for q in range(number):
            away[q] = math.sqrt(_square(centres, open_seats[q], middle))
        reach = np.partition(away, held - 1)[held - 1] + 2.0 * radius + 1e-9
        count = 0
        for q in range(number):
            if away[q] <= reach:
                listed[count] = open_seats[q]
                count += 1
        for i in range(first, last):
            taken = 0
            for q in range(count):
                j = listed[q]
                square = 0.0
                for d in range(dimensions):
                    difference = sites[i, d] - centres[j, d]
                    square += difference * difference
                if taken == held and square >= nearest_square[held - 1]:
                    continue
                k = taken if taken < held else held - 1
                while k > 0 and nearest_square[k - 1] > square:
                    nearest_square[k] = nearest_square[k - 1]
                    seats[i, k] = seats[i, k - 1]
                    k -= 1
                nearest_square[k] = square
                seats[i, k] = j
                if taken < held:
                    taken += 1
            today = incumbent[i]
            extra = stay[i] if today >= 0 else 0.0
            for k in range(held):
                chosen[i, k] = price[i] * arc(nearest_square[k], curvature) + extra
            for k in range(held, width):
                seats[i, k] = -1
                chosen[i, k] = np.inf
            if today >= 0 and is_open[today]:
                _set(seats, chosen, i, held, today, price[i] * _arc_to(sites, i, centres, today, curvature))
            must = keep[i]
            if must >= 0 and is_open[must]:
                found = False
                for k in range(held):
                    if seats[i, k] == must:
                        found = True
                if not found:
                    cost = price[i] * _arc_to(sites, i, centres, must, curvature)
                    seats[i, held - 1] = must
                    chosen[i, held - 1] = cost if must == today else cost + extra


@njit(cache=True, nogil=True)
def _set(seats, chosen, i, held, seat, cost):
    """Put a seat where its cost belongs in the list of unit i, if it belongs there at all."""
    place = -1
    for k in range(held):
        if seats[i, k] == seat:
            place = k
    if place < 0:
        if cost >= chosen[i, held - 1]:
            return
        place = held - 1
    while place > 0 and chosen[i, place - 1] > cost:
        chosen[i, place] = chosen[i, place - 1]
        seats[i, place] = seats[i, place - 1]
        place -= 1
    chosen[i, place] = cost
    seats[i, place] = seat


@njit(cache=True, nogil=True)
def _square(points, i, middle):
    square = 0.0
    for d in range(middle.shape[0]):
        difference = points[i, d] - middle[d]
        square += difference * difference
    return square


@njit(cache=True, nogil=True)
def _arc_to(sites, i, centres, j, curvature):
    square = 0.0
    for d in range(sites.shape[1]):
        difference = sites[i, d] - centres[j, d]
        square += difference * difference
    return arc(square, curvature)
