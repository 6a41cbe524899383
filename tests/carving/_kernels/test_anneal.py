"""Annealing keeps true books, never breaks what is hard, and repeats with its seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.constraints import Apart, Contiguous
from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.search import Search
from tests.carving.conftest import build_grid, build_market, grid_areas

ROWS = np.repeat(np.arange(3), 3)


def on_the_grid(owners=ROWS, **changes) -> Search:
    problem = build_grid(**changes)
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), problem.places.homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    candidates = costs.candidates(problem.places.homes, 3, owners, np.arange(9))
    return Search(problem, lim, candidates, (candidates.seats == owners[:, None]).argmax(axis=1))


@settings(max_examples=15)
@given(seed=st.integers(0, 9999))
def test_books_stay_true_and_seats_in_one_piece_and_pairs_apart(seed):
    pairs = np.array([[0, 3], [1, 8]])
    search = on_the_grid(areas=grid_areas(), apart=pairs, tolerances=np.array([0.7]))

    search.anneal(np.arange(9), 200, 10.0, seed)

    problem, owners = search.problem, search.owners
    assert search.loads == pytest.approx(search.limits.loads(owners))
    assert owners.tolist() == search.candidates.seats[np.arange(9), search.slots].tolist()
    assert Contiguous().breaches(problem, search.limits, owners) == []
    assert Apart().breaches(problem, search.limits, owners) == []


def test_locked_units_stay():
    fixed = np.full(9, -1)
    fixed[[0, 8]] = [2, 0]
    owners = ROWS.copy()
    owners[[0, 8]] = [2, 0]
    search = on_the_grid(owners, fixed=fixed, tolerances=np.array([0.7]))

    search.anneal(np.flatnonzero(fixed < 0), 300, 1.0, 1)

    assert search.owners[[0, 8]].tolist() == [2, 0]


def test_the_same_seed_gives_the_same_assignment():
    one, two = (on_the_grid(tolerances=np.array([0.7])) for _ in range(2))

    one.anneal(np.arange(9), 300, 1.0, 5)
    two.anneal(np.arange(9), 300, 1.0, 5)

    assert one.owners.tolist() == two.owners.tolist()


def test_cooled_down_it_ends_cheaper_than_it_began():
    problem = build_market(units=120, seats=4, tolerance=0.3)
    centres = np.random.default_rng(0).uniform(0, 1000, (4, 2))
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), centres)[0])
    candidates = costs.candidates(centres, 4, np.full(120, -1), np.arange(120))
    search = Search(problem, lim, candidates, np.random.default_rng(1).integers(0, 4, 120))
    penalty = 1000.0
    before = search.cost() + penalty * search.excess()

    search.anneal(np.arange(120), 300, penalty, 1)

    assert search.cost() + penalty * search.excess() < 0.8 * before
