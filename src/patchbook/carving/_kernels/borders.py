"""Annealing along the borders of territories that are in one piece: only units beside another seat are moved."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from patchbook.carving._kernels.moves import exchange
from patchbook.carving._kernels.state import has_room, may_join, may_leave, move, priced, slot_of


@njit(cache=True, nogil=True)
def anneal_borders(s, free, unit_start, unit_in, low, high, steps, hot, cold, penalty, steepness, seed):
    """
    Try `steps` random moves over borders, dearer ones ever more seldom, and never one that tears a territory.

    A unit goes to the seat of a neighbour (a unit in its own area or one beside it), alone or in exchange for a unit of
    that seat near by. Simulated annealing: Kirkpatrick, Gelatt & Vecchi (1983), doi:10.1126/science.220.4598.671.

    Parameters
    ----------
    free
        Units that may move.
    unit_start, unit_in
        (areas + 1,) and the units of each area.
    low, high
        (seats, measures) the limits aimed at; a little inside the real ones.
    hot, cold
        First and last temperature, in cost; cooled geometrically.
    penalty, steepness
        A load x outside costs penalty · (x + steepness · x²), so that load flows from where there is most of it to
        where there is least over any number of territories in between.

    Returns
    -------
    int
        How many moves were made.
    """
    np.random.seed(seed)
    made = 0
    cooling = math.log(cold / hot) / max(1, steps)
    heat = hot
    for step in range(steps):
        if step & 255 == 0:
            heat = hot * math.exp(cooling * step)
        i = free[np.random.randint(free.shape[0])]
        a = s.owners[i]
        y = neighbour(s, i, unit_start, unit_in)
        if y < 0:
            continue
        j = s.owners[y]
        if j == a or not has_room(s, j):
            continue
        k = slot_of(s, i, j)
        if k < 0:
            continue
        allowed = -heat * math.log(1.0 - np.random.random())
        gain = priced(s, i, k) - priced(s, i, s.slots[i])
        here = outside(s, a, -1, -1, low, high, steepness)
        there = outside(s, j, -1, -1, low, high, steepness)
        if gain - penalty * (here + there) > allowed:
            continue
        z = -1
        if np.random.random() < 0.4:
            # In exchange: the neighbour itself, or a neighbour of a neighbour.
            z = y
            if np.random.random() < 0.5:
                x = neighbour(s, i, unit_start, unit_in)
                z = neighbour(s, x, unit_start, unit_in) if x >= 0 else -1
            if z < 0 or z == i or s.owners[z] != j:
                continue
        if z < 0:
            delta = gain + penalty * (
                outside(s, a, -1, i, low, high, steepness) + outside(s, j, i, -1, low, high, steepness) - here - there
            )
            if delta <= allowed and may_join(s, i, j, -1) and may_leave(s, i):
                move(s, i, k)
                made += 1
            continue
        back = slot_of(s, z, a)
        if back < 0:
            continue
        gain += priced(s, z, back) - priced(s, z, s.slots[z])
        delta = gain + penalty * (
            outside(s, a, z, i, low, high, steepness) + outside(s, j, i, z, low, high, steepness) - here - there
        )
        if delta <= allowed and exchange(s, i, k, z, back):
            made += 1
    return made


@njit(cache=True, nogil=True)
def force(s, i, unit_start, unit_in, seed):
    """Give unit i to the seat of a neighbour, whatever it costs, if no territory is torn: that seat, else -1."""
    np.random.seed(seed)
    for _ in range(8):
        y = neighbour(s, i, unit_start, unit_in)
        if y < 0:
            continue
        j = s.owners[y]
        k = slot_of(s, i, j)
        if j == s.owners[i] or k < 0 or not has_room(s, j):
            continue
        if may_join(s, i, j, -1) and may_leave(s, i):
            move(s, i, k)
            return j
    return -1


@njit(cache=True, nogil=True)
def neighbour(s, i, unit_start, unit_in):
    """A unit drawn from unit i's area or one beside it, each area alike; -1 where the draw is empty."""
    area = s.area[i]
    if area < 0:
        return -1
    first = s.area_start[area]
    beside = s.area_start[area + 1] - first
    own = 1 if unit_start[area + 1] - unit_start[area] > 1 else 0
    if beside + own == 0:
        return -1
    draw = np.random.randint(beside + own)
    there = area if draw == beside else s.area_next[first + draw]
    many = unit_start[there + 1] - unit_start[there]
    if many == 0:
        return -1
    return unit_in[unit_start[there] + (0 if many == 1 else np.random.randint(many))]


@njit(cache=True, nogil=True)
def outside(s, j, gained, lost, low, high, steepness):
    """How much seat j would be outside its limits, the far outside counting more, if it gained one unit, lost one."""
    over = 0.0
    for m in range(s.loads.shape[1]):
        load = s.loads[j, m]
        if gained >= 0:
            load += s.weights[gained, m]
        if lost >= 0:
            load -= s.weights[lost, m]
        away = max(0.0, load - high[j, m]) + max(0.0, low[j, m] - load)
        over += away + steepness * away * away
    return over
