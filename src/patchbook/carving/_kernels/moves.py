"""Sweeps of one kind of move over the units. Each returns how many moves it made."""

from __future__ import annotations

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
def shift_sweep(s, order, penalty, only_violated):
    """Give each unit of `order` to the seat that lowers cost + penalty · excess the most, where one does."""
    made = 0
    for z in range(order.shape[0]):
        i = order[z]
        a = s.owners[i]
        here = excess(s, a)
        if only_violated and here <= 0.0 and not _near_trouble(s, i):
            continue
        now = priced(s, i, s.slots[i])
        relief = excess_with(s, a, -1, i) - here
        best = -1e-7 * abs(now) - 1e-9
        chosen = -1
        checked = False
        for k in range(s.seats.shape[1]):
            j = s.seats[i, k]
            if j < 0:
                break
            if j == a or s.region[j] != s.region[a]:
                continue
            delta = priced(s, i, k) - now + penalty * relief
            there = excess(s, j)
            if delta - penalty * there >= best:
                continue
            delta += penalty * (excess_with(s, j, i, -1) - there)
            if delta < best and has_room(s, j) and may_join(s, i, j, -1):
                if not checked:
                    if not may_leave(s, i):
                        break
                    checked = True
                best = delta
                chosen = k
        if chosen >= 0:
            move(s, i, chosen)
            made += 1
    return made


@lean
def swap_sweep(s, order, penalty, only_violated, tries, reach, seed):
    """Exchange each unit of `order` with the best of `tries` units drawn from each of its `reach` cheapest seats."""
    np.random.seed(seed)
    made = 0
    for z in range(order.shape[0]):
        i = order[z]
        a = s.owners[i]
        here = excess(s, a)
        if only_violated and here <= 0.0 and not _near_trouble(s, i):
            continue
        now = priced(s, i, s.slots[i])
        best = -1e-7 * abs(now) - 1e-9
        chosen = -1
        partner = -1
        back = -1
        for k in range(min(reach, s.seats.shape[1])):
            j = s.seats[i, k]
            if j < 0:
                break
            if j == a or s.count[j] == 0 or s.region[j] != s.region[a]:
                continue
            gain = priced(s, i, k) - now
            there = excess(s, j)
            if gain > 0.0 and gain - penalty * (here + there) >= best:
                continue
            for _ in range(tries):
                y = s.members[s.start[j] + np.random.randint(s.count[j])]
                ky = slot_of(s, y, a)
                if ky < 0:
                    continue
                delta = gain + priced(s, y, ky) - priced(s, y, s.slots[y])
                if delta - penalty * (here + there) >= best:
                    continue
                delta += penalty * (excess_with(s, a, y, i) + excess_with(s, j, i, y) - here - there)
                if delta < best and may_join(s, i, j, y) and may_join(s, y, a, i):
                    best = delta
                    chosen = k
                    partner = y
                    back = ky
        if chosen >= 0 and exchange(s, i, chosen, partner, back):
            made += 1
    return made


@lean
def chain_sweep(s, order, penalty, only_violated, tries, reach, seed):
    """Move a unit from a to b and one of b's on to a third seat c, where the two together are worth it."""
    np.random.seed(seed)
    made = 0
    for z in range(order.shape[0]):
        i = order[z]
        a = s.owners[i]
        here = excess(s, a)
        if only_violated and here <= 0.0 and not _near_trouble(s, i):
            continue
        now = priced(s, i, s.slots[i])
        left = excess_with(s, a, -1, i)
        best = -1e-7 * abs(now) - 1e-9
        chosen = -1
        partner = -1
        onward = -1
        for k in range(min(reach, s.seats.shape[1])):
            b = s.seats[i, k]
            if b < 0:
                break
            if b == a or s.count[b] == 0 or s.region[b] != s.region[a]:
                continue
            there = excess(s, b)
            gain = priced(s, i, k) - now + penalty * (left - here)
            for _ in range(tries):
                y = s.members[s.start[b] + np.random.randint(s.count[b])]
                middle = gain - priced(s, y, s.slots[y]) + penalty * (excess_with(s, b, i, y) - there)
                for q in range(min(reach, s.seats.shape[1])):
                    c = s.seats[y, q]
                    if c < 0:
                        break
                    if s.region[c] != s.region[a]:
                        continue
                    if c == a or c == b:  # noqa: SIM109  # Numba has no `in` over integers of two widths
                        continue
                    beyond = excess(s, c)
                    delta = middle + priced(s, y, q)
                    if delta - penalty * beyond >= best:
                        continue
                    delta += penalty * (excess_with(s, c, y, -1) - beyond)
                    if delta < best and has_room(s, c) and may_join(s, i, b, y) and may_join(s, y, c, -1):
                        best = delta
                        chosen = k
                        partner = y
                        onward = q
        if chosen >= 0 and exchange(s, i, chosen, partner, onward):
            made += 1
    return made


@lean
def _near_trouble(s, i):
    """Whether one of the unit's nearest seats is outside its limits."""
    for k in range(min(6, s.seats.shape[1])):
        j = s.seats[i, k]
        if j < 0:
            break
        if s.region[j] != s.region[s.owners[i]]:
            continue
        for m in range(s.loads.shape[1]):
            if s.loads[j, m] < s.low[j, m] or s.loads[j, m] > s.high[j, m]:
                return True
    return False


@lean
def exchange(s, i, k, y, q):
    """
    Move y to its q-th seat and i to its k-th, or neither where a seat would fall apart.

    Each of the two is checked as things stand when it is made, so both seats are whole between them and after them.
    """
    if s.area.shape[0] == 0:
        if not (has_room(s, s.seats[i, k]) and has_room(s, s.seats[y, q])):
            return False
        move(s, i, k)
        move(s, y, q)
        return True
    if not has_room(s, s.seats[i, k]) or not may_leave(s, i) or not may_join(s, i, s.seats[i, k], y):
        return False
    back = s.slots[i]
    move(s, i, k)
    if has_room(s, s.seats[y, q]) and may_leave(s, y) and may_join(s, y, s.seats[y, q], -1):
        move(s, y, q)
        return True
    move(s, i, back)
    return False
