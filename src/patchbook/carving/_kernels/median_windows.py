"""Cool a window again and again: a few neighbouring groups, kept only where that made them better.

A cooling of everything ends with each part of the ground in some good state. Here each part keeps the best of the
many states it has been in, which one cooling of everything cannot do however slow it is.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from patchbook.carving._kernels.lean import lean
from patchbook.carving._kernels.median_groups import Region, below, link, settle
from patchbook.carving._kernels.medians import anneal

STEPS = 12
"""Temperatures of one cooling."""
GROUPS_AT_LEAST = 4
"""Fewer than so many groups would have nowhere to go."""


@njit(cache=True, nogil=True)
def recool(ground, groups, random, cooling, relocate_every, moves_per_unit, units_at_most, budget):
    """
    Cool windows, each round a unit that is drawn, and leave each better or as it was; returns what is saved.

    Parameters
    ----------
    cooling
        (5,) temperature at the start (the least and most it is drawn from) and at the end, price of a unit of demand
        above capacity at the start and at the end.
    moves_per_unit
        Moves proposed in one window for each of its units.
    units_at_most
        A window takes in groups until it has so many units, and `GROUPS_AT_LEAST`.
    budget
        Windows are cooled until so many moves are proposed.
    """
    best_owner = groups.owner.copy()
    best_cost = np.zeros(1)
    saved = 0.0
    count = groups.median.shape[0]
    is_open = np.zeros(count, np.bool_)
    chosen = np.empty(count, np.int64)
    members = np.empty(groups.owner.shape[0], np.int64)
    while budget > 0:
        region = open_window(ground, groups, below(random, len(groups.owner)), units_at_most, is_open, chosen, members)
        before = 0.0
        for group in region.groups:
            before += groups.cost[group]
        best_cost[0] = before
        for i in region.units:
            best_owner[i] = groups.owner[i]
        moves = moves_per_unit * len(region.units) // STEPS
        budget -= moves * STEPS
        share = below(random, 1024) / 1023
        start = cooling[0] * (cooling[1] / cooling[0]) ** share
        for step in range(STEPS):
            done = step / (STEPS - 1)
            temperature = start * (cooling[2] / start) ** done
            penalty = cooling[3] * (cooling[4] / cooling[3]) ** done
            anneal(ground, groups, region, random, moves, relocate_every, temperature, penalty, best_owner, best_cost)
        restore(ground, groups, region, best_owner, cooling[4])
        saved += before - best_cost[0]
        for group in region.groups:
            is_open[group] = False
    return saved


@njit(cache=True, nogil=True)
def open_window(ground, groups, unit, units_at_most, is_open, chosen, members):
    """The group of a unit and those next to it, outwards from neighbour to neighbour."""
    chosen[0] = groups.owner[unit]
    is_open[chosen[0]] = True
    count = 1
    size = groups.size[chosen[0]]
    seen = 0
    found = 0
    while seen < count:
        first = groups.median[chosen[seen]]
        seen += 1
        x = first
        while True:
            members[found] = x
            found += 1
            for k in range(ground.neighbours.shape[1]):
                other = groups.owner[ground.neighbours[x, k]]
                if not is_open[other] and (size < units_at_most or count < GROUPS_AT_LEAST):
                    is_open[other] = True
                    chosen[count] = other
                    count += 1
                    size += groups.size[other]
            x = groups.after[x]
            if x == first:
                break
    return Region(members[:found].copy(), chosen[:count].copy(), is_open)


@lean
def restore(ground, groups, region, owner, penalty):
    """Put the units of a region back to where `owner` says, and work out its groups anew."""
    for group in region.groups:
        groups.size[group] = 0
        groups.load[group] = 0.0
    for i in region.units:
        link(ground, groups, i, owner[i])
    for group in region.groups:
        settle(ground, groups, group, penalty)
