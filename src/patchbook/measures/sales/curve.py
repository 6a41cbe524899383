"""How sales answer to coverage: a concave curve that passes 1 where an account gets the time planned for it.

*Coverage* is the time an account gets over the time planned for it. Two shapes, both set by the same two numbers, so
that they can be laid side by side: the *carryover*, what is sold even if nobody calls, and the *elasticity*, how many
per cent more is sold for one per cent more time, at coverage 1.

The elasticity is what the literature measures: Albers, Mantrala & Sridhar (2010), Personal selling elasticities: a
meta-analysis, doi:10.1509/jmkr.47.5.840. That territories are judged by a concave response rather than by balance
alone goes back to Lodish (1971), doi:10.1287/mnsc.18.4.P25, and Skiera & Albers (1998), doi:10.1287/mksc.17.3.196.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MOST_COVERAGE = 2.0
"""Time beyond twice the plan brings nothing: no study reaches further, and a power would grow for ever."""
STRAIGHTEST = 0.98
"""The largest exponent: a straight line would make the best use of time a matter of luck."""


class Curve(Protocol):
    """Sales over the sales at coverage 1, with the slope and the way back from a slope; every argument broadcasts."""

    def sales(self, coverage: FloatArray) -> FloatArray:
        """What is sold at a coverage, as a share of what is sold at coverage 1."""

    def slope(self, coverage: FloatArray) -> FloatArray:
        """By how much that grows for each unit of coverage, below MOST_COVERAGE."""

    def coverage_at(self, slope: FloatArray) -> FloatArray:
        """The coverage, 0 to MOST_COVERAGE, beyond which the slope is lower than this."""


@dataclass(frozen=True, kw_only=True)
class Power:
    r"""
    $s(c) = a + (1 - a)\, c^b$ with $b = e / (1 - a)$: the constant elasticity of the studies, above the carryover.

    Examples
    --------
    >>> curve = power(elasticity=0.34, carryover=0.32)
    >>> curve.sales(np.array([0.0, 0.5, 1.0, 2.0, 5.0])).round(3).tolist()
    [0.32, 0.801, 1.0, 1.282, 1.282]
    """

    carryover: FloatArray
    exponent: FloatArray

    def sales(self, coverage: FloatArray) -> FloatArray:
        """See `Curve`."""
        reached = np.clip(coverage, 0.0, MOST_COVERAGE)
        return np.asarray(self.carryover + (1.0 - self.carryover) * reached**self.exponent)

    def slope(self, coverage: FloatArray) -> FloatArray:
        """See `Curve`."""
        with np.errstate(divide="ignore"):
            return np.asarray((1.0 - self.carryover) * self.exponent * coverage ** (self.exponent - 1.0))

    def coverage_at(self, slope: FloatArray) -> FloatArray:
        """See `Curve`."""
        with np.errstate(divide="ignore", over="ignore"):
            reached = (slope / ((1.0 - self.carryover) * self.exponent)) ** (1.0 / (self.exponent - 1.0))
        return np.asarray(np.clip(reached, 0.0, MOST_COVERAGE))


@dataclass(frozen=True, kw_only=True)
class Saturating:
    r"""
    $s(c) = a + (1 - a) (1 - e^{-kc}) / (1 - e^{-k})$: every further visit brings a fixed part of what is left.

    Examples
    --------
    >>> curve = saturating(elasticity=0.34, carryover=0.32)
    >>> curve.sales(np.array([0.0, 0.5, 1.0, 2.0, 5.0])).round(3).tolist()
    [0.32, 0.763, 1.0, 1.194, 1.194]
    """

    carryover: FloatArray
    rate: FloatArray

    def sales(self, coverage: FloatArray) -> FloatArray:
        """See `Curve`."""
        reached = np.clip(coverage, 0.0, MOST_COVERAGE)
        return np.asarray(
            self.carryover + (1.0 - self.carryover) * np.expm1(-self.rate * reached) / np.expm1(-self.rate)
        )

    def slope(self, coverage: FloatArray) -> FloatArray:
        """See `Curve`."""
        return np.asarray((1.0 - self.carryover) * self.rate * np.exp(-self.rate * coverage) / -np.expm1(-self.rate))

    def coverage_at(self, slope: FloatArray) -> FloatArray:
        """See `Curve`."""
        with np.errstate(divide="ignore"):
            reached = -np.log(slope * -np.expm1(-self.rate) / ((1.0 - self.carryover) * self.rate)) / self.rate
        return np.asarray(np.clip(reached, 0.0, MOST_COVERAGE))


def power(*, elasticity: npt.ArrayLike, carryover: npt.ArrayLike) -> Power:
    """The power curve; an elasticity above what the carryover leaves room for makes it nearly straight."""
    a = np.asarray(carryover, float)
    return Power(carryover=a, exponent=np.asarray(np.minimum(np.asarray(elasticity, float) / (1.0 - a), STRAIGHTEST)))


def saturating(*, elasticity: npt.ArrayLike, carryover: npt.ArrayLike) -> Saturating:
    """The saturating curve; its rate solves $k / (e^k - 1) = e / (1 - a)$, by bisection."""
    a = np.asarray(carryover, float)
    wanted = np.minimum(np.asarray(elasticity, float) / (1.0 - a), STRAIGHTEST)
    low, high = np.full(wanted.shape, 1e-6), np.full(wanted.shape, 60.0)
    for _ in range(60):
        rate = (low + high) / 2
        too_low = rate / np.expm1(rate) > wanted
        low, high = np.where(too_low, rate, low), np.where(too_low, high, rate)
    return Saturating(carryover=a, rate=np.asarray((low + high) / 2))


CURVES: Mapping[str, Callable[..., Curve]] = {"power": power, "saturating": saturating}
"""The shapes to choose from; each is made from `elasticity` and `carryover`."""
