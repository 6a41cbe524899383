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

    A group is worth the `worths` (units,) of its members and `seat_worth`. Members are taken by what they are worth
    above their distance, for each unit of demand, while there is room: a greedy knapsack. Returns how many were new.
    """
    units = worths.shape[0]
    gain = np.empty(units)
    ratio = np.empty(units)
    members = np.empty(units, np.int64)
    new = 0
    for median in range(units):
        room = ground.capacities[median] - ground.demands[median]
        if room < 0.0:
            continue
        for i in range(units):
            gain[i] = worths[i] - distance(ground, i, median)
            ratio[i] = -gain[i] / (ground.demands[i] + 1e-9)
        members[0] = median
        count = 1
        above = seat_worth + worths[median]
        for i in np.argsort(ratio, kind="mergesort"):
            if gain[i] <= 0.0:
                break
            if i != median and ground.demands[i] <= room:
                room -= ground.demands[i]
                members[count] = i
                count += 1
                above += gain[i]
        if above > least:
            new += insert(pool, members[:count], best_cost(ground, members[:count]))
    return new


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
