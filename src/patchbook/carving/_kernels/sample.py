"""A Markov chain over assignments that keep every limit, with weights exp(-cost / heat).

A Gibbs sampler (Geman & Geman 1984, doi:10.1109/TPAMI.1984.4767596): a change is drawn with the chance that its cost
gives it, so that nothing is left to accept or refuse but the limits. Every change and its opposite balance each other,
so the chain is reversible and its long-run frequencies are the weights.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from patchbook.carving._kernels.state import has_room, may_join, may_leave, move, slot_of

SLACK = 1e-9
"""Loads this far outside a limit count as inside, as everywhere."""


class Chances(NamedTuple):
    """How changes are drawn. Widths: F free units, U units, K candidates, S seats."""

    free: Any
    """(F,) units that may move."""
    unit: Any
    """(F,) cumulative: with which chance each free unit is drawn, u; the more its seat is open, the more often."""
    place: Any
    """(U, K) cumulative: with which chance a unit is to go to each seat of its list, q."""
    start: Any
    """(S + 1,) where each seat's entries begin in the two below."""
    partner: Any
    """Free units that have the seat in their list."""
    likes: Any
    """Cumulative over a seat's entries: u q, by which a partner is drawn for whoever leaves the seat."""


@njit(cache=True, nogil=True)
def walk(s, chances, away, moved, cap, steps, seed):
    """
    Make `steps` steps of the chain; the state is changed in place.

    A step draws a unit i, now at seat a, with chance u(i), and a seat j for it with chance q(i, j). In half of the
    steps it goes there. In the other half it changes places with a unit y drawn with chance u(y) q(y, a) / Z(a) from
    those that a is open to, if that one is at j. The exchange can be drawn by way of y as well, so its chance is
    u(i) q(i, j) u(y) q(y, a) (1 / Z(a) + 1 / Z(j)), and that of its opposite the same with q(i, a) q(y, j). As q is
    proportional to exp(-cost / heat), each is balanced by its opposite, as a single change is.

    Parameters
    ----------
    away
        (units, candidates) what counts as moved where the unit is at that seat.
    moved, cap
        What counts as moved now, and may at most.

    Returns
    -------
    tuple[int, int, float]
        Steps made (fewer than asked for where a seat's list of members is full and must be laid out anew), changes
        made, and what counts as moved now.
    """
    np.random.seed(seed)
    made = 0
    for step in range(steps):
        i = chances.free[_drawn(chances.unit, 0, chances.unit.shape[0])]
        k = _place(chances.place, i)
        a = s.owners[i]
        j = s.seats[i, k]
        if j < 0 or j == a:
            continue
        here = s.slots[i]
        more = away[i, k] - away[i, here]
        if np.random.random() < 0.5:
            if moved + more > cap or not _fits(s, a, -1, i) or not _fits(s, j, i, -1):
                continue
            if not may_join(s, i, j, -1) or not may_leave(s, i):
                continue
            if not has_room(s, j):
                return step + 1, made, moved
            move(s, i, k)
            moved += more
            made += 1
            continue
        if chances.start[a] == chances.start[a + 1]:
            continue
        y = chances.partner[_drawn(chances.likes, chances.start[a], chances.start[a + 1])]
        if s.owners[y] != j:
            continue
        back = slot_of(s, y, a)
        more += away[y, back] - away[y, s.slots[y]]
        if moved + more > cap or not _fits(s, a, y, i) or not _fits(s, j, i, y):
            continue
        if not has_room(s, j) or not has_room(s, a):
            return step + 1, made, moved
        if s.area.shape[0] == 0:
            if not may_join(s, i, j, y) or not may_join(s, y, a, i):
                continue
            move(s, i, k)
            move(s, y, back)
        else:
            # One after the other, each in one piece. The opposite exchange passes the same middle when it is drawn by
            # way of the other unit, so the two still balance each other.
            if not may_join(s, i, j, y) or not may_leave(s, i):
                continue
            move(s, i, k)
            if not may_join(s, y, a, -1) or not may_leave(s, y):
                move(s, i, here)
                continue
            move(s, y, back)
        moved += more
        made += 1
    return steps, made, moved


@njit(cache=True, nogil=True)
def _drawn(cumulative, first, last):
    """A place from `first` up to `last`, each with the chance by which the cumulative sum grows there."""
    below = cumulative[first - 1] if first > 0 else 0.0
    aim = below + np.random.random() * (cumulative[last - 1] - below)
    low, high = first, last - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > aim:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _place(cumulative, i):
    """A place of unit i's list; most are near its beginning."""
    aim = np.random.random() * cumulative[i, -1]
    for k in range(cumulative.shape[1]):
        if cumulative[i, k] > aim:
            return k
    return cumulative.shape[1] - 1


@njit(cache=True, nogil=True)
def _fits(s, j, gained, lost):
    """Whether every measure of seat j stays inside its limits when it gains one unit and loses another; -1 is none."""
    for m in range(s.loads.shape[1]):
        load = s.loads[j, m]
        if gained >= 0:
            load += s.weights[gained, m]
        if lost >= 0:
            load -= s.weights[lost, m]
        if load > s.high[j, m] + SLACK or load < s.low[j, m] - SLACK:
            return False
    return True
