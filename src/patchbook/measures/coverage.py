"""How much of the market somebody looks after."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import BoolArray, Division, FloatArray
from patchbook.measures.measure import Measure


def coverage(is_covered: BoolArray, weight: FloatArray) -> float:
    """
    The share of a quantity that lies with an active person; NaN when there is none of it.

    Examples
    --------
    >>> coverage(np.array([True, True, False]), np.array([2.0, 1.0, 1.0]))
    0.75
    """
    total = float(weight.sum())
    return float(weight[is_covered].sum() / total) if total > 0 else float("nan")


def of(division: Division) -> float:
    """The share of the quantity in territories that an active person holds."""
    held = division.territory >= 0
    covered = held.copy()
    if division.is_staffed is not None:
        covered[held] = division.is_staffed[division.territory[held]]
    return coverage(covered, np.nan_to_num(division.weight))


COVERAGE = Measure(
    key="coverage",
    title="Covered",
    unit="share",
    better="higher",
    by_quantity=True,
    compute=of,
    help="The share of accounts, and of each quantity, that an active person looks after.",
)
