"""Each kernel beside a slow twin that works everything out from the definition."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving._kernels import (
    median_construction,
    median_groups,
    median_pool,
    median_relocation,
    median_reseat,
    median_windows,
    medians,
)
from patchbook.carving._kernels.median_groups import Ground, Region
from patchbook.carving.median_partition import grouped

PENALTY = 3.0
seeds = st.integers(0, 2**32 - 1)


def a_problem(seed, *, units=14, seats=4, by_matrix=True, alike=False):
    random = np.random.default_rng(seed)
    places = random.integers(0, 30, (units, 2)).astype(float)
    distances = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    others = distances + np.diag(np.full(units, np.inf))
    demands = random.integers(1, 9, units).astype(float)
    mean = demands.sum() / seats
    capacities = np.full(units, np.ceil(mean * 1.2)) if alike else np.ceil(mean * random.uniform(0.8, 1.6, units))
    ground = Ground(
        x=places[:, 0].copy(),
        y=places[:, 1].copy(),
        distances=distances if by_matrix else np.zeros((0, 0)),
        demands=demands,
        capacities=capacities,
        neighbours=np.argsort(others, axis=1, kind="stable")[:, :6].astype(np.int64),
        nearest=others.min(axis=1),
        largest_capacity=capacities.max(),
        thresholds=-np.log((np.arange(1024) + 0.5) / 1024),
    )
    owner = np.concatenate([np.arange(seats), random.integers(0, seats, units - seats)])
    groups = grouped(ground, seats, owner.astype(np.int64))
    median_groups.rebuild(ground, groups, PENALTY)
    return ground, groups


def everything(groups):
    return Region(np.arange(len(groups.owner)), np.arange(len(groups.median)), np.ones(len(groups.median), np.bool_))


def slow_cost(ground, members):
    """The least over the members of the sum of distances and the price of what is above capacity."""
    load = sum(ground.demands[i] for i in members)
    return min(
        sum(math.hypot(ground.x[i] - ground.x[m], ground.y[i] - ground.y[m]) for i in members)
        + PENALTY * max(0.0, load - ground.capacities[m])
        for m in members
    )


def members_of(groups, group):
    return [i for i in range(len(groups.owner)) if groups.owner[i] == group]


def slow_total(ground, groups):
    return sum(slow_cost(ground, members_of(groups, group)) for group in range(len(groups.median)))


@given(seeds, st.booleans())
def test_what_is_kept_about_groups_equals_what_the_definition_says(seed, by_matrix):
    ground, groups = a_problem(seed, by_matrix=by_matrix)

    total, overloaded = median_groups.rebuild(ground, groups, PENALTY)

    assert total == pytest.approx(slow_total(ground, groups))
    over = [groups.load[g] > ground.capacities[groups.median[g]] for g in range(len(groups.median))]
    assert overloaded == sum(over)
    for group in range(len(groups.median)):
        ring = [groups.median[group]]
        while groups.after[ring[-1]] != ring[0]:
            assert groups.before[groups.after[ring[-1]]] == ring[-1]
            ring.append(groups.after[ring[-1]])
        assert sorted(ring) == members_of(groups, group)
        assert groups.load[group] == pytest.approx(ground.demands[ring].sum())


@given(seeds, st.booleans())
def test_the_cost_of_a_group_less_more_or_exchanged_equals_that_of_its_members(seed, by_matrix):
    ground, groups = a_problem(seed, by_matrix=by_matrix)
    i, j = (int(each) for each in np.random.default_rng(seed).permutation(len(groups.owner))[:2])
    a, b = groups.owner[i], groups.owner[j]
    of_a, of_b = members_of(groups, a), members_of(groups, b)

    if a != b:
        joined = median_groups.cost_with(ground, groups, i, b, PENALTY)
        exchanged = median_groups.cost_exchanged(ground, groups, i, j, PENALTY)
        assert joined == pytest.approx(slow_cost(ground, [*of_b, i]))
        assert exchanged == pytest.approx(slow_cost(ground, [*(x for x in of_a if x != i), j]))
    if len(of_a) > 1:
        left = median_groups.cost_without(ground, groups, i, PENALTY)
        assert left == pytest.approx(slow_cost(ground, [x for x in of_a if x != i]))


@given(seeds)
def test_a_transfer_leaves_everything_as_if_worked_out_anew(seed):
    ground, groups = a_problem(seed)
    random = np.random.default_rng(seed)
    i = int(random.choice([i for i in range(len(groups.owner)) if groups.size[groups.owner[i]] > 1]))
    a, b = groups.owner[i], (groups.owner[i] + 1) % len(groups.median)

    median_groups.transfer(ground, groups, i, b)
    median_groups.settle(ground, groups, a, PENALTY)
    median_groups.settle(ground, groups, b, PENALTY)

    kept = groups.cost.copy(), groups.sums.copy(), groups.without.copy()
    median_groups.rebuild(ground, groups, PENALTY)
    for was, anew in zip(kept, (groups.cost, groups.sums, groups.without), strict=True):
        assert was == pytest.approx(anew)


@given(seeds)
def test_relabelling_the_groups_changes_no_cost(seed):
    ground, groups = a_problem(seed)
    before, _ = median_groups.rebuild(ground, groups, PENALTY)

    groups.owner[:] = np.random.default_rng(seed).permutation(len(groups.median))[groups.owner]
    after, _ = median_groups.rebuild(ground, groups, PENALTY)

    assert after == pytest.approx(before)


@given(seeds, st.booleans())
@settings(max_examples=60)
def test_annealing_keeps_groups_whole_and_its_best_is_feasible_at_the_cost_told(seed, alike):
    ground, groups = a_problem(seed, alike=alike)
    best_owner, best_cost = np.zeros(len(groups.owner), np.int64), np.array([np.inf])

    whole, random = everything(groups), np.array([seed + 1], np.uint64)
    medians.anneal(ground, groups, whole, random, 3000, 20, 4.0, PENALTY, best_owner, best_cost)

    assert sorted(set(groups.owner.tolist())) == list(range(len(groups.median)))
    kept = groups.cost.sum()
    assert kept == pytest.approx(slow_total(ground, groups))
    if np.isfinite(best_cost[0]):
        groups.owner[:] = best_owner
        total, overloaded = median_groups.rebuild(ground, groups, PENALTY)
        assert overloaded == 0
        assert total == pytest.approx(best_cost[0])


@given(seeds)
@settings(max_examples=40)
def test_splitting_is_judged_as_each_unit_going_to_the_nearer_of_two_medians(seed):
    ground, groups = a_problem(seed, alike=True)

    cost, kept, opened = median_relocation.split_cost(ground, groups, np.array([seed + 1], np.uint64), 0, PENALTY)

    members = members_of(groups, 0)
    if len(members) < 2:
        assert (cost, kept, opened) == (np.inf, -1, -1)
        return
    assert kept != opened
    assert {kept, opened} <= set(members)
    nearer = sum(min(ground.distances[kept, x], ground.distances[opened, x]) for x in members)
    assert cost == pytest.approx(nearer + PENALTY * max(0.0, cost_above(ground, members, kept, opened)))


def cost_above(ground, members, kept, opened):
    first = [x for x in members if ground.distances[kept, x] <= ground.distances[opened, x] and x != opened]
    loads = sum(ground.demands[first]), sum(ground.demands[members]) - sum(ground.demands[first])
    return sum(max(0.0, load - ground.capacities[m]) for load, m in zip(loads, (kept, opened), strict=True))


@given(seeds)
@settings(max_examples=40)
def test_a_relocation_changes_the_cost_by_what_it_tells_and_an_undone_one_by_nothing(seed):
    ground, groups = a_problem(seed, units=20, seats=7)
    random = np.array([seed + 1], np.uint64)
    room = np.zeros(40, np.int64), np.zeros(40, np.int64)

    for _ in range(30):
        before = slow_total(ground, groups)
        done, delta = median_relocation.relocate(ground, groups, everything(groups), random, PENALTY, 6.0, 4.0, *room)
        assert slow_total(ground, groups) == pytest.approx(before + delta)
        assert done or delta == 0.0
        assert (groups.size > 0).all()


@given(seeds, st.booleans())
@settings(max_examples=25)
def test_a_window_is_left_better_by_what_is_told_or_as_it_was(seed, is_reseated):
    ground, groups = a_problem(seed, units=30, seats=8)
    groups.owner[:] = median_construction.assign(ground, np.arange(8))
    before, overloaded = median_groups.rebuild(ground, groups, PENALTY)
    random, cooling = np.array([seed + 1], np.uint64), np.array([1.0, 3.0, 0.2, PENALTY, PENALTY])

    if is_reseated:
        saved = median_reseat.reseat(ground, groups, random, cooling, 20, 10, 12, 0.0, np.zeros(8), 3000)
    else:
        saved = median_windows.recool(ground, groups, random, cooling, 20, 40, 12, 3000)

    assert saved >= -1e-9
    assert slow_total(ground, groups) == pytest.approx(before - saved)
    assert groups.cost.sum() == pytest.approx(before - saved)
    over = sum(groups.load[g] > ground.capacities[groups.median[g]] for g in range(8))
    assert over <= overloaded


@given(seeds)
@settings(max_examples=25)
def test_a_warm_window_may_become_worse_by_what_is_told_but_never_overloaded(seed):
    ground, groups = a_problem(seed, units=30, seats=8)
    groups.owner[:] = median_construction.assign(ground, np.arange(8))
    before, overloaded = median_groups.rebuild(ground, groups, PENALTY)
    random, cooling = np.array([seed + 1], np.uint64), np.array([1.0, 3.0, 0.2, PENALTY, PENALTY])

    saved = median_reseat.reseat(ground, groups, random, cooling, 20, 10, 12, 1e3, np.zeros(8), 3000)

    assert slow_total(ground, groups) == pytest.approx(before - saved)
    assert sum(groups.load[g] > ground.capacities[groups.median[g]] for g in range(8)) <= overloaded


def test_warmth_lets_windows_become_worse_and_none_does_not():
    def saved_at(warmth, seed):
        ground, groups = a_problem(seed, units=30, seats=8)
        random, cooling = np.array([seed + 1], np.uint64), np.array([1.0, 3.0, 0.2, PENALTY, PENALTY])
        median_reseat.reseat(ground, groups, random, cooling, 20, 10, 12, 0.0, np.zeros(8), 30_000)
        return median_reseat.reseat(ground, groups, random, cooling, 20, 10, 12, warmth, np.zeros(8), 3000)

    assert min(saved_at(0.0, seed) for seed in range(5)) >= -1e-9
    assert min(saved_at(1e3, seed) for seed in range(5)) < 0


@given(seeds, st.integers(1, 40))
@settings(max_examples=25)
def test_a_window_holds_all_units_of_its_groups_and_no_others(seed, at_most):
    ground, groups = a_problem(seed, units=30, seats=8)
    is_open = np.zeros(8, np.bool_)

    region = median_windows.open_window(
        ground, groups, seed % 30, at_most, is_open, np.empty(8, np.int64), np.empty(30, np.int64)
    )

    assert sorted(region.units.tolist()) == [i for i in range(30) if groups.owner[i] in region.groups]
    assert sorted(region.groups.tolist()) == np.flatnonzero(region.is_open).tolist()
    assert groups.owner[seed % 30] == region.groups[0]


@given(seeds)
@settings(max_examples=25)
def test_a_division_keeps_medians_at_home_and_capacities_where_all_can(seed):
    ground, groups = a_problem(seed, units=30, seats=5, alike=True)
    owner = np.full(30, -1, np.int64)
    chosen = np.random.default_rng(seed).permutation(30)[:5]
    ground.capacities[:] = ground.demands.sum()  # room for all anywhere: the nearest, and no price

    median_reseat.divide(ground, everything(groups), chosen, np.zeros(5), PENALTY, owner)

    assert owner[chosen].tolist() == list(range(5))
    nearest = ground.distances[:, chosen].min(axis=1)
    assert ground.distances[np.arange(30), chosen[owner]].tolist() == nearest.tolist()


@given(seeds)
@settings(max_examples=25)
def test_a_pool_keeps_each_group_within_capacity_once_at_its_cost(seed):
    ground, groups = a_problem(seed)
    words = np.random.default_rng(seed).integers(0, 2**64, 14, dtype=np.uint64)
    pool = median_pool.Pool(
        words=words,
        slots=np.full(64, -1, np.int64),
        hashes=np.zeros(20, np.uint64),
        starts=np.zeros(21, np.int64),
        members=np.zeros(300, np.int64),
        costs=np.zeros(20),
        held=np.zeros(1, np.int64),
    )

    new = median_pool.collect(ground, groups, pool)

    fit = [g for g in range(4) if groups.load[g] <= ground.capacities[groups.median[g]]]
    kept = [sorted(pool.members[pool.starts[k] : pool.starts[k + 1]].tolist()) for k in range(new)]
    assert kept == [members_of(groups, g) for g in fit]
    assert pool.costs[:new] == pytest.approx([slow_cost(ground, members) for members in kept])
    assert median_pool.collect(ground, groups, pool) == 0


@given(seeds)
@settings(max_examples=15)
def test_the_worthiest_group_is_within_capacity_and_none_is_worth_more_than_is_told(seed):
    ground, _groups = a_problem(seed, units=8, seats=2)
    worths = np.random.default_rng(seed).uniform(0, 30, 8)
    members = np.empty(8, np.int64)
    for median in range(8):
        count, above, at_most = median_pool.worthiest(ground, worths, median, members)
        others = [i for i in range(8) if i != median]
        fitting = [
            (median, *group)
            for size in range(8)
            for group in itertools.combinations(others, size)
            if sum(ground.demands[[median, *group]]) <= ground.capacities[median]
        ]
        worth = {
            group: sum(worths[i] - ground.distances[i, median] for i in group) for group in map(frozenset, fitting)
        }

        assert count > 0 if fitting else count == 0
        if fitting:
            assert above == pytest.approx(worth[frozenset(members[:count].tolist())])
            assert max(worth.values()) <= at_most + 1e-6


@given(seeds, st.booleans())
@settings(max_examples=25)
def test_bids_bound_the_cost_where_there_is_room_for_all_and_leave_only_feasible_groups(seed, is_sure):
    ground, _groups = a_problem(seed)
    ground.capacities[:] = ground.demands.sum()  # then the greedy knapsack is exact
    pool = median_pool.Pool(
        words=np.random.default_rng(seed).integers(0, 2**64, 14, dtype=np.uint64),
        slots=np.full(4096, -1, np.int64),
        hashes=np.zeros(900, np.uint64),
        starts=np.zeros(901, np.int64),
        members=np.zeros(9000, np.int64),
        costs=np.zeros(900),
        held=np.zeros(1, np.int64),
    )
    best = min(
        ground.distances[:, chosen].min(axis=1).sum() for chosen in map(list, itertools.combinations(range(14), 4))
    )

    bound, _ = median_pool.bid(ground, 4, np.full(14, best / 14), best * 1.1, 60, is_sure, pool)

    assert bound <= best + 1e-9
    for k in range(pool.held[0]):
        members = pool.members[pool.starts[k] : pool.starts[k + 1]].tolist()
        assert pool.costs[k] == pytest.approx(slow_cost(ground, members))


@given(seeds)
def test_the_first_partition_gives_every_median_its_own_group(seed):
    ground, _groups = a_problem(seed)

    chosen = median_construction.scatter(ground, 4, np.array([seed + 1], np.uint64))
    owner = median_construction.assign(ground, chosen)

    assert len(set(chosen.tolist())) == 4
    assert owner[chosen].tolist() == [0, 1, 2, 3]
    assert ((owner >= 0) & (owner < 4)).all()


def test_draws_are_those_of_the_published_generator():
    word = 88172645463325252
    random = np.array([word], np.uint64)

    for _ in range(5):
        word ^= word >> 12
        word ^= (word << 25) & (2**64 - 1)
        word ^= word >> 27
        assert int(median_groups.draw(random)) == word * 2685821657736338717 % 2**64


@given(seeds, st.integers(1, 1000))
def test_a_number_drawn_below_a_limit_is_below_it(seed, limit):
    assert 0 <= median_groups.below(np.array([seed + 1], np.uint64), limit) < limit
