"""Prices for load at each seat that make units spread themselves evenly: the dual of the balance constraints.

A unit goes to the seat with the least cost + Σ price · weight. Prices maximise the dual, a concave function whose
gradient is what each seat is short of. The dual is smoothed (every unit goes to several seats a little) and solved by
Newton's method while the smoothing cools. It is semi-discrete optimal transport with several measures at once; see
Kitagawa, Mérigot & Thibert (2019), Convergence of a Newton algorithm for semi-discrete optimal transport,
doi:10.4171/JEMS/889.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from patchbook.carving._kernels.prices import smooth_pass
from patchbook.carving.costs import Candidates
from patchbook.carving.limits import Limits
from patchbook.carving.problem import BoolArray, FloatArray, IntArray


@dataclass
class Dual:
    """The smoothed dual over some units: its value, and Newton's way to its top."""

    candidates: Candidates
    weights: FloatArray
    """(units, measures), scaled so that a mean seat carries 1 of each."""
    targets: FloatArray
    """(seats, measures)"""
    tolerances: FloatArray
    """(measures,)"""
    balanced: BoolArray
    """(seats,) false where a seat has no limits (an oversized unit fills it): its prices stay 0."""
    base: FloatArray
    """(seats, measures) load that is already there."""

    def __post_init__(self) -> None:
        """Work out the scales everything is relative to."""
        spread = np.maximum(self.candidates.spread(), 0.0)
        size = self.weights.mean(axis=1)
        per_load = spread.sum() / max(size.sum(), 1e-12)
        self.heat = 0.3 * np.maximum(spread, 0.05 * per_load * size)
        self.heat = np.maximum(self.heat, 1e-9 * max(self.heat.max(initial=0.0), 1e-9))
        seats = len(self.targets)
        first = self.candidates.seats[:, 0]
        local = np.bincount(first, spread, seats) / np.maximum(np.bincount(first, size, seats), 1e-9)
        self.scale = np.clip(local, 0.1 * per_load, 10 * per_load) if per_load > 0 else np.ones(seats)
        self.best = np.zeros(len(self.weights), np.int64)

    def newton(
        self,
        prices: FloatArray,
        heat: float,
        *,
        rounds: int,
        until: float,
        stop: Callable[[], bool] = lambda: False,
    ) -> FloatArray:
        """
        Better prices at one smoothing.

        Parameters
        ----------
        heat
            Smoothing relative to each unit's scale of choice.
        until
            Stop when no seat is further than this from its limits (as a share of a mean seat).
        """
        temperature = heat * self.heat
        bend = 0.05 * heat * self.scale[:, None] + 1e-12
        damping, reach = 1e-3, 1.0
        value, gradient, curvature, extra = self._look(prices, temperature, bend)
        for _ in range(rounds):
            if np.abs(gradient).max() < until or stop():
                break
            step = self._step(gradient, curvature, extra + damping / self.scale[:, None])
            longest = reach * self.scale[:, None]
            is_cut = bool((np.abs(step) > longest).any())
            if is_cut:
                step = np.clip(step, -longest, longest)
            slope = float((gradient * step).sum())
            if slope > 0:
                step = -0.3 * gradient * self.scale[:, None]
                slope = float((gradient * step).sum())
            length = 1.0
            for _ in range(4):
                trial = self._look(prices + length * step, temperature, bend)
                if trial[0] <= value + 1e-4 * length * slope + 1e-10 * abs(value):
                    prices = prices + length * step
                    value, gradient, curvature, extra = trial[0], trial[1], trial[2].copy(), trial[3]
                    damping = max(damping * 0.25, 1e-5)
                    reach = 2 * reach if is_cut and length == 1.0 else max(1.0, reach * length)
                    break
                length *= 0.3
            else:
                damping *= 8
                if damping > 30:
                    break
                value, gradient, curvature, extra = self._look(prices, temperature, bend)
        return prices

    def value(self, prices: FloatArray, heat: float) -> float:
        """The smoothed dual: near the least cost of any assignment within the limits."""
        return -self._look(prices, heat * self.heat, 0.05 * heat * self.scale[:, None] + 1e-12)[0]

    def choose(self, prices: FloatArray) -> IntArray:
        """(units,) the position in its list each unit prefers at these prices."""
        seats, measures = self.targets.shape
        smooth_pass(
            self.candidates.cost, self.candidates.seats, self.weights, prices, 1e-6 * self.heat,
            self.best, np.empty((seats, measures)), np.empty((0, 0, 0, 0)), False,
        )  # fmt: skip
        return self.best.copy()

    def _look(
        self, prices: FloatArray, temperature: FloatArray, bend: FloatArray
    ) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Minus the dual, its gradient, the units' curvature, and the curvature of the tolerance term."""
        seats, measures = self.targets.shape
        loads = np.empty((seats, measures))
        curvature = np.empty((seats, seats, measures, measures))
        value = smooth_pass(
            self.candidates.cost, self.candidates.seats, self.weights, prices, temperature,
            self.best, loads, curvature, True,
        )  # fmt: skip
        root = np.sqrt(prices**2 + bend**2)
        allowed = self.targets * self.tolerances
        lagrangian = -value + float((prices * (self.targets - self.base) + allowed * (root - bend)).sum())
        gradient = self.targets - self.base + allowed * prices / root - loads
        gradient[~self.balanced] = 0.0
        extra = allowed * bend**2 / root**3
        return lagrangian, gradient, curvature, extra

    def _step(self, gradient: FloatArray, curvature: FloatArray, diagonal: FloatArray) -> FloatArray:
        """Newton's step: minus the inverse curvature times the gradient."""
        seats, measures = self.targets.shape
        size = seats * measures
        matrix = curvature.transpose(0, 2, 1, 3).reshape(size, size).copy()
        matrix[np.arange(size), np.arange(size)] += diagonal.ravel()
        shut = np.repeat(~self.balanced, measures)
        matrix[shut] = 0.0
        matrix[:, shut] = 0.0
        matrix[shut, shut] = 1.0
        try:
            return np.asarray(-cho_solve(cho_factor(matrix, check_finite=False), gradient.ravel())).reshape(
                seats, measures
            )
        except LinAlgError:
            return -gradient * self.scale[:, None]


def dual_of(
    candidates: Candidates,
    limits: Limits,
    tolerances: FloatArray,
    weights: FloatArray,
    *,
    base: FloatArray | None = None,
) -> Dual:
    """The dual over the units of these candidates; `base` is what the seats carry already, nothing without it."""
    return Dual(
        candidates=candidates, weights=np.ascontiguousarray(weights), targets=limits.targets, tolerances=tolerances,
        balanced=limits.balanced, base=np.zeros_like(limits.targets) if base is None else base,
    )  # fmt: skip
