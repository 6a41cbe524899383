"""A locked unit that is elsewhere is found."""

from __future__ import annotations

import numpy as np

from patchbook.carving.constraints import Locked
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid

ROWS = np.repeat(np.arange(3), 3)
FIXED = np.array([2, -1, -1, 1, -1, -1, -1, -1, -1])


def breaches(problem):
    return Locked().breaches(problem, limits(problem, lambda unit: np.zeros(3)), ROWS)


def test_each_locked_unit_that_is_elsewhere_is_named_with_its_seat():
    found = breaches(build_grid(fixed=FIXED))

    assert [breach.unit for breach in found] == [0]
    assert "locked to North" in found[0].message


def test_it_is_asked_only_where_something_is_locked_and_can_be_lifted():
    problem = build_grid(fixed=FIXED)

    assert Locked().supports(problem)
    assert not Locked().supports(build_grid(fixed=np.full(9, -1)))
    assert not Locked().supports(Locked().without(problem))
    assert breaches(Locked().without(problem)) == []
