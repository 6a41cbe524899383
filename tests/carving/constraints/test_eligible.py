"""A unit at a seat that may not take it is found."""

from __future__ import annotations

import numpy as np

from patchbook.carving.constraints import Eligible
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid

ROWS = np.repeat(np.arange(3), 3)
KIND = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0])
COST = np.array([[0.0, 5.0, 0.0], [np.inf, 0.0, 0.0]])


def breaches(problem, owners=ROWS):
    return Eligible().breaches(problem, limits(problem, lambda unit: np.zeros(3)), owners)


def test_each_unit_at_a_shut_seat_is_named_with_the_seat():
    found = breaches(build_grid(kind=KIND, kind_cost=COST))

    assert [(breach.unit, breach.seat) for breach in found] == [(0, 0)]
    assert "South, which may not take it" in found[0].message


def test_a_unit_without_a_seat_is_nowhere_wrong():
    owners = ROWS.copy()
    owners[0] = -1

    assert breaches(build_grid(kind=KIND, kind_cost=COST), owners) == []


def test_lifting_it_opens_every_seat_and_keeps_what_fits():
    problem = build_grid(kind=KIND, kind_cost=COST)
    lifted = Eligible().without(problem)

    assert Eligible().supports(problem)
    assert not Eligible().supports(lifted)
    assert lifted.kind_cost.tolist() == [[0.0, 5.0, 0.0], [0.0, 0.0, 0.0]]
    assert breaches(lifted) == []
