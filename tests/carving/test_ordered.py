"""Units are worked in an order that depends on nothing but themselves, near ones after each other, on any many axes."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.carving.ordered import order_of
from patchbook.carving.problem import Places, Problem


def problem_at(sites: np.ndarray) -> Problem:
    units = len(sites)
    return Problem(
        weights=np.ones((units, 1)), shares=np.full((2, 1), 0.5), tolerances=np.array([0.1]),
        places=Places(sites=sites, unit_of_site=np.arange(units), weight=np.ones(units), on_globe=False),
    )  # fmt: skip


@pytest.mark.parametrize("axes", [2, 10, 44, 90])
def test_units_that_are_near_each_other_come_after_each_other_on_any_number_of_axes(axes):
    rng = np.random.default_rng(3)
    group = rng.permutation(np.repeat(np.arange(4), 50))
    sites = np.zeros((200, axes))
    sites[:, -1] = 100.0 * (group // 2) + rng.normal(0, 0.5, 200)
    sites[:, -2] = 100.0 * (group % 2) + rng.normal(0, 0.5, 200)

    order = order_of(problem_at(sites))

    assert sorted(order.tolist()) == list(range(200))
    assert (np.diff(group[order]) != 0).sum() == 3


def test_numbering_the_units_otherwise_changes_nothing_but_the_numbers():
    sites = np.random.default_rng(5).normal(0, 1, (60, 20))
    other = np.random.default_rng(6).permutation(60)

    assert np.array_equal(other[order_of(problem_at(sites[other]))], order_of(problem_at(sites)))
