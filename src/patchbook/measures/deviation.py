"""How far the territory furthest from its share is off."""

from __future__ import annotations

import numpy as np

from patchbook.measures.division import Division, FloatArray
from patchbook.measures.measure import Measure


def deviations(load: FloatArray, target: FloatArray) -> FloatArray:
    r"""
    How far each territory is from its share: :math:`l_t / g_t - 1`.

    Where a territory has no target, or a target of zero, the answer is NaN.

    Parameters
    ----------
    load
        What each territory carries.
    target
        What each territory should carry, in the same unit.

    Examples
    --------
    >>> deviations(np.array([90.0, 120.0]), np.array([100.0, 100.0])).round(3).tolist()
    [-0.1, 0.2]
    """
    wanted = np.where(target > 0, target, np.nan)
    return np.asarray(load / wanted - 1.0)


def deviation(load: FloatArray, target: FloatArray) -> float:
    r"""
    The largest distance from a share: :math:`\max_t |l_t / g_t - 1|`, NaN when no territory has a target.

    The balance measure of the districting literature, see Kalcsics, Nickel & Schröder (2005), "Towards a unified
    territorial design approach", TOP 13(1), section 3.1.

    Examples
    --------
    >>> round(deviation(np.array([90.0, 120.0, 90.0]), np.array([100.0, 100.0, 100.0])), 3)
    0.2
    """
    off = np.abs(deviations(load, target))
    return float(np.nanmax(off)) if np.isfinite(off).any() else float("nan")


def of(division: Division) -> float:
    """The largest distance from a share in this division."""
    return deviation(division.loads(), division.target)


DEVIATION = Measure(
    key="deviation",
    title="Largest deviation",
    unit="share",
    better="lower",
    by_quantity=True,
    compute=of,
    help="How far the territory furthest from its share is off.",
)
