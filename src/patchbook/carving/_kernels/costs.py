"""What it costs each unit to be served from each seat."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from patchbook.carving._kernels.nearest import arc


@njit(cache=True, nogil=True, error_model="numpy")
def add_travel(sites, unit_of_site, weight, centres, curvature, travel, out):
    """
    Add travel to `out[unit, seat]`, in place.

    The arc over a chord c on a sphere of radius R is c (1 + c²/24R² + 3c⁴/640R⁴ + …), the series of 2R asin(c/2R);
    two terms are within 0.3 % at 8,000 km. `curvature` is 1/R² on the globe and 0 on a plane.

    Parameters
    ----------
    sites, centres
        (sites, dimensions) and (seats, dimensions), km.
    unit_of_site, weight
        (sites,) row of `out` and price of a kilometre.
    """
    dimensions = sites.shape[1]
    for s in range(sites.shape[0]):
        unit = unit_of_site[s]
        price = weight[s] * travel
        for j in range(centres.shape[0]):
            square = 0.0
            for d in range(dimensions):
                difference = sites[s, d] - centres[j, d]
                square += difference * difference
            bend = square * curvature
            out[unit, j] += price * math.sqrt(square) * (1.0 + bend / 24.0 + 3.0 * bend * bend / 640.0)


@njit(cache=True, nogil=True, error_model="numpy")
def add_way(sites, unit_of_site, weight, owners, centres, curvature, travel, out):
    """Add to `out[unit]` the travel to the seat that owns the unit, -1 for none; the rest is as in `add_travel`."""
    for s in range(sites.shape[0]):
        unit = unit_of_site[s]
        j = owners[unit]
        if j < 0:
            continue
        square = 0.0
        for d in range(sites.shape[1]):
            difference = sites[s, d] - centres[j, d]
            square += difference * difference
        out[unit] += weight[s] * travel * arc(square, curvature)


@njit(cache=True, nogil=True)
def cheapest(cost, keep, seats, chosen):
    """
    Write the `seats.shape[1]` cheapest seats of each unit, cheapest first, and their costs.

    Parameters
    ----------
    cost
        (units, all seats); infinite where a seat may not take the unit.
    keep
        (units,) a seat that must be among them (the incumbent, today's owner in the search), or -1.
    seats, chosen
        (units, candidates) written: seat numbers, -1 after the last, and costs, infinite after the last.
    """
    units, every = cost.shape
    width = seats.shape[1]
    for i in range(units):
        held = 0
        for j in range(every):
            c = cost[i, j]
            if not c < np.inf:
                continue
            if held == width and c >= chosen[i, width - 1]:
                continue
            k = held if held < width else width - 1
            while k > 0 and chosen[i, k - 1] > c:
                chosen[i, k] = chosen[i, k - 1]
                seats[i, k] = seats[i, k - 1]
                k -= 1
            chosen[i, k] = c
            seats[i, k] = j
            if held < width:
                held += 1
        for k in range(held, width):
            seats[i, k] = -1
            chosen[i, k] = np.inf
        must = keep[i]
        if must >= 0 and cost[i, must] < np.inf:
            found = False
            for k in range(held):
                if seats[i, k] == must:
                    found = True
            if not found:
                seats[i, held - 1] = must
                chosen[i, held - 1] = cost[i, must]
