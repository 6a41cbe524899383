"""The state a local search works on, as one bundle of arrays, and the few steps every move is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit


class Arrays(NamedTuple):
    """Everything a move reads and writes. Widths: U units, K candidates, M measures, S seats, A areas."""

    cost: Any
    """(U, K)"""
    seats: Any
    """(U, K) int32; -1 ends a list"""
    weights: Any
    """(U, M)"""
    prices: Any
    """(S, M)"""
    low: Any
    """(S, M)"""
    high: Any
    """(S, M)"""
    owners: Any
    """(U,) written"""
    slots: Any
    """(U,) written: where the owner stands in the unit's list"""
    loads: Any
    """(S, M) written"""
    members: Any
    """(room,) units of each seat from start[seat], written"""
    start: Any
    """(S + 1,)"""
    count: Any
    """(S,) written"""
    position: Any
    """(U,) written: where a unit stands among its seat's members"""
    apart_start: Any
    """(U + 1,)"""
    apart_with: Any
    area: Any
    """(U,) or empty where contiguity is not asked; -1 is exempt"""
    area_start: Any
    """(A + 1,)"""
    area_next: Any
    area_count: Any
    """(S, A) units of the seat in the area, written"""
    queue: Any
    """(A,) scratch"""
    mark: Any
    """(A,) scratch"""
    region: Any
    """(S,) moves go only between seats of one region; regions are worked on side by side"""


@njit(cache=True, nogil=True)
def enrol(owners, seats, slack):
    """Lists of the units of each seat, with room to grow: members, start, count, position."""
    count = np.zeros(seats, np.int64)
    for i in range(owners.shape[0]):
        count[owners[i]] += 1
    start = np.zeros(seats + 1, np.int64)
    for j in range(seats):
        start[j + 1] = start[j] + int(count[j] * slack) + 64
    members = np.empty(start[seats], np.int64)
    position = np.empty(owners.shape[0], np.int64)
    count[:] = 0
    for i in range(owners.shape[0]):
        j = owners[i]
        members[start[j] + count[j]] = i
        position[i] = count[j]
        count[j] += 1
    return members, start, count, position


@njit(cache=True, nogil=True)
def excess(s, j):
    """How far seat j is outside its limits, summed over the measures."""
    over = 0.0
    for m in range(s.loads.shape[1]):
        over += max(0.0, s.loads[j, m] - s.high[j, m]) + max(0.0, s.low[j, m] - s.loads[j, m])
    return over


@njit(cache=True, nogil=True)
def excess_with(s, j, gained, lost):
    """The same if the seat gained one unit and lost another; -1 is none."""
    over = 0.0
    for m in range(s.loads.shape[1]):
        load = s.loads[j, m]
        if gained >= 0:
            load += s.weights[gained, m]
        if lost >= 0:
            load -= s.weights[lost, m]
        over += max(0.0, load - s.high[j, m]) + max(0.0, s.low[j, m] - load)
    return over


@njit(cache=True, nogil=True)
def priced(s, i, k):
    """What unit i costs at the k-th seat of its list, prices included."""
    j = s.seats[i, k]
    cost = float(s.cost[i, k])
    for m in range(s.weights.shape[1]):
        cost += s.prices[j, m] * s.weights[i, m]
    return cost


@njit(cache=True, nogil=True)
def slot_of(s, i, seat):
    """Where a seat stands in unit i's list, or -1."""
    for k in range(s.seats.shape[1]):
        if s.seats[i, k] == seat:
            return k
        if s.seats[i, k] < 0:
            return -1
    return -1


@njit(cache=True, nogil=True)
def move(s, i, k):
    """Give unit i to the k-th seat of its list."""
    a = s.owners[i]
    b = s.seats[i, k]
    for m in range(s.weights.shape[1]):
        s.loads[a, m] -= s.weights[i, m]
        s.loads[b, m] += s.weights[i, m]
    place = s.position[i]
    last = s.members[s.start[a] + s.count[a] - 1]
    s.members[s.start[a] + place] = last
    s.position[last] = place
    s.count[a] -= 1
    s.members[s.start[b] + s.count[b]] = i
    s.position[i] = s.count[b]
    s.count[b] += 1
    s.owners[i] = b
    s.slots[i] = k
    if s.area.shape[0] and s.area[i] >= 0:
        s.area_count[a, s.area[i]] -= 1
        s.area_count[b, s.area[i]] += 1


@njit(cache=True, nogil=True)
def has_room(s, j):
    """Whether the member list of a seat can take one more before it is laid out anew."""
    return s.count[j] + 1 < s.start[j + 1] - s.start[j]


@njit(cache=True, nogil=True)
def may_join(s, i, j, leaving):
    """Whether unit i may join seat j: nobody there it must be kept apart from, and its area touches the seat's."""
    for q in range(s.apart_start[i], s.apart_start[i + 1]):
        other = s.apart_with[q]
        if other != leaving and s.owners[other] == j:
            return False
    if s.area.shape[0] == 0 or s.area[i] < 0:
        return True
    area = s.area[i]
    if s.area_count[j, area] > 0:
        return True
    for q in range(s.area_start[area], s.area_start[area + 1]):
        if s.area_count[j, s.area_next[q]] > 0:
            return True
    return s.area_count[j].sum() == 0  # an empty seat may begin anywhere


@njit(cache=True, nogil=True)
def may_leave(s, i):
    """Whether unit i's seat stays in one piece without it: the neighbours it leaves behind still reach each other."""
    if s.area.shape[0] == 0 or s.area[i] < 0:
        return True
    j = s.owners[i]
    area = s.area[i]
    if s.area_count[j, area] > 1:
        return True
    neighbours = 0
    first = -1
    for q in range(s.area_start[area], s.area_start[area + 1]):
        if s.area_count[j, s.area_next[q]] > 0 and s.area_next[q] != area:
            neighbours += 1
            first = s.area_next[q]
    if neighbours <= 1:
        return True
    s.mark[:] = 0
    s.mark[area] = 1
    s.mark[first] = 1
    s.queue[0] = first
    head = 0
    tail = 1
    while head < tail:
        here = s.queue[head]
        head += 1
        for q in range(s.area_start[here], s.area_start[here + 1]):
            there = s.area_next[q]
            if s.mark[there] == 0 and s.area_count[j, there] > 0:
                s.mark[there] = 1
                s.queue[tail] = there
                tail += 1
    for q in range(s.area_start[area], s.area_start[area + 1]):
        there = s.area_next[q]
        if s.area_count[j, there] > 0 and s.mark[there] == 0:
            return False
    return True
