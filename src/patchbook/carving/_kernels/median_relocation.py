"""Dissolve one group and split another, wherever they are.

Local moves shift units between neighbours, and so spread the medians rightly within a region but hardly between
regions. This move takes a median from where it saves least to where it saves most.
"""

from __future__ import annotations

import numpy as np

from patchbook.carving._kernels.lean import lean
from patchbook.carving._kernels.median_groups import (
    LARGE,
    below,
    cost_with,
    distance,
    excess_cost,
    settle,
    transfer,
)

DISSOLVABLE = 40
"""Only groups up to this size are dissolved: larger ones never fit into their neighbours' slack."""
SPLIT_ALL_PAIRS = 6
"""Up to this size every pair of new medians is tried in a split; above, `SPLIT_SAMPLES` pairs are drawn."""
SPLIT_SAMPLES = 8
CANDIDATES = 20
"""Groups drawn for each end of a relocation; the best by the last estimate is taken."""


@lean
def relocate(ground, groups, region, random, penalty, threshold, temperature, members, homes):
    """Dissolve a group of the region and split another; returns whether it was done, and the change of cost."""
    count = region.groups.shape[0]
    refreshed = region.groups[below(random, count)]
    groups.gain[refreshed] = groups.cost[refreshed] - split_cost(ground, groups, random, refreshed, penalty)[0]
    refreshed = region.groups[below(random, count)]
    groups.loss[refreshed] = dissolving_cost(ground, groups, region, refreshed, penalty)
    parted = region.groups[below(random, count)]
    dissolved = region.groups[below(random, count)]
    for _ in range(CANDIDATES):
        other = region.groups[below(random, count)]
        if groups.gain[other] > groups.gain[parted]:
            parted = other
        other = region.groups[below(random, count)]
        if groups.loss[other] < groups.loss[dissolved]:
            dissolved = other
    # The estimates may be old, and units are judged one by one: leave room before the exact trial.
    hopeful = threshold + 2 * temperature
    if parted == dissolved or not groups.loss[dissolved] - groups.gain[parted] <= hopeful:
        return False, 0.0
    split, kept, opened = split_cost(ground, groups, random, parted, penalty)
    groups.gain[parted] = groups.cost[parted] - split
    groups.loss[dissolved] = dissolving_cost(ground, groups, region, dissolved, penalty)
    if opened < 0 or groups.size[dissolved] > DISSOLVABLE:
        return False, 0.0
    if not groups.loss[dissolved] - groups.gain[parted] <= hopeful:
        return False, 0.0
    bar = threshold + groups.gain[parted]
    done, delta = dissolve(ground, groups, region, dissolved, parted, penalty, bar, members, homes)
    if not done:
        return False, 0.0
    delta -= groups.cost[parted]
    x = groups.after[opened]
    transfer(ground, groups, opened, dissolved)
    remaining = groups.size[parted]
    for _ in range(remaining):
        following = groups.after[x]
        if x != kept and distance(ground, x, opened) < distance(ground, x, kept):
            transfer(ground, groups, x, dissolved)
        x = following
    settle(ground, groups, parted, penalty)
    settle(ground, groups, dissolved, penalty)
    return True, delta + groups.cost[parted] + groups.cost[dissolved]


@lean
def split_cost(ground, groups, random, group, penalty):
    """Cost of a group once it has two medians, and the two; (infinite, -1, -1) where it cannot be split."""
    size = groups.size[group]
    first = groups.median[group]
    best = np.inf
    kept = -1
    opened = -1
    if size < 2:
        return best, kept, opened
    if size <= SPLIT_ALL_PAIRS:
        u = first
        for _ in range(size - 1):
            v = groups.after[u]
            while v != first:
                cost = cost_at_two(ground, groups, u, v, penalty, best)
                if cost < best:
                    best, kept, opened = cost, u, v
                v = groups.after[v]
            u = groups.after[u]
        return best, kept, opened
    for sample in range(SPLIT_SAMPLES):
        u = first if 2 * sample < SPLIT_SAMPLES else ahead(groups, first, below(random, size))
        v = ahead(groups, u, 1 + below(random, size - 1))
        cost = cost_at_two(ground, groups, u, v, penalty, best)
        if cost < best:
            best, kept, opened = cost, u, v
    return best, kept, opened


@lean
def cost_at_two(ground, groups, u, v, penalty, enough):
    """Cost of the ring of `u` once each unit goes to the nearer of `u` and `v`, or infinite from `enough` up."""
    cost = 0.0
    load = 0.0
    x = u
    while cost < enough:
        to_u = distance(ground, u, x)
        to_v = distance(ground, v, x)
        if to_u <= to_v and x != v:
            cost += to_u
            load += ground.demands[x]
        else:
            cost += to_v
        x = groups.after[x]
        if x == u:
            cost += excess_cost(penalty, load, ground.capacities[u])
            return cost + excess_cost(penalty, groups.load[groups.owner[u]] - load, ground.capacities[v])
    return np.inf


@lean
def ahead(groups, unit, steps):
    """The unit so many steps further round the ring."""
    for _ in range(steps):
        unit = groups.after[unit]
    return unit


@lean
def dissolving_cost(ground, groups, region, group, penalty):
    """What dissolving a group would cost if each unit went alone; infinite where it is too large or has no way out."""
    if groups.size[group] > DISSOLVABLE:
        return np.inf
    cost = -groups.cost[group]
    first = groups.median[group]
    x = first
    while True:
        cost += cheapest_home(ground, groups, region, x, group, -1, penalty)[0]
        x = groups.after[x]
        if x == first or cost == np.inf:
            break
    return cost


@lean
def cheapest_home(ground, groups, region, i, own, banned, penalty):
    """The least that joining a neighbour of the region adds to its cost, and that group (-1 where there is none)."""
    best = np.inf
    home = -1
    demand = ground.demands[i]
    previous = -1
    for k in range(ground.neighbours.shape[1]):
        group = groups.owner[ground.neighbours[i, k]]
        if group in (own, banned, previous) or not region.is_open[group]:
            continue
        previous = group
        added = groups.least[group] + ground.nearest[i] - groups.cost[group]
        added += excess_cost(penalty, groups.load[group] + demand, ground.largest_capacity)
        if groups.size[group] <= LARGE and added >= best:
            continue
        added = cost_with(ground, groups, i, group, penalty) - groups.cost[group]
        if added < best:
            best = added
            home = group
    return best, home


@lean
def dissolve(ground, groups, region, dissolved, banned, penalty, bar, members, homes):
    """Send each unit of a group to its cheapest neighbour, or undo it all once that costs more than `bar`."""
    size = groups.size[dissolved]
    x = groups.median[dissolved]
    for z in range(size):
        members[z] = x
        x = groups.after[x]
    delta = -groups.cost[dissolved]
    gone = 0
    for z in range(size):
        added, home = cheapest_home(ground, groups, region, members[z], dissolved, banned, penalty)
        delta += added
        if home < 0 or delta > bar:
            break
        homes[z] = home
        transfer(ground, groups, members[z], home)
        settle(ground, groups, home, penalty)
        gone += 1
    if gone == size:
        return True, delta
    for z in range(gone):
        transfer(ground, groups, members[z], dissolved)
        settle(ground, groups, homes[z], penalty)
    settle(ground, groups, dissolved, penalty)
    return False, 0.0
