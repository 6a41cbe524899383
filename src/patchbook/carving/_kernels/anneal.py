"""Simulated annealing over shifts and swaps (Kirkpatrick, Gelatt & Vecchi 1983, doi:10.1126/science.220.4598.671)."""

from __future__ import annotations

import math

import numpy as np

from patchbook.carving._kernels.lean import lean
from patchbook.carving._kernels.state import (
    excess,
    excess_with,
    has_room,
    may_join,
    may_leave,
    move,
    priced,
    slot_of,
)


@lean
def anneal(s, free, steps, hot, cold, penalty, reach, seed):
    """
    Try `steps` random shifts and swaps, dearer ones ever more seldom.

    Parameters
    ----------
    free
        Units that may move.
    hot, cold
        First and last temperature, in cost; cooled geometrically.
    penalty
        Cost of one mean seat's load outside its limits.

    Returns
    -------
    int
        How many were accepted.
    """
    np.random.seed(seed)
    accepted = 0
    cooling = math.log(cold / hot) / max(1, steps)
    contiguous = s.area.shape[0] > 0
    for step in range(steps):
        i = free[np.random.randint(free.shape[0])]
        k = np.random.randint(min(reach, s.seats.shape[1]))
        j = s.seats[i, k]
        a = s.owners[i]
        if j < 0 or j == a or s.region[j] != s.region[a] or not has_room(s, j):
            continue
        heat = hot * math.exp(cooling * step)
        allowed = -heat * math.log(1.0 - np.random.random())
        gain = priced(s, i, k) - priced(s, i, s.slots[i])
        here = excess(s, a)
        there = excess(s, j)
        if gain - penalty * (here + there) > allowed + penalty * 0.05:
            continue
        if np.random.random() < 0.5:
            delta = gain + penalty * (excess_with(s, a, -1, i) + excess_with(s, j, i, -1) - here - there)
            if delta <= allowed and may_join(s, i, j, -1) and may_leave(s, i):
                move(s, i, k)
                accepted += 1
            continue
        if s.count[j] == 0:
            continue
        y = s.members[s.start[j] + np.random.randint(s.count[j])]
        back = slot_of(s, y, a)
        if back < 0:
            continue
        delta = gain + priced(s, y, back) - priced(s, y, s.slots[y])
        delta += penalty * (excess_with(s, a, y, i) + excess_with(s, j, i, y) - here - there)
        if delta > allowed:
            continue
        if not contiguous:
            if may_join(s, i, j, y) and may_join(s, y, a, i) and has_room(s, a):
                move(s, i, k)
                move(s, y, back)
                accepted += 1
        elif may_leave(s, i) and may_join(s, i, j, -1):
            origin = s.slots[i]
            move(s, i, k)
            if has_room(s, a) and may_leave(s, y) and may_join(s, y, a, -1):
                move(s, y, back)
                accepted += 1
            else:
                move(s, i, origin)
    return accepted
