"""Every measure of every seat is held to its share, and a breach says by how much it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.constraints import Balance
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid

ROWS = np.repeat(np.arange(3), 3)


def limits_of(problem):
    return limits(problem, lambda unit: np.zeros(problem.seats))


def test_equal_rows_break_nothing():
    problem = build_grid()

    assert Balance().supports(problem)
    assert Balance().breaches(problem, limits_of(problem), ROWS) == []


def test_a_breach_tells_the_seat_the_measure_and_both_figures_and_the_worst_comes_first():
    problem = build_grid(tolerances=np.array([0.1]))
    owners = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2])

    breaches = Balance().breaches(problem, limits_of(problem), owners)

    assert breaches[0].message == "South is +66.7% from its share of accounts; ±10.0% is allowed"
    assert [breach.seat for breach in breaches] == [0, 1, 2]
    assert breaches[0].by == pytest.approx(2 / 3 - 0.1)


def test_without_it_any_load_will_do():
    problem = Balance().without(build_grid())

    assert Balance().breaches(problem, limits_of(problem), np.zeros(9, np.int64)) == []


@given(owners=st.lists(st.integers(0, 2), min_size=9, max_size=9), tolerance=st.floats(0, 1))
def test_a_breach_is_found_exactly_where_a_count_is_outside(owners, tolerance):
    problem = build_grid(tolerances=np.array([tolerance]))

    found = {breach.seat for breach in Balance().breaches(problem, limits_of(problem), np.array(owners))}

    counts = [owners.count(seat) for seat in range(3)]
    assert found == {seat for seat, count in enumerate(counts) if abs(count / 3 - 1) > tolerance + 1e-9}
