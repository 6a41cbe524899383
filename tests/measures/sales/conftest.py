"""Four accounts and two holders small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from patchbook.measures.sales import Configuration, Demand


@pytest.fixture
def demand() -> Demand:
    """Worth 100 to 400 a year, ten hours each, nobody travels."""
    return Demand(potential=np.array([100.0, 200.0, 300.0, 400.0]), hours=np.full(4, 10.0), visits=np.zeros(4))


@pytest.fixture
def a_configuration() -> Callable[..., Configuration]:
    """Two accounts for each of two holders with 0.02 of a seat, unless a test says otherwise."""

    def build(**changes: Any) -> Configuration:
        plain: dict[str, Any] = {
            "holder": np.array([0, 0, 1, 1]),
            "seats": np.array([0.02, 0.02]),
            "is_vacant": np.zeros(2, bool),
            "distance_km": np.zeros(4),
            "is_new": np.zeros(4, bool),
        }
        return Configuration(**{**plain, **changes})

    return build
