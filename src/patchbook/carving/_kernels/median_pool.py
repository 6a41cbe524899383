"""A pool of the groups that a search has met, each kept once, to be put together anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from patchbook.carving._kernels.median_groups import distance


class Pool(NamedTuple):
    """Feasible groups, one after another in one array of members, found again by a hash of their members."""

    words: np.ndarray  # (units,) a random word for each unit: the hash of a group is the sum of its members' words
    slots: np.ndarray  # (power of two,) index of a group, or -1
    hashes: np.ndarray  # (room,) of each group kept
    starts: np.ndarray  # (room + 1,) where its members begin; the next one's start is where they end
    members: np.ndarray  # (room for all members,) units
    costs: np.ndarray  # (room,) sum of distances to its best median
    held: np.ndarray  # (1,) how many groups are kept


@njit(cache=True, nogil=True)
def collect(ground, groups, pool):
    """Keep every group within its capacity that is not kept yet; returns how many were new."""
    new = 0
    members = np.empty(groups.owner.shape[0], np.int64)
    for group in range(groups.median.shape[0]):
        median = groups.median[group]
        if groups.load[group] > ground.capacities[median]:
            continue
        size = groups.size[group]
        x = median
        for z in range(size):
            members[z] = x
            x = groups.after[x]
        new += insert(pool, members[:size], groups.sums[median])
    return new


@njit(cache=True, nogil=True)
def insert(pool, members, cost):
    """Keep a group of these members; returns 1, or 0 where it is kept already or there is no room."""
    held = pool.held[0]
    start = pool.starts[held]
    end = start + members.shape[0]
    if held == pool.hashes.shape[0] or end > pool.members.shape[0]:
        return 0
    word = np.uint64(0)
    for x in members:
        word += pool.words[x]
    last = pool.slots.shape[0] - 1
    slot = np.int64(word >> np.uint64(20)) & last
    while pool.slots[slot] >= 0:
        if pool.hashes[pool.slots[slot]] == word:
            return 0
        slot = (slot + 1) & last
    pool.slots[slot] = held
    pool.hashes[held] = word
    pool.costs[held] = cost
    pool.members[start:end] = members
    pool.starts[held + 1] = end
    pool.held[0] = held + 1
    return 1


@njit(cache=True, nogil=True)
def price(ground, worths, seat_worth, least, pool):
    """
    Keep, for each unit as a median, the group that is worth most above its cost, where that is more than `least`.

    A group is worth the `worths` (units,) of its members and `seat_worth`. Returns how many groups were new.
    """
    members = np.empty(worths.shape[0], np.int64)
    new = 0
    for median in range(worths.shape[0]):
        count, above, _ = worthiest(ground, worths, median, members)
        if count > 0 and above + seat_worth > least:
            new += insert(pool, members[:count], best_cost(ground, members[:count]))
    return new


@njit(cache=True, nogil=True)
def worthiest(ground, worths, median, members):
    """
    Write the group of a median that is worth most above its cost into `members`.

    Units are taken by what they are worth above their distance, for each unit of demand, while there is room: a greedy
    knapsack. Returns its size, that worth, and the most that any group of the median is worth: the same with a part of
    the first unit that does not fit (Dantzig 1957). A median without room for itself has size 0.
    """
    room = ground.capacities[median] - ground.demands[median]
    if room < 0.0:
        return 0, -np.inf, -np.inf
    found = 0
    ratio = np.empty(worths.shape[0])
    candidates = np.empty(worths.shape[0], np.int64)
    for i in range(worths.shape[0]):
        gain = worths[i] - distance(ground, i, median)
        if gain > 0.0 and i != median:
            candidates[found] = i
            ratio[found] = -gain / (ground.demands[i] + 1e-9)
            found += 1
    members[0] = median
    count = 1
    above = worths[median]
    part = -1.0
    for z in np.argsort(ratio[:found], kind="mergesort"):
        i = candidates[z]
        if ground.demands[i] <= room:
            room -= ground.demands[i]
            members[count] = i
            count += 1
            above += worths[i] - distance(ground, i, median)
        elif part < 0.0:
            part = above - ratio[z] * room
    return count, above, max(above, part)


@njit(cache=True, nogil=True)
def bid(ground, seats, worths, known, rounds, is_sure, pool):
    """
    Find out what each unit is worth: more while too few of the worthiest groups want it, less while too many do.

    The subgradient method on the Lagrangian dual of every unit being in one group (Lorena and Senne 2004), with steps
    in proportion to how far the dual is from `known`, the cost of an answer. `worths` (units,) is a start
    and takes the best found; groups of the last half of the rounds that might be in a better answer are kept in `pool`.
    Returns the value of the dual, and what the last group chosen there is worth above its cost. The value is a lower
    bound where it `is_sure`, a group counting for the most it may be worth; else as far as the greedy one is exact.
    """
    units = worths.shape[0]
    members = np.empty((units, units), np.int64)
    counts = np.empty(units, np.int64)
    above = np.empty(units)
    wanted = np.empty(units)
    present = worths.copy()
    best = -np.inf
    last = 0.0
    pace = 1.0
    stale = 0
    for round_ in range(rounds):
        for median in range(units):
            counts[median], above[median], at_most = worthiest(ground, present, median, members[median])
            if is_sure:
                above[median] = at_most
        chosen = np.argsort(-above, kind="mergesort")[:seats]
        value = present.sum()
        wanted[:] = 1.0
        for median in chosen:
            value -= above[median]
            for z in range(counts[median]):
                wanted[members[median, z]] -= 1.0
        if value > best:
            best = value
            last = above[chosen[seats - 1]]
            worths[:] = present
            stale = 0
        else:
            stale += 1
            if stale == STALE:
                pace *= 0.7
                stale = 0
                present[:] = worths
        if 2 * round_ >= rounds:
            enough = above[chosen[seats - 1]] - (known - value)
            for median in range(units):
                if counts[median] > 0 and above[median] >= enough:
                    group = members[median, : counts[median]]
                    insert(pool, group, best_cost(ground, group))
        square = (wanted**2).sum()
        if square == 0.0 or value >= known:
            break
        present += pace * (known - value) / square * wanted
    return best, last


STALE = 15
"""Rounds without a better bound after which bids become more careful."""


@njit(cache=True, nogil=True)
def best_cost(ground, members):
    """The sum of distances to the best median among members that has the capacity."""
    load = 0.0
    for x in members:
        load += ground.demands[x]
    best = np.inf
    for median in members:
        if load <= ground.capacities[median]:
            cost = 0.0
            for x in members:
                cost += distance(ground, x, median)
            best = min(best, cost)
    return best
