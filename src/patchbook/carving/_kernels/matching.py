"""The cheapest way round each pair of a matching."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cheapest_rounds(gap, kin, cost, last):
    """
    For each pair the cheapest chain of changes that gives its territory to somebody else.

    Pair i going to k's territory costs `gap[i, k]`, at least 0 once potentials are taken off; a chain that begins and
    ends at i is a round, found by Dijkstra's method, which stops as soon as no open chain is cheaper than the best
    round closed. Fills `cost[i]` (infinite without a round) and `last[i]`, the pair that ends in i's territory.

    Parameters
    ----------
    gap
        (pairs, pairs), infinite where it is forbidden.
    kin
        (pairs,) pairs of one number from 0 up are interchangeable: none of them is somebody else for another.
    """
    pairs = gap.shape[0]
    far = np.empty(pairs)
    is_done = np.empty(pairs, np.bool_)
    for i in range(pairs):
        far[:] = np.inf
        is_done[:] = False
        is_done[i] = True
        for k in range(pairs):
            if k != i:
                far[k] = gap[i, k]
        best = np.inf
        who = -1
        while True:
            nearest = -1
            least = best
            for k in range(pairs):
                if not is_done[k] and far[k] < least:
                    least = far[k]
                    nearest = k
            if nearest < 0:
                break
            is_done[nearest] = True
            if kin[nearest] < 0 or kin[nearest] != kin[i]:
                closed = least + gap[nearest, i]
                if closed < best:
                    best = closed
                    who = nearest
            for k in range(pairs):
                if not is_done[k]:
                    through = least + gap[nearest, k]
                    if through < far[k]:
                        far[k] = through
        cost[i] = best
        last[i] = who
