"""How unequal the loads of territories are, as economists measure incomes."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import Division, FloatArray
from patchbook.measures.measure import Measure
from patchbook.measures.variation import relative_loads


def gini(load: FloatArray) -> float:
    r"""
    The Gini coefficient :math:`\frac{2 \sum_i i\, l_{(i)}}{n \sum_i l_{(i)}} - \frac{n + 1}{n}` over sorted loads.

    Zero when every territory carries the same, towards one when a single one carries all. Gini (1912); the form over
    sorted values is from Sen (1973), "On Economic Inequality".

    Examples
    --------
    >>> round(gini(np.array([10.0, 10.0, 10.0, 10.0])), 9)
    0.0
    >>> gini(np.array([0.0, 0.0, 0.0, 40.0]))
    0.75
    """
    total = float(load.sum())
    if load.size == 0 or total <= 0:
        return float("nan")
    rank = np.arange(1, load.size + 1)
    return float(2.0 * (rank * np.sort(load)).sum() / (load.size * total) - (load.size + 1) / load.size)


def of(division: Division) -> float:
    """How unequal loads are, each as a share of its target."""
    return gini(relative_loads(division))


GINI = Measure(
    key="gini",
    title="Gini coefficient",
    unit="share",
    better="lower",
    by_quantity=True,
    compute=of,
    help="How unequal loads are: 0 is equal, near 1 one territory carries all.",
)
