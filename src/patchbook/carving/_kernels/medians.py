"""Annealing of a capacitated p-median by shifts, swaps, chains of two and relocations.

Most proposals are turned down by a bound that takes a few additions; the others are judged exactly, medians chosen
anew, on the rings of `median_groups`. The mathematics is in `docs/explanation/medians.md`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from patchbook.carving._kernels.lean import lean
from patchbook.carving._kernels.median_groups import (
    LARGE,
    below,
    cost_exchanged,
    cost_with,
    cost_without,
    draw,
    excess_cost,
    is_overloaded,
    settle,
    transfer,
)
from patchbook.carving._kernels.median_relocation import DISSOLVABLE, relocate

CHAINS, SHIFTS, OTHER_SWAPS = 100, 512, 700
"""Of 1024 proposals, up to which are chains, shifts, and swaps with a unit that need not be the neighbour."""


@njit(cache=True, nogil=True)
def anneal(ground, groups, region, random, moves, relocate_every, temperature, penalty, best_owner, best_cost):
    """
    Propose moves at one temperature, each `relocate_every`th a relocation; returns how many groups are overloaded.

    Only the groups of `region` and their units change and are counted. `best_owner` and `best_cost[0]` take the best
    feasible partition of the region met. `penalty` is the price of a unit of demand above capacity. `random` holds the
    state of the generator and moves on.
    """
    room = (np.empty(DISSOLVABLE, np.int64), np.empty(DISSOLVABLE, np.int64))
    schedule = (moves, relocate_every, temperature, penalty)
    return propose(ground, groups, region, random, *schedule, best_owner, best_cost, *room)


@lean
def propose(
    ground, groups, region, random, moves, relocate_every, temperature, penalty, best_owner, best_cost, members, homes
):
    """What `anneal` does; `members` and `homes` are room for a relocation to work in."""
    reach = ground.neighbours.shape[1]
    units = region.units.shape[0]
    total = 0.0
    overloaded = 0
    for group in region.groups:
        overloaded += settle(ground, groups, group, penalty)
        total += groups.cost[group]
    margin = 1e-10 * abs(total)
    unsaved = False  # the present partition is the best, and is copied only when it is about to be left
    if overloaded == 0 and total < best_cost[0] - margin:
        best_cost[0] = total
        unsaved = True
    for proposal in range(moves):
        if proposal % relocate_every == 0:
            if unsaved:
                keep(groups, region, best_owner)
                unsaved = False
            threshold = temperature * ground.thresholds[below(random, 1024)]
            done, delta = relocate(ground, groups, region, random, penalty, threshold, temperature, members, homes)
            if done:
                total += delta
                overloaded = 0
                for group in region.groups:
                    overloaded += is_overloaded(ground, groups, group)
                if overloaded == 0 and total < best_cost[0] - margin:
                    best_cost[0] = total
                    unsaved = True
            continue

        # One draw gives the unit, its neighbour, the threshold and the kind of move.
        bits = draw(random)
        i = region.units[np.int64(((bits >> np.uint64(32)) * np.uint64(units)) >> np.uint64(32))]
        low = np.int64(bits & np.uint64(0xFFFFFFFF))
        j = ground.neighbours[i, ((low >> 20) * reach) >> 12]
        a = groups.owner[i]
        b = groups.owner[j]
        if a == b or not region.is_open[b]:
            continue
        c = -1
        kind = (low >> 10) & 1023
        if kind < CHAINS // 2 or SHIFTS <= kind < OTHER_SWAPS:
            j = groups.after[j]  # any of the group may give way, not only the neighbour
        if kind < CHAINS:
            c = groups.owner[ground.neighbours[j, below(random, reach)]]
            if c == b or not region.is_open[c]:
                continue
        # What follows is turned down by a bound wherever possible. The bounds stand here, and not in functions of
        # their own, because the counting of references round a call costs Numba more than the whole bound.
        old = groups.cost[a] + groups.cost[b]
        allowed = old + temperature * ground.thresholds[low & 1023]
        given = ground.demands[i]
        is_small = groups.size[a] <= LARGE and groups.size[b] <= LARGE
        if c >= 0 and c != a:
            if groups.size[a] == 1 or groups.size[b] == 1:
                continue
            old += groups.cost[c]
            allowed += groups.cost[c]
            passed = ground.demands[j]
            bound = excess_cost(penalty, groups.load[a] - given, ground.largest_capacity)
            bound += excess_cost(penalty, groups.load[b] + given - passed, ground.largest_capacity)
            bound += excess_cost(penalty, groups.load[c] + passed, ground.largest_capacity) + groups.least[c]
            if is_small and groups.size[c] <= LARGE:
                bound += groups.without[i] + groups.without[j] + ground.nearest[i] + ground.nearest[j]
            if bound > allowed:
                continue
            new = cost_without(ground, groups, i, penalty) + cost_exchanged(ground, groups, j, i, penalty)
            if new + groups.least[c] > allowed:
                continue
            new += cost_with(ground, groups, j, c, penalty)
        elif c == a or kind >= SHIFTS:
            c = -1
            change = given - ground.demands[j]
            bound = excess_cost(penalty, groups.load[a] - change, ground.largest_capacity)
            bound += excess_cost(penalty, groups.load[b] + change, ground.largest_capacity)
            if is_small:
                if groups.size[a] > 1:
                    bound += groups.without[i] + ground.nearest[j]
                if groups.size[b] > 1:
                    bound += groups.without[j] + ground.nearest[i]
            if bound > allowed:
                continue
            new = cost_exchanged(ground, groups, i, j, penalty)
            if new > allowed:
                continue
            new += cost_exchanged(ground, groups, j, i, penalty)
        else:
            if groups.size[a] == 1:
                continue
            j = -1
            bound = excess_cost(penalty, groups.load[a] - given, ground.largest_capacity)
            bound += excess_cost(penalty, groups.load[b] + given, ground.largest_capacity) + groups.least[b]
            if is_small:
                bound += groups.without[i] + ground.nearest[i]
            if bound > allowed:
                continue
            new = cost_without(ground, groups, i, penalty)
            if new + groups.least[b] > allowed:
                continue
            new += cost_with(ground, groups, i, b, penalty)
        if new > allowed:
            continue

        if unsaved:  # even where the move saves: it may save by overloading a group
            keep(groups, region, best_owner)
            unsaved = False
        overloaded -= is_overloaded(ground, groups, a) + is_overloaded(ground, groups, b)
        if c >= 0:
            overloaded -= is_overloaded(ground, groups, c)
            transfer(ground, groups, j, c)
            transfer(ground, groups, i, b)
        elif j < 0:
            transfer(ground, groups, i, b)
        elif groups.size[a] > 1:
            transfer(ground, groups, i, b)
            transfer(ground, groups, j, a)
        else:
            transfer(ground, groups, j, a)
            transfer(ground, groups, i, b)
        total -= old
        overloaded += settle(ground, groups, a, penalty) + settle(ground, groups, b, penalty)
        total += groups.cost[a] + groups.cost[b]
        if c >= 0:
            overloaded += settle(ground, groups, c, penalty)
            total += groups.cost[c]
        if overloaded == 0 and total < best_cost[0] - margin:
            best_cost[0] = total
            unsaved = True
    if unsaved:
        keep(groups, region, best_owner)
    return overloaded


@lean
def keep(groups, region, best_owner):
    """Note the owners of the region's units."""
    for i in region.units:
        best_owner[i] = groups.owner[i]
