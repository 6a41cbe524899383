"""Pairs that may not share a seat are found where they do."""

from __future__ import annotations

import numpy as np

from patchbook.carving.constraints import Apart
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid

ROWS = np.repeat(np.arange(3), 3)


def breaches(problem, owners=ROWS):
    return Apart().breaches(problem, limits(problem, lambda unit: np.zeros(3)), owners)


def test_each_pair_at_one_seat_is_named_with_the_seat():
    problem = build_grid(apart=np.array([[0, 1], [0, 3], [4, 5]]))

    found = breaches(problem)

    assert [(breach.seat, breach.unit) for breach in found] == [(0, 0), (1, 4)]
    assert "South" in found[0].message


def test_two_that_have_no_seat_are_not_together():
    owners = ROWS.copy()
    owners[:2] = -1

    assert breaches(build_grid(apart=np.array([[0, 1]])), owners) == []


def test_it_is_asked_only_where_there_are_pairs_and_can_be_lifted():
    problem = build_grid(apart=np.array([[0, 1]]))

    assert Apart().supports(problem)
    assert not Apart().supports(Apart().without(problem))
    assert breaches(Apart().without(problem)) == []
