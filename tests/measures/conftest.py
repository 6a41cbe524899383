"""A division of the 3×3 grid everyone knows by heart: nine accounts, three columns, one territory a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from patchbook.measures import Division

TOUCHING = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (0, 3), (3, 6), (1, 4), (4, 7), (2, 5), (5, 8)]
"""Pairs of neighbours in the grid, numbered row by row."""


@pytest.fixture(scope="session")
def a_division() -> Callable[..., Division]:
    """Builds the grid with the changes a test asks for."""
    return _a_division


def _grid_adjacency() -> csr_array:
    touching = np.zeros((9, 9))
    for a, b in TOUCHING:
        touching[a, b] = touching[b, a] = 1
    return csr_array(touching)


def _a_division(**changes: Any) -> Division:
    division: dict[str, Any] = {
        "territory": np.array([0, 1, 2] * 3),
        "weight": np.ones(9),
        "target": np.array([3.0, 3.0, 3.0]),
        "latitude": np.repeat([1.0, 0.0, -1.0], 3),
        "longitude": np.tile([0.0, 1.0, 2.0], 3),
        "area": np.arange(9),
        "adjacency": _grid_adjacency(),
        "owner": np.array([0, 1, 2] * 3),
        "previous_owner": np.array([0, 1, 2] * 3),
        "is_staffed": np.array([True, True, True]),
    }
    return Division(**{**division, **changes})
