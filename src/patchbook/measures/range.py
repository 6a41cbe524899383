"""How many times the lightest territory's load the heaviest carries."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import Division, FloatArray
from patchbook.measures.measure import Measure
from patchbook.measures.variation import relative_loads


def load_range(load: FloatArray) -> float:
    r"""
    The largest load over the smallest, :math:`\max_t l_t / \min_t l_t`: 1 when all are equal, infinite when one is 0.

    Examples
    --------
    >>> load_range(np.array([50.0, 100.0, 150.0]))
    3.0
    >>> load_range(np.array([0.0, 10.0]))
    inf
    """
    if load.size == 0 or float(load.max()) <= 0:
        return float("nan")
    return float(np.max(load) / np.min(load)) if load.min() > 0 else float("inf")


def of(division: Division) -> float:
    """The largest load over the smallest, each as a share of its target."""
    return load_range(relative_loads(division))


RANGE = Measure(
    key="range",
    title="Heaviest over lightest",
    unit="ratio",
    better="lower",
    by_quantity=True,
    compute=of,
    help="How many times the lightest territory's load the heaviest carries.",
)
