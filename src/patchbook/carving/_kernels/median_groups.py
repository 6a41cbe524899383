"""Groups of units round their medians, kept so that a change can be judged by one walk round a group.

A group is a ring of units (`after`, `before`) entered at its median. For every unit the sum of distances to its group
is kept, so the cost of a group with a unit more, less or exchanged, *with its median chosen anew*, takes one walk.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from patchbook.carving._kernels.lean import lean

LARGE = 24
"""Groups above this size are judged by their present median; it is chosen anew after the move."""


class Ground(NamedTuple):
    """What does not change: where the units are, and what they ask for and can carry."""

    x: np.ndarray
    y: np.ndarray
    distances: np.ndarray  # (units, units), or empty: straight lines between x, y are computed on the fly
    demands: np.ndarray
    capacities: np.ndarray  # with a billionth more, so that rounding is no excess
    neighbours: np.ndarray  # (units, k) nearest first, without the unit itself
    nearest: np.ndarray  # (units,) distance to the nearest other unit
    largest_capacity: float
    thresholds: np.ndarray  # (1024,) quantiles of the exponential distribution: Metropolis without a logarithm


class Groups(NamedTuple):
    """A partition of the units, and everything kept about it so that moves are cheap to judge."""

    owner: np.ndarray  # (units,) group
    after: np.ndarray  # (units,) next unit of the group's ring
    before: np.ndarray
    sums: np.ndarray  # (units,) distances to all of its group
    without: np.ndarray  # (units,) least median sum of its group if it left; kept for groups up to LARGE
    median: np.ndarray  # (groups,) unit
    load: np.ndarray
    size: np.ndarray
    cost: np.ndarray  # sum at the median + penalty · excess
    least: np.ndarray  # least sum of any member, capacity aside
    gain: np.ndarray  # last estimate of what splitting the group saves
    loss: np.ndarray  # last estimate of what dissolving it costs


class Region(NamedTuple):
    """The part of the ground that a search may change: some groups and all of their units."""

    units: np.ndarray
    groups: np.ndarray
    is_open: np.ndarray  # (groups,) whether a group belongs to the region


@lean
def rebuild(ground, groups, penalty):
    """Work out everything from `owner`; returns the penalised cost and how many groups are overloaded."""
    count = groups.median.shape[0]
    groups.size[:] = 0
    groups.load[:] = 0.0
    for i in range(groups.owner.shape[0]):
        link(ground, groups, i, groups.owner[i])
    overloaded = 0
    total = 0.0
    for group in range(count):
        overloaded += settle(ground, groups, group, penalty)
        total += groups.cost[group]
    return total, overloaded


@lean
def transfer(ground, groups, i, b):
    """Take `i` out of its group, which must not be left empty, and into group `b`. `settle` both afterwards."""
    unlink(ground, groups, i)
    link(ground, groups, i, b)


@lean
def unlink(ground, groups, i):
    """Take `i` out of its ring; where it was the median, its successor stands in until `settle`."""
    a = groups.owner[i]
    x = groups.after[i]
    while x != i:
        groups.sums[x] -= distance(ground, x, i)
        x = groups.after[x]
    after = groups.after[i]
    before = groups.before[i]
    groups.after[before] = after
    groups.before[after] = before
    if groups.median[a] == i:
        groups.median[a] = after
    groups.size[a] -= 1
    groups.load[a] -= ground.demands[i]


@lean
def link(ground, groups, i, b):
    """Put `i` into the ring of group `b`; an empty group becomes `i` alone."""
    own = 0.0
    if groups.size[b] == 0:
        groups.median[b] = i
        groups.after[i] = i
        groups.before[i] = i
    else:
        median = groups.median[b]
        x = median
        while True:
            d = distance(ground, x, i)
            own += d
            groups.sums[x] += d
            x = groups.after[x]
            if x == median:
                break
        after = groups.after[median]
        groups.after[median] = i
        groups.before[i] = median
        groups.after[i] = after
        groups.before[after] = i
    groups.sums[i] = own
    groups.owner[i] = b
    groups.size[b] += 1
    groups.load[b] += ground.demands[i]


@lean
def settle(ground, groups, group, penalty):
    """Choose a group's median anew and all that is kept about the group; returns 1 where it is overloaded."""
    first = groups.median[group]
    load = groups.load[group]
    best = np.inf
    least = np.inf
    median = first
    x = first
    while True:
        if groups.sums[x] < least:
            least = groups.sums[x]
        cost = groups.sums[x] + excess_cost(penalty, load, ground.capacities[x])
        if cost < best:
            best = cost
            median = x
        x = groups.after[x]
        if x == first:
            break
    groups.median[group] = median
    groups.cost[group] = best
    groups.least[group] = least
    if groups.size[group] <= LARGE:
        i = median
        while True:
            without = np.inf
            x = groups.after[i]
            while x != i:
                cost = groups.sums[x] - distance(ground, x, i)
                if cost < without:
                    without = cost
                x = groups.after[x]
            groups.without[i] = without
            i = groups.after[i]
            if i == median:
                break
    return is_overloaded(ground, groups, group)


@lean
def is_overloaded(ground, groups, group):
    """1 where a group's load is above the capacity of its median, else 0."""
    return 1 if groups.load[group] - ground.capacities[groups.median[group]] > 0.0 else 0


@lean
def cost_without(ground, groups, i, penalty):
    """Cost of the group of `i` once `i` has left it."""
    a = groups.owner[i]
    median = groups.median[a]
    load = groups.load[a] - ground.demands[i]
    if groups.size[a] > LARGE and i != median:
        cost = groups.sums[median] - distance(ground, median, i)
        return cost + excess_cost(penalty, load, ground.capacities[median])
    best = np.inf
    x = groups.after[i]
    while x != i:
        cost = groups.sums[x] - distance(ground, x, i) + excess_cost(penalty, load, ground.capacities[x])
        if cost < best:
            best = cost
        x = groups.after[x]
    return best


@lean
def cost_with(ground, groups, i, b, penalty):
    """Cost of group `b` once `i` has joined it."""
    median = groups.median[b]
    load = groups.load[b] + ground.demands[i]
    if groups.size[b] > LARGE:
        cost = groups.sums[median] + distance(ground, median, i)
        return cost + excess_cost(penalty, load, ground.capacities[median])
    best = np.inf
    own = 0.0
    x = median
    while True:
        d = distance(ground, x, i)
        own += d
        cost = groups.sums[x] + d + excess_cost(penalty, load, ground.capacities[x])
        if cost < best:
            best = cost
        x = groups.after[x]
        if x == median:
            break
    return min(best, own + excess_cost(penalty, load, ground.capacities[i]))


@lean
def cost_exchanged(ground, groups, i, j, penalty):
    """Cost of the group of `i` once `j` has taken the place of `i`."""
    a = groups.owner[i]
    median = groups.median[a]
    load = groups.load[a] - ground.demands[i] + ground.demands[j]
    if groups.size[a] > LARGE and i != median:
        cost = groups.sums[median] - distance(ground, median, i) + distance(ground, median, j)
        return cost + excess_cost(penalty, load, ground.capacities[median])
    best = np.inf
    own = 0.0
    x = groups.after[i]
    while x != i:
        d = distance(ground, x, j)
        own += d
        cost = groups.sums[x] - distance(ground, x, i) + d
        cost = cost + excess_cost(penalty, load, ground.capacities[x])
        if cost < best:
            best = cost
        x = groups.after[x]
    return min(best, own + excess_cost(penalty, load, ground.capacities[j]))


@lean
def excess_cost(penalty, load, capacity):
    """What a load above capacity is charged."""
    excess = load - capacity
    return penalty * excess if excess > 0.0 else 0.0


@lean
def distance(ground, i, j):
    """How far two units are apart."""
    if ground.distances.shape[0] > 0:
        return ground.distances[i, j]
    dx = ground.x[i] - ground.x[j]
    dy = ground.y[i] - ground.y[j]
    return math.sqrt(dx * dx + dy * dy)


@lean
def below(random, limit):
    """A whole number from 0 up to, not including, `limit` (at most 2³²)."""
    return np.int64(((draw(random) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32))


@lean
def draw(random):
    """64 random bits (xorshift64*, Vigna 2016); `random` is one word of state, never 0."""
    word = random[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    random[0] = word
    return word * np.uint64(2685821657736338717)
