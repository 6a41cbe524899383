"""More moves than may are found, with both shares."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.carving.constraints import Moved
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid

ROWS = np.repeat(np.arange(3), 3)
INCUMBENT = np.array([1, 0, 0, 0, 1, 1, 2, -1, -1])


def breaches(problem):
    return Moved().breaches(problem, limits(problem, lambda unit: np.zeros(3)), ROWS)


def test_the_share_is_of_the_value_of_what_somebody_has_today():
    value = np.array([3.0, 1, 1, 1, 1, 1, 2, 50, 50])

    assert moved_share(build_grid(incumbent=INCUMBENT), ROWS) == pytest.approx(2 / 7)
    assert moved_share(build_grid(incumbent=INCUMBENT, value=value), ROWS) == pytest.approx(4 / 10)
    assert moved_share(build_grid(), ROWS) == 0.0
    assert moved_share(build_grid(incumbent=np.full(9, -1)), ROWS) == 0.0


def test_a_breach_tells_both_shares():
    found = breaches(build_grid(incumbent=INCUMBENT, moved_at_most=0.2))

    assert [breach.message for breach in found] == ["28.6% of what has an owner today changes hands; 20.0% is allowed"]
    assert found[0].by == pytest.approx(2 / 7 - 0.2)


def test_exactly_as_many_as_may_is_no_breach_and_lifted_none_is():
    problem = build_grid(incumbent=INCUMBENT, moved_at_most=2 / 7)

    assert breaches(problem) == []
    assert Moved().supports(problem)
    assert not Moved().supports(Moved().without(problem))
    assert not Moved().supports(build_grid(moved_at_most=0.1))
