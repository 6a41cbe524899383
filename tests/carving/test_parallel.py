"""The same answer on one core and on two, and in whatever order units come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving import parallel, regions
from patchbook.carving import solve as whole
from patchbook.carving.ordered import order_of
from patchbook.carving.parallel import blocks_of, each, rows_of
from patchbook.carving.solve import solve
from patchbook.carving.subset import take
from tests.carving.conftest import build_market


def test_blocks_hold_every_unit_once_and_do_not_depend_on_the_machine(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 3)

    blocks = blocks_of(100_003)

    assert [i for block in blocks for i in range(block.start, block.stop)] == list(range(100_003))
    monkeypatch.setattr(parallel, "cores", lambda: 1)
    assert blocks_of(100_003) == blocks
    assert blocks_of(50) == [slice(0, 50)]


def test_what_the_work_makes_comes_in_the_order_of_its_parts():
    assert each(lambda part: part * part, range(7)) == [0, 1, 4, 9, 16, 25, 36]


def test_rows_are_taken_as_if_by_one(monkeypatch):
    monkeypatch.setattr(parallel, "WORTH_IT", 10)
    array = np.random.default_rng(1).random((50, 3))
    rows = np.random.default_rng(2).integers(0, 50, 200)

    assert rows_of(array, rows).tolist() == array[rows].tolist()
    assert rows_of(array[:, 0], rows[:0]).shape == (0,)


def test_what_goes_wrong_in_a_part_is_not_lost():
    with pytest.raises(ZeroDivisionError):
        each(lambda part: 1 // part, [1, 0])


def test_work_may_itself_be_spread_over_cores(monkeypatch):
    monkeypatch.setattr(parallel, "cores", lambda: 2)

    sums = each(lambda part: sum(each(lambda number: number * part, range(50))), range(40))

    assert sums == [part * 1225 for part in range(40)]


def test_one_core_and_two_carve_the_same(monkeypatch):
    monkeypatch.setattr(parallel, "WORTH_IT", 100)
    monkeypatch.setattr(regions, "FEW_UNITS", 100)
    problem = build_market(units=1_500, seats=26, seed=2)
    answers = []
    for cores in (1, 2):
        monkeypatch.setattr(parallel, "cores", lambda cores=cores: cores)
        answers.append(solve(problem, seed=4))

    assert answers[0].owners.tobytes() == answers[1].owners.tobytes()
    assert answers[0].bound == answers[1].bound


def test_permuted_units_are_carved_alike():
    problem = build_market(units=300, seats=6, seed=9)
    turn = np.random.default_rng(1).permutation(300)

    as_they_are = solve(problem)
    permuted = solve(take(problem, turn))

    assert permuted.owners.tolist() == as_they_are.owners[turn].tolist()
    assert permuted.cost == pytest.approx(as_they_are.cost)


def test_neighbours_follow_each_other():
    problem = build_market(units=2_000, seats=6, seed=9)

    order = order_of(problem)

    sites = problem.places.sites
    step = np.linalg.norm(np.diff(sites[order], axis=0), axis=1).mean()
    assert step < 0.2 * np.linalg.norm(np.diff(sites, axis=0), axis=1).mean()
    assert sorted(order.tolist()) == list(range(2_000))


def test_regions_change_from_turn_to_turn_and_hold_every_seat():
    centres = np.random.default_rng(3).uniform(0, 100, (60, 2))

    one, two = (regions.regions_of(centres, 50_000, 60, turn) for turn in (1, 2))

    assert set(one.tolist()) == {0, 1, 2, 3}
    assert np.bincount(one).min() == 15
    assert one.tolist() != two.tolist()
    assert not regions.regions_of(None, 50_000, 60, 1).any()
    assert not regions.regions_of(centres, 500, 60, 1).any()


def test_many_seats_are_priced_by_a_sparse_system_as_by_a_full_one(monkeypatch):
    from patchbook.carving import curvature

    problem = build_market(units=600, seats=20, seed=6)
    full = solve(replace(problem, tolerances=np.full(3, 0.2)))
    monkeypatch.setattr(curvature, "DENSE", 10)

    sparse = whole.solve(replace(problem, tolerances=np.full(3, 0.2)))

    assert sparse.feasible
    assert sparse.bound / sparse.cost == pytest.approx(full.bound / full.cost, abs=0.01)
