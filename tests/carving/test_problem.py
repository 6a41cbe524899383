"""A problem knows its sizes and what each seat should carry."""

from __future__ import annotations

import numpy as np

from tests.carving.conftest import build_grid, build_market


def test_targets_are_shares_of_the_whole_in_the_measures_own_units():
    problem = build_grid(weights=np.full((9, 1), 4.0), shares=np.array([[0.5], [0.25], [0.25]]))

    assert problem.targets()[:, 0].tolist() == [18.0, 9.0, 9.0]


def test_sizes_are_those_of_its_arrays():
    problem = build_market(units=50, seats=4)

    assert (problem.units, problem.seats, problem.measures) == (50, 4, 3)
