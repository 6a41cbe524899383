"""Prices for load at each seat that make units spread themselves evenly: the dual of the balance constraints.

A unit goes to the seat with the least cost + Σ price · weight. Prices maximise the dual, a concave function whose
gradient is what each seat is short of. The dual is smoothed (every unit goes to several seats a little) and solved by
Newton's method while the smoothing cools. It is semi-discrete optimal transport with several measures at once; see
Kitagawa, Mérigot & Thibert (2019), Convergence of a Newton algorithm for semi-discrete optimal transport,
doi:10.4171/JEMS/889. Where measures go together the way to the top is long and nearly flat: steps are damped after
Marquardt (1963), An algorithm for least-squares estimation of nonlinear parameters, doi:10.1137/0111030; cut to a
length they often lead downhill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patchbook.carving._kernels.prices import smooth_pass
from patchbook.carving.costs import Candidates
from patchbook.carving.curvature import Pairs, pairs_of
from patchbook.carving.limits import Limits
from patchbook.carving.parallel import blocks_of, each
from patchbook.carving.problem import BoolArray, FloatArray, IntArray

NO_HEAT = 1e-6
"""Smoothing at which the dual is as good as unsmoothed."""
LEAST_DAMPING, FIRST_DAMPING, MOST_DAMPING = 1e-6, 1e-3, 1e4
"""How much Newton's steps are shortened, relative to the scale of prices: least, at first, and where they end."""
HARSHER = 8.0
"""So many times more where a step did not do what was hoped, and twice that the next time."""


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
        # No unit has been looked at, so none is firm: see `smooth_pass`.
        self.firm = np.full(len(self.weights), -np.inf)
        self.drift, self.looked = np.zeros_like(self.targets), np.zeros_like(self.targets)
        self.blocks = blocks_of(len(self.weights), cells_each=self.candidates.seats.shape[1])
        self._pairs: Pairs | None = None

    @property
    def pairs(self) -> Pairs:
        """The pairs of seats whose prices act on each other."""
        if self._pairs is None:
            self._pairs = pairs_of(self.candidates.seats, *self.targets.shape)
        return self._pairs

    def take_pairs(self, other: Dual) -> None:
        """The pairs of a dual over more units of the same seats, rather than looking for them anew."""
        self._pairs = other.pairs

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
        damping, harsher = FIRST_DAMPING, HARSHER
        value, gradient, curvature, extra = self._look(prices, temperature, bend)
        for _ in range(rounds):
            if np.abs(gradient).max() < until or stop() or damping > MOST_DAMPING:
                break
            step = self._step(gradient, curvature, extra + damping / self.scale[:, None])
            held = damping * float((step**2 / self.scale[:, None]).sum())
            hoped = 0.5 * (held - float((gradient * step).sum()))
            trial = self._look(prices + step, temperature, bend)
            kept = (value - trial[0]) / max(hoped, 1e-300)
            if kept > 1e-3:
                prices = prices + step
                value, gradient, curvature, extra = trial
            if kept > 0.25:
                damping = max(damping * (0.1 if kept > 0.75 else 0.5), LEAST_DAMPING)
                harsher = HARSHER
            else:
                damping *= harsher
                harsher *= 2
        return prices

    def value(self, prices: FloatArray, heat: float) -> float:
        """The smoothed dual: near the least cost of any assignment within the limits."""
        value, _, _ = self._pass(prices, heat * self.heat, with_curvature=False)
        return -self._lagrangian(value, prices, 0.05 * heat * self.scale[:, None] + 1e-12)

    def cheapest(self, prices: FloatArray) -> float:
        """The sum over units of their cheapest seat at these prices, prices paid; never above it."""
        return self._pass(prices, NO_HEAT * self.heat, with_curvature=False)[0]

    def choose(self, prices: FloatArray) -> IntArray:
        """(units,) the position in its list each unit prefers at these prices."""
        self._pass(prices, NO_HEAT * self.heat, with_curvature=False)
        return self.best.copy()

    def _look(
        self, prices: FloatArray, temperature: FloatArray, bend: FloatArray
    ) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Minus the dual, its gradient, the units' curvature, and the curvature of the tolerance term."""
        value, loads, curvature = self._pass(prices, temperature, with_curvature=True)
        root = np.sqrt(prices**2 + bend**2)
        allowed = self.targets * self.tolerances
        gradient = self.targets - self.base + allowed * prices / root - loads
        gradient[~self.balanced] = 0.0
        extra = allowed * bend**2 / root**3
        return self._lagrangian(value, prices, bend), gradient, curvature, extra

    def _lagrangian(self, value: float, prices: FloatArray, bend: FloatArray) -> float:
        allowed = self.targets * self.tolerances
        return -value + float(
            (prices * (self.targets - self.base) + allowed * (np.sqrt(prices**2 + bend**2) - bend)).sum()
        )

    def _pass(
        self, prices: FloatArray, temperature: FloatArray, *, with_curvature: bool
    ) -> tuple[float, FloatArray, FloatArray]:
        """The units' part of the dual, the expected loads, and how they would react."""
        seats, measures = self.targets.shape
        rise = prices - self.looked
        self.drift += rise - rise.min(axis=0)
        self.looked = prices.copy()
        pairs = self.pairs if with_curvature else None
        pair_of = np.empty((0, 0), np.int32) if pairs is None else pairs.of
        count = 0 if pairs is None else pairs.count

        def some(block: slice) -> tuple[float, FloatArray, FloatArray]:
            loads, curvature = np.empty((seats, measures)), np.empty((count, measures, measures))
            value = smooth_pass(
                self.candidates.cost[block], self.candidates.seats[block], self.weights[block], prices,
                temperature[block], self.best[block], self.firm[block], self.drift, loads, pair_of, curvature,
                with_curvature,
            )  # fmt: skip
            return value, loads, curvature

        value, loads, curvature = 0.0, np.zeros((seats, measures)), np.zeros((count, measures, measures))
        for one, load, bent in each(some, self.blocks):
            value += one
            loads += load
            curvature += bent
        return value, loads, curvature

    def _step(self, gradient: FloatArray, curvature: FloatArray, diagonal: FloatArray) -> FloatArray:
        """Newton's step: minus the inverse curvature times the gradient."""
        step = self.pairs.step(gradient, curvature, diagonal, self.balanced)
        return -gradient * self.scale[:, None] if step is None else step


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
