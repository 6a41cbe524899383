"""A pool of the groups that a search has met, each kept once, to be put together anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit


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
    slots = pool.slots.shape[0]
    new = 0
    for group in range(groups.median.shape[0]):
        held = pool.held[0]
        start = pool.starts[held]
        if held == pool.hashes.shape[0] or start + groups.size[group] > pool.members.shape[0]:
            break  # full
        median = groups.median[group]
        if groups.load[group] > ground.capacities[median]:
            continue
        word = np.uint64(0)
        x = median
        while True:
            word += pool.words[x]
            x = groups.after[x]
            if x == median:
                break
        slot = np.int64(word >> np.uint64(20)) & (slots - 1)
        while pool.slots[slot] >= 0 and pool.hashes[pool.slots[slot]] != word:
            slot = (slot + 1) & (slots - 1)
        if pool.slots[slot] >= 0:
            continue
        pool.slots[slot] = held
        pool.hashes[held] = word
        pool.costs[held] = groups.sums[median]
        end = start
        while True:
            pool.members[end] = x
            end += 1
            x = groups.after[x]
            if x == median:
                break
        pool.starts[held + 1] = end
        pool.held[0] = held + 1
        new += 1
    return new


@njit(cache=True, nogil=True)
def inside(pool, is_inside):
    """The groups whose members all lie within a set of units."""
    found = np.empty(pool.held[0], np.int64)
    count = 0
    for group in range(pool.held[0]):
        start, end = pool.starts[group], pool.starts[group + 1]
        position = start
        while position < end and is_inside[pool.members[position]]:
            position += 1
        if position == end:
            found[count] = group
            count += 1
    return found[:count].copy()
