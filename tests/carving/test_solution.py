"""What a solution says of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid


def test_the_gap_is_the_cost_over_the_bound_less_one():
    solution = solve(build_grid())

    assert replace(solution, cost=11.0, bound=10.0).gap == pytest.approx(0.1)
    assert replace(solution, cost=10.0, bound=10.0 + 1e-12).gap == 0.0
    assert replace(solution, cost=0.0, bound=0.0).gap == 0.0
    assert replace(solution, cost=1.0, bound=0.0).gap == np.inf


def test_loads_are_in_the_measures_own_units():
    solution = solve(build_grid(weights=np.full((9, 1), 250.0)))

    assert solution.loads[:, 0].tolist() == [750.0, 750.0, 750.0]


def test_it_is_feasible_when_nothing_is_broken():
    solution = solve(build_grid())

    assert solution.feasible
    assert not replace(solution, broken=("South is in 2 pieces",)).feasible
