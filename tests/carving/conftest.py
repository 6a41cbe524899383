"""Problems small enough to solve in the head, and random ones to hold promises against."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from patchbook.carving.problem import Areas, IntArray, Places, Problem


@pytest.fixture
def a_grid() -> Callable[..., Problem]:
    """Nine units in a 3×3 grid, one kilometre apart, each of weight 1; three seats at home on the left side."""
    return build_grid


@pytest.fixture
def a_market() -> Callable[..., Problem]:
    """Random units on a plane with heavy tails and three measures."""
    return build_market


def build_grid(**changes: Any) -> Problem:
    x, y = np.meshgrid(np.arange(3.0), np.arange(3.0))
    sites = np.stack([x.ravel(), y.ravel()], axis=1)
    problem = Problem(
        weights=np.ones((9, 1)),
        shares=np.full((3, 1), 1 / 3),
        tolerances=np.array([0.0]),
        places=Places(
            sites=sites,
            unit_of_site=np.arange(9),
            weight=np.ones(9),
            homes=np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]),
            on_globe=False,
        ),
        seat_names=("South", "Middle", "North"),
        measure_names=("accounts",),
    )
    return replace(problem, **changes)


def grid_areas() -> Areas:
    """Every unit its own area; areas touch sideways and upwards."""
    near = np.zeros((9, 9), bool)
    for a, b in itertools.combinations(range(9), 2):
        near[a, b] = near[b, a] = abs(a % 3 - b % 3) + abs(a // 3 - b // 3) == 1
    return Areas(area_of_unit=np.arange(9), adjacency=csr_array(near))


def build_market(
    units: int = 300, seats: int = 8, *, seed: int = 3, tolerance: float = 0.05, **changes: Any
) -> Problem:
    rng = np.random.default_rng(seed)
    potential = rng.lognormal(0, 1.0, units)
    work = 1 + np.sqrt(potential) * rng.lognormal(0, 0.3, units)
    problem = Problem(
        weights=np.stack([potential, work, np.ones(units)], axis=1),
        shares=np.full((seats, 3), 1 / seats),
        tolerances=np.full(3, tolerance),
        places=Places(
            sites=rng.uniform(0, 1000, (units, 2)), unit_of_site=np.arange(units), weight=work, on_globe=False
        ),
    )
    return replace(problem, **changes)


def every_assignment(units: int, seats: int) -> IntArray:
    """(assignments, units) all there are."""
    return np.array(list(itertools.product(range(seats), repeat=units)))
