"""How much of the book changes hands."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import Division, FloatArray, IntArray
from patchbook.measures.measure import Measure


def disruption(owner: IntArray, previous_owner: IntArray, weight: FloatArray) -> float:
    """
    The share of what had an owner that changes owner; NaN when nothing had one.

    An account without an owner before (-1) can not be taken from anyone, so it does not count. With a weight of 1 this
    is the share of accounts; with potential or workload, the share of that. An account that loses its owner counts as
    moved.

    Examples
    --------
    Three accounts had an owner, one of them changes hands:

    >>> disruption(np.array([0, 0, 1, 1]), np.array([0, 1, 1, -1]), np.array([1.0, 1.0, 1.0, 1.0]))
    0.3333333333333333
    """
    had_owner = previous_owner >= 0
    total = float(weight[had_owner].sum())
    moved = had_owner & (owner != previous_owner)
    return float(weight[moved].sum() / total) if total > 0 else float("nan")


def of(division: Division) -> float:
    """The share of the quantity that changes owner."""
    if division.owner is None or division.previous_owner is None:
        return float("nan")
    return disruption(division.owner, division.previous_owner, np.nan_to_num(division.weight))


DISRUPTION = Measure(
    key="disruption",
    title="Changes owner",
    unit="share",
    better="lower",
    by_quantity=True,
    compute=of,
    help="The share of what had an owner that changes owner, by count and by each quantity.",
)
