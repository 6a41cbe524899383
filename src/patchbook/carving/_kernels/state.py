"""The state a local search works on, as one bundle of arrays, and the few steps every move is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from patchbook.carving._kernels.lean import lean


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
    """(A + 1,) scratch of the searches for pieces; its last entry is where the marks of the next search begin"""
    mark: Any
    """(A,) scratch: which search saw an area last"""
    leader: Any
    """(A,) scratch: of each search, the one it has been joined to"""
    waiting: Any
    """(A,) scratch: of each leader, areas still to look around from"""
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


@lean
def excess(s, j):
    """How far seat j is outside its limits, summed over the measures."""
    over = 0.0
    for m in range(s.loads.shape[1]):
        over += max(0.0, s.loads[j, m] - s.high[j, m]) + max(0.0, s.low[j, m] - s.loads[j, m])
    return over


@lean
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


@lean
def priced(s, i, k):
    """What unit i costs at the k-th seat of its list, prices included."""
    j = s.seats[i, k]
    cost = float(s.cost[i, k])
    for m in range(s.weights.shape[1]):
        cost += s.prices[j, m] * s.weights[i, m]
    return cost


@lean
def slot_of(s, i, seat):
    """Where a seat stands in unit i's list, or -1."""
    for k in range(s.seats.shape[1]):
        if s.seats[i, k] == seat:
            return k
        if s.seats[i, k] < 0:
            return -1
    return -1


@lean
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


@lean
def has_room(s, j):
    """Whether the member list of a seat can take one more before it is laid out anew."""
    return s.count[j] + 1 < s.start[j + 1] - s.start[j]


@lean
def may_join(s, i, j, leaving):
    """Whether unit i may join seat j: nobody there it must be kept apart from, and its area touches the seat's."""
    for q in range(s.apart_start[i], s.apart_start[i + 1]):
        other = s.apart_with[q]
        if other != leaving and s.owners[other] == j:
            return False
    return touches(s, i, j) or _has_no_ground(s, j)


@lean
def touches(s, i, j):
    """Whether unit i lies in or beside an area of seat j; a unit without an area lies beside everybody."""
    if s.area.shape[0] == 0 or s.area[i] < 0:
        return True
    area = s.area[i]
    if s.area_count[j, area] > 0:
        return True
    for q in range(s.area_start[area], s.area_start[area + 1]):  # noqa: SIM110  # Numba compiles no generators
        if s.area_count[j, s.area_next[q]] > 0:
            return True
    return False


@lean
def _has_no_ground(s, j):
    """Whether seat j has no unit with an area: it may begin anywhere."""
    for q in range(s.start[j], s.start[j] + s.count[j]):  # noqa: SIM110  # Numba compiles no generators
        if s.area[s.members[q]] >= 0:
            return False
    return True


@lean
def may_leave(s, i):
    """
    Whether unit i's seat falls into no more pieces without it: the neighbours it leaves behind still reach each other.

    One search starts from every neighbour at once. Around most areas the neighbours touch each other and the first
    round ends it (the local articulation test); else it goes on until all have met, or one of them has nowhere left to
    go: its piece would be torn off. So it costs what the smaller side of the cut holds, not the whole seat.
    """
    if s.area.shape[0] == 0 or s.area[i] < 0:
        return True
    j = s.owners[i]
    area = s.area[i]
    if s.area_count[j, area] > 1:
        return True
    last = s.queue.shape[0] - 1
    base = s.queue[last]  # marks below it are of earlier searches
    groups = 0
    for q in range(s.area_start[area], s.area_start[area + 1]):
        there = s.area_next[q]
        if there != area and s.area_count[j, there] > 0:
            s.mark[there] = base + groups
            s.queue[groups] = there
            groups += 1
    s.queue[last] = base + max(groups, 1)
    return groups <= 1 or _all_meet(s, j, area, base, groups)


@lean
def _all_meet(s, j, without, base, groups):
    """Whether searches from the areas in the queue, marked from `base` on, all meet inside seat j."""
    leader, waiting = s.leader, s.waiting
    for group in range(groups):
        leader[group] = group
        waiting[group] = 1
    left = groups
    head = 0
    tail = groups
    while head < tail:
        here = s.queue[head]
        head += 1
        mine = _leader_of(leader, s.mark[here] - base)
        waiting[mine] -= 1
        for q in range(s.area_start[here], s.area_start[here + 1]):
            there = s.area_next[q]
            if there == without or s.area_count[j, there] == 0:
                continue
            if s.mark[there] < base:
                s.mark[there] = base + mine
                s.queue[tail] = there
                tail += 1
                waiting[mine] += 1
                continue
            other = _leader_of(leader, s.mark[there] - base)
            if other != mine:
                leader[other] = mine
                waiting[mine] += waiting[other]
                left -= 1
                if left == 1:
                    return True
        if waiting[mine] == 0:
            return False
    return False


@lean
def _leader_of(leader, group):
    while leader[group] != group:
        group = leader[group]
    return group
