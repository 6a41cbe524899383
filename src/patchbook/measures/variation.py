"""How much the loads of territories scatter around their mean."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import Division, FloatArray
from patchbook.measures.measure import Measure


def variation(load: FloatArray) -> float:
    r"""
    The coefficient of variation :math:`\sigma / \mu`, with the population's standard deviation.

    Zero when every territory carries the same; NaN without territories or when nothing is carried.

    Examples
    --------
    >>> variation(np.array([100.0, 100.0, 100.0]))
    0.0
    >>> variation(np.array([50.0, 150.0]))
    0.5
    """
    mean = float(load.mean()) if load.size else 0.0
    return float(load.std() / mean) if mean > 0 else float("nan")


def relative_loads(division: Division) -> FloatArray:
    """Load over target of each territory that has one, so that a half-time seat with half a load counts as fair."""
    has_target = division.target > 0
    return np.asarray(division.loads()[has_target] / division.target[has_target])


def of(division: Division) -> float:
    """How much loads scatter, each as a share of its target."""
    return variation(relative_loads(division))


VARIATION = Measure(
    key="variation",
    title="Coefficient of variation",
    unit="share",
    better="lower",
    by_quantity=True,
    compute=of,
    help="The standard deviation of loads over their mean.",
)
