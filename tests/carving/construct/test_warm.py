"""A carve may begin from a neighbour's solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patchbook.carving.solve import solve
from tests.carving.conftest import build_market


def test_a_warm_start_from_the_answer_stays_there(a_grid):
    found = solve(a_grid())

    again = solve(a_grid(), warm=found)

    assert again.owners.tolist() == found.owners.tolist()
    assert again.cost == pytest.approx(found.cost)


def test_a_warm_start_meets_limits_that_have_become_tighter():
    problem = build_market(units=300, seats=6, seed=3)
    loose = solve(replace(problem, tolerances=problem.tolerances * 3))

    tight = solve(problem, warm=loose)

    assert tight.feasible
    assert (tight.owners == loose.owners).mean() > 0.5


def test_a_warm_start_heeds_a_new_lock():
    problem = build_market(units=300, seats=6, seed=3)
    before = solve(problem)
    fixed = np.full(300, -1)
    fixed[0] = (before.owners[0] + 1) % 6

    after = solve(replace(problem, fixed=fixed), warm=before)

    assert after.owners[0] == fixed[0]
    assert after.feasible


def test_other_units_or_seats_are_refused(a_grid):
    with pytest.raises(ValueError, match="same units and seats: 300 and 6, not 9 and 3"):
        solve(build_market(units=300, seats=6, seed=3), warm=solve(a_grid()))
