"""Moves over borders keep territories whole and the books true; who may leave is what counting pieces says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from patchbook.carving._kernels.borders import anneal_borders, force, neighbour
from patchbook.carving._kernels.moves import exchange
from patchbook.carving._kernels.state import may_join, may_leave, move, slot_of
from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.problem import Areas, Problem
from patchbook.carving.search import Search


def a_land(units: int, areas: int, seats: int, seed: int, **changes) -> tuple[Problem, np.ndarray]:
    """A random land of areas in a ring with chords, units in it (some in none), and random owners."""
    rng = np.random.default_rng(seed)
    near = np.zeros((areas, areas), bool)
    for a in range(areas):
        near[a, (a + 1) % areas] = near[(a + 1) % areas, a] = True
    for a, b in rng.integers(0, areas, (areas, 2)):
        near[a, b] = near[b, a] = a != b
    area = rng.integers(-1, areas, units)
    kinds = np.zeros((2, seats))
    kinds[1, 0] = np.inf
    problem = Problem(
        weights=rng.uniform(0.1, 1, (units, 2)), shares=np.full((seats, 2), 1 / seats), tolerances=np.full(2, 0.1),
        kind=(rng.random(units) < 0.1).astype(np.int64), kind_cost=kinds + rng.random((2, seats)) * 0.1,
        areas=Areas(area_of_unit=area, adjacency=csr_array(near)), **changes,
    )  # fmt: skip
    owners = rng.integers(0, seats, units)
    owners[(owners == 0) & (problem.kind == 1)] = 1
    return problem, owners


def a_search(problem: Problem, owners: np.ndarray) -> Search:
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), None)[0])
    candidates = costs.candidates(None, problem.seats, owners, np.arange(problem.units))
    return Search(problem, lim, candidates, (candidates.seats == owners[:, None]).argmax(axis=1))


def units_of_areas(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    area = problem.areas.area_of_unit
    order = np.argsort(area, kind="stable")
    units = order[area[order] >= 0]
    return np.searchsorted(area[units], np.arange(problem.areas.adjacency.shape[0] + 1)), units


def pieces(problem: Problem, owners: np.ndarray) -> list[int]:
    return [len(pieces_of(problem.areas, owners == seat)) for seat in range(problem.seats)]


def true_books(search: Search) -> bool:
    problem, a = search.problem, search.arrays
    area, counted = problem.areas.area_of_unit, np.zeros_like(a.area_count)
    np.add.at(counted, (search.owners[area >= 0], area[area >= 0]), 1)
    held = [sorted(a.members[a.start[j] : a.start[j] + a.count[j]].tolist()) for j in range(problem.seats)]
    return (
        (counted == a.area_count).all()
        and held == [np.flatnonzero(search.owners == j).tolist() for j in range(problem.seats)]
        and np.allclose(search.loads, search.limits.loads(search.owners))
        and search.owners.tolist() == search.candidates.seats[np.arange(problem.units), search.slots].tolist()
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999))
def test_who_may_leave_is_whoever_leaves_no_more_pieces_behind(seed):
    problem, owners = a_land(40, 25, 3, seed)
    search = a_search(problem, owners)

    for unit in range(problem.units):
        without = owners.copy()
        without[unit] = -1
        seat = int(owners[unit])
        torn = len(pieces_of(problem.areas, without == seat)) > len(pieces_of(problem.areas, owners == seat))
        assert may_leave(search.arrays, unit) == (not torn)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999))
def test_who_may_join_is_whoever_adds_no_piece_or_begins_a_seat(seed):
    problem, owners = a_land(30, 20, 4, seed)
    owners[owners == 3] = 2
    search = a_search(problem, owners)

    for unit in range(problem.units):
        for seat in range(4):
            joined = owners.copy()
            joined[unit] = seat
            before, after = (len(pieces_of(problem.areas, held == seat)) for held in (owners, joined))
            assert may_join(search.arrays, unit, seat, -1) == (after <= max(before, 1))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 9999))
def test_annealing_tears_nothing_and_keeps_true_books(seed):
    problem, owners = a_land(60, 30, 4, seed)
    search = a_search(problem, owners)
    start, units = units_of_areas(problem)
    fixed = np.flatnonzero(np.random.default_rng(seed).random(60) < 0.2)
    free = np.setdiff1d(np.arange(60), fixed)
    before = pieces(problem, owners)

    lim = search.limits
    anneal_borders(search.arrays, free, start, units, lim.low, lim.high, 3000, 1.0, 0.01, 1.0, 5.0, seed)

    assert all(now <= max(was, 1) for now, was in zip(pieces(problem, search.owners), before, strict=True))
    assert true_books(search)
    assert not ((search.owners == 0) & (problem.kind == 1)).any()
    exempt = problem.areas.area_of_unit < 0
    assert (search.owners[exempt] == owners[exempt]).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999))
def test_an_exchange_is_made_whole_or_not_at_all_and_so_is_a_push(seed):
    problem, owners = a_land(40, 20, 3, seed)
    search = a_search(problem, owners)
    start, units = units_of_areas(problem)
    rng = np.random.default_rng(seed)
    for _ in range(60):
        before, now = pieces(problem, search.owners), search.owners.copy()
        i, z = rng.integers(0, 40, 2)
        k, back = (slot_of(search.arrays, a, search.owners[b]) for a, b in ((i, z), (z, i)))
        if search.owners[i] == search.owners[z] or k < 0 or back < 0:
            continue

        done = exchange(search.arrays, i, k, z, back)

        assert done == (search.owners[i] != now[i]) == (search.owners[z] != now[z])
        assert all(a <= max(b, 1) for a, b in zip(pieces(problem, search.owners), before, strict=True))
        before = pieces(problem, search.owners)
        seat = force(search.arrays, i, start, units, int(rng.integers(99)))
        assert seat in (-1, search.owners[i])
        assert all(a <= max(b, 1) for a, b in zip(pieces(problem, search.owners), before, strict=True))
    assert true_books(search)


def test_a_neighbour_lies_in_the_same_area_or_one_beside_it():
    problem, owners = a_land(40, 20, 3, 1)
    search = a_search(problem, owners)
    start, units = units_of_areas(problem)
    area, near = problem.areas.area_of_unit, problem.areas.adjacency.toarray()

    drawn = [(i, neighbour(search.arrays, i, start, units)) for i in range(40) for _ in range(20)]

    assert all(j < 0 or near[area[i], area[j]] or area[i] == area[j] for i, j in drawn)
    assert all(j < 0 for i, j in drawn if area[i] < 0)


def test_marks_of_one_search_do_not_count_in_the_next():
    problem, owners = a_land(40, 25, 3, 5)
    search = a_search(problem, owners)
    first = [may_leave(search.arrays, unit) for unit in range(40)]

    again = [may_leave(search.arrays, unit) for unit in range(39, -1, -1)][::-1]
    unit = int(np.flatnonzero(first)[0])
    seat = next(s for s in range(3) if s != owners[unit] and slot_of(search.arrays, unit, s) >= 0)
    move(search.arrays, unit, slot_of(search.arrays, unit, seat))
    fresh = a_search(problem, search.owners.copy())

    assert again == first
    assert [may_leave(search.arrays, u) for u in range(40)] == [may_leave(fresh.arrays, u) for u in range(40)]
