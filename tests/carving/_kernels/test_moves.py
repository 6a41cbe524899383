"""Moves keep their books: loads, members and areas stay true, costs only fall, seats stay in one piece."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.constraints import Contiguous
from patchbook.carving.costs import Costs
from patchbook.carving.improve import MOVES
from patchbook.carving.limits import limits
from patchbook.carving.problem import Problem
from patchbook.carving.search import Effort, Search
from tests.carving.conftest import build_grid, build_market, grid_areas


def a_search(problem: Problem, seed: int) -> Search:
    costs = Costs(problem)
    centres = problem.places.homes
    if centres is None:
        centres = np.random.default_rng(seed).uniform(0, 1000, (problem.seats, 2))
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), centres)[0])
    candidates = costs.candidates(centres, problem.seats, np.full(problem.units, -1), np.arange(problem.units))
    slots = np.random.default_rng(seed).integers(0, problem.seats, problem.units)
    return Search(problem, lim, candidates, slots)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.name)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999))
def test_every_move_lowers_what_it_says_it_lowers_and_keeps_true_books(move, seed):
    search = a_search(build_market(units=60, seats=5, seed=seed % 7), seed)
    penalty = 500.0

    before = search.cost() + penalty * total_excess(search)
    made = move.sweep(search.arrays, np.arange(60), Effort(penalty=penalty, only_violated=False), seed)
    after = search.cost() + penalty * total_excess(search)

    assert after < before if made else after == pytest.approx(before)
    assert search.loads == pytest.approx(search.limits.loads(search.owners))
    assert search.owners.tolist() == search.candidates.seats[np.arange(60), search.slots].tolist()
    assert true_members(search)


def test_a_shift_takes_the_best_seat_there_is():
    search = a_search(build_market(units=40, seats=4), 1)
    slow = search.owners.copy()
    penalty = 200.0
    unit = 13

    best = min(range(4), key=lambda seat: cost_with(search, slow, unit, seat, penalty))
    MOVES[0].sweep(search.arrays, np.array([unit]), Effort(penalty=penalty, only_violated=False), 0)

    assert search.owners[unit] == best


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999))
def test_seats_in_one_piece_stay_in_one_piece(seed):
    problem = build_grid(areas=grid_areas(), tolerances=np.array([0.4]))
    search = a_search(problem, 0)
    rows = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    slots = (search.candidates.seats == rows[:, None]).argmax(axis=1)
    search = Search(problem, search.limits, search.candidates, slots)
    rng = np.random.default_rng(seed)
    search.candidates.cost[:] = rng.random(search.candidates.cost.shape)

    for move in MOVES:
        move.sweep(search.arrays, rng.permutation(9), Effort(penalty=1.0, only_violated=False), seed)
        assert not Contiguous().breaches(problem, search.limits, search.owners)


def total_excess(search: Search) -> float:
    loads, lim = search.limits.loads(search.owners), search.limits
    return float((np.maximum(loads - lim.high, 0) + np.maximum(lim.low - loads, 0)).sum())


def true_members(search: Search) -> bool:
    a = search.arrays
    held = [sorted(a.members[a.start[j] : a.start[j] + a.count[j]].tolist()) for j in range(search.problem.seats)]
    return held == [np.flatnonzero(search.owners == j).tolist() for j in range(search.problem.seats)]


def cost_with(search: Search, owners: np.ndarray, unit: int, seat: int, penalty: float) -> float:
    trial = owners.copy()
    trial[unit] = seat
    loads, lim = search.limits.loads(trial), search.limits
    excess = (np.maximum(loads - lim.high, 0) + np.maximum(lim.low - loads, 0)).sum()
    slot = int((search.candidates.seats[unit] == seat).argmax())
    return float(search.candidates.cost[unit, slot] + penalty * excess)
