"""Reseat a window of large groups: one median goes, another comes, and prices divide the units between them anew.

Where a group has dozens of units or hundreds, moving a median by moving units one by one takes long, and dissolving a
group that way overloads its neighbours. Here all units of a few neighbouring groups are divided at once, as a
transport with a price on each median's capacity, medians and division in turn until neither changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from patchbook.carving._kernels.median_groups import below, distance
from patchbook.carving._kernels.median_windows import open_window, restore
from patchbook.carving._kernels.medians import anneal

TURNS = 8
"""Most turns of dividing units and choosing medians."""
PRICINGS = 30
"""Most changes of prices in one division."""
DRAWN = 8
"""Units drawn as new medians, of which the best by an estimate is tried."""
HOPELESS = 0.12
"""An estimated change of a window's cost from which on it is not tried."""


@njit(cache=True, nogil=True)
def reseat(ground, groups, random, cooling, relocate_every, moves_per_unit, units_at_most, warmth, price, budget):
    """
    Reseat windows, each round a unit that is drawn, and leave each better, as it was or hardly worse.

    Returns what is saved.

    Parameters
    ----------
    cooling
        (5,) as for `recool`: only the temperature and the price of the end are used, to settle what was divided.
    moves_per_unit
        Moves proposed after a division for each unit of the window.
    units_at_most
        A window takes in groups until it has so many units.
    warmth
        Temperature at which a window that became worse is accepted; 0 for never.
    price
        (groups,) price of each median's capacity, remembered from window to window.
    budget
        Windows are reseated until so much is done, a distance looked at counting as much as a move.
    """
    units = groups.owner.shape[0]
    count = groups.median.shape[0]
    best_owner = groups.owner.copy()
    best_cost = np.zeros(1)
    is_open = np.zeros(count, np.bool_)
    chosen = np.empty(count, np.int64)
    members = np.empty(units, np.int64)
    owner = np.empty(units, np.int64)
    medians = groups.median.copy()
    saved = 0.0
    while budget > 0:
        region = open_window(ground, groups, below(random, units), units_at_most, is_open, chosen, members)
        before = 0.0
        for group in region.groups:
            before += groups.cost[group]
            medians[group] = groups.median[group]
        best_cost[0] = before + warmth * ground.thresholds[below(random, 1024)]
        for i in region.units:
            best_owner[i] = groups.owner[i]
        closed, opened, change = an_interchange(ground, groups, region, price, random)
        budget -= len(region.units) * (len(region.groups) + DRAWN)
        price[closed] = 0.0
        if opened < 0 or change > HOPELESS * before * below(random, 1024) / 1024:
            for group in region.groups:
                is_open[group] = False
            continue
        medians[closed] = opened
        previous = np.inf
        for _ in range(TURNS):
            budget -= divide(ground, region, medians, price, cooling[4], owner)
            restore(ground, groups, region, owner, cooling[4])
            total = 0.0
            for group in region.groups:
                total += groups.cost[group]
                budget -= groups.size[group] ** 2
            if total >= previous - 1e-9 * before:
                break
            previous = total
            for group in region.groups:
                medians[group] = groups.median[group]
        moves = moves_per_unit * len(region.units)
        anneal(ground, groups, region, random, moves, relocate_every, cooling[2], cooling[4], best_owner, best_cost)
        budget -= moves
        restore(ground, groups, region, best_owner, cooling[4])
        for group in region.groups:
            before -= groups.cost[group]
        saved += before
        for group in region.groups:
            is_open[group] = False
    return saved


@njit(cache=True, nogil=True)
def an_interchange(ground, groups, region, price, random):
    """
    The best of `DRAWN` units to open, each with the best group of the region to close, at the present prices.

    One walk over the units judges a unit to open with every group to close (Whitaker 1983). Returns the group, the
    unit (-1 where none is found that is no median already), and the estimated change of cost.
    """
    count = len(region.groups)
    first = np.full(len(region.units), np.inf)
    second = np.full(len(region.units), np.inf)
    nearest = np.zeros(len(region.units), np.int64)
    for z in range(len(region.units)):
        i = region.units[z]
        for g in range(count):
            group = region.groups[g]
            cost = distance(ground, i, groups.median[group]) + price[group] * ground.demands[i]
            if cost < first[z]:
                second[z] = first[z]
                first[z] = cost
                nearest[z] = g
            elif cost < second[z]:
                second[z] = cost
    best = np.inf
    closed = region.groups[0]
    opened = -1
    loss = np.empty(count)
    draws = 1 + below(random, DRAWN)
    any_closes = below(random, 2) == 0
    for draw in range(10 * DRAWN):
        if draw >= draws and opened >= 0:
            break
        unit = region.units[below(random, len(region.units))]
        if groups.median[groups.owner[unit]] == unit:
            continue
        loss[:] = 0.0
        saved = 0.0
        for z in range(len(region.units)):
            cost = distance(ground, region.units[z], unit)
            if cost < first[z]:
                saved += first[z] - cost
            else:
                loss[nearest[z]] += min(cost, second[z]) - first[z]
        shut = np.int64(np.argmin(loss))
        if any_closes:
            shut = below(random, count)
        if loss[shut] - saved < best:
            best = loss[shut] - saved
            closed = region.groups[shut]
            opened = unit
    return closed, opened, best


@njit(cache=True, nogil=True)
def divide(ground, region, medians, price, dearest, owner):
    """
    Give each unit of a region to the median that is cheapest with its prices, and then make room where it lacks.

    `price` holds a price for each group, a start and then the result; `owner` takes the groups. Returns how many
    distances were looked at.
    """
    units, groups = region.units, region.groups
    n, k = len(units), len(groups)
    away = np.empty((n, k))
    demand = np.empty(n)
    room = np.empty(k)
    prices = np.empty(k)
    for g in range(k):
        room[g] = ground.capacities[medians[groups[g]]]
        prices[g] = price[groups[g]]
    for z in range(n):
        demand[z] = ground.demands[units[z]]
        for g in range(k):
            away[z, g] = distance(ground, units[z], medians[groups[g]])
    scale = away_per_demand(away, demand)
    load = np.empty(k)
    looked = n * k
    for pricing in range(PRICINGS):
        load[:] = 0.0
        for z in range(n):
            cheapest = 0
            least = np.inf
            for g in range(k):
                cost = away[z, g] + prices[g] * demand[z]
                if cost < least:
                    least = cost
                    cheapest = g
            load[cheapest] += demand[z]
        looked += n * k // 4
        over = 0.0
        for g in range(k):
            over = max(over, load[g] / room[g] - 1.0)
        if over <= 0.005:
            break
        step = scale / (1.0 + 0.15 * pricing)
        for g in range(k):
            prices[g] = max(0.0, prices[g] + step * (load[g] / room[g] - 1.0))
    # Those with most to lose choose first.
    regret = np.empty(n)
    for z in range(n):
        first = np.inf
        second = np.inf
        for g in range(k):
            cost = away[z, g] + prices[g] * demand[z]
            if cost < first:
                second = first
                first = cost
            elif cost < second:
                second = cost
        regret[z] = (first - second) / max(demand[z], 1e-12)
    left = room.copy()
    for g in range(k):
        left[g] -= ground.demands[medians[groups[g]]]
        price[groups[g]] = prices[g]
    for z in np.argsort(regret, kind="mergesort"):
        cheapest = -1
        roomiest = 0
        least = np.inf
        for g in range(k):
            if units[z] == medians[groups[g]]:
                cheapest = g
                break
            if left[g] > left[roomiest]:
                roomiest = g
            cost = away[z, g] + prices[g] * demand[z]
            if left[g] >= demand[z] and cost < least:
                least = cost
                cheapest = g
        if cheapest < 0:
            cheapest = roomiest
        if units[z] != medians[groups[cheapest]]:
            left[cheapest] -= demand[z]
        owner[units[z]] = groups[cheapest]
    return looked


@njit(cache=True, nogil=True)
def away_per_demand(away, demand):
    """Distance to the nearest median in proportion to demand, over all units: the scale of a price."""
    total = 0.0
    for z in range(len(demand)):
        total += away[z].min()
    return total / max(demand.sum(), 1e-12)
