"""What each seat may carry, after oversized units have been set aside; scaled so that a mean seat carries 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem

SLACK = 1e-9
"""Loads this far outside a limit count as inside: sums of floats are not exact."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Scaled weights, and between what a seat's load must lie."""

    weights: FloatArray
    """(units, measures) scaled: the mean balanced seat carries 1 of each measure."""
    targets: FloatArray
    """(seats, measures)"""
    low: FloatArray
    """(seats, measures)"""
    high: FloatArray
    """(seats, measures); infinite for a seat that an oversized unit fills."""
    balanced: BoolArray
    """(seats,)"""
    only: IntArray
    """(units,) the seat a unit is bound to by a lock or by its size, or -1."""
    oversized: IntArray
    """Units that no seat can carry within tolerance; each has a seat to itself, or shares one it is locked to."""

    def loads(self, owners: IntArray) -> FloatArray:
        """(seats, measures) what each seat carries; units without a seat (-1) are left out."""
        seats, measures = self.targets.shape
        columns = [np.bincount(owners + 1, self.weights[:, m], seats + 1)[1:] for m in range(measures)]
        return np.stack(columns, axis=1).astype(float)

    def excess(self, loads: FloatArray) -> float:
        """How far outside its limits the worst seat is, as a share of a mean seat; 0 when all are inside."""
        worst = float(np.maximum(loads - self.high, self.low - loads).max(initial=0.0))
        return worst if worst > SLACK else 0.0


def limits(problem: Problem, cost_of: Callable[[int], FloatArray]) -> Limits:
    """
    The limits of a problem. Units larger than any seat may carry get a seat of their own, and the rest is balanced.

    Parameters
    ----------
    cost_of
        What one unit costs at each seat, infinite where it may not go; decides which seat an oversized unit gets.
    """
    units, seats, measures = problem.units, problem.seats, problem.measures
    kind = np.zeros(units, np.int64) if problem.kind is None else problem.kind
    may = np.ones((1, seats), bool) if problem.kind_cost is None else np.isfinite(problem.kind_cost)
    only = np.full(units, -1) if problem.fixed is None else problem.fixed.copy()
    dedicated = np.zeros(seats, bool)
    oversized = np.zeros(units, bool)
    while True:
        in_play = ~oversized & ~(dedicated[only] & (only >= 0))
        sums_in_play = problem.weights[in_play].sum(axis=0)
        totals = np.maximum(sums_in_play, 1e-300)
        shares = np.where(dedicated[:, None], 0.0, problem.shares)
        sums = shares.sum(axis=0)
        if not (~dedicated).any() or not (sums > 0).all():
            break
        targets = shares / sums * totals
        most = targets * (1 + problem.tolerances)
        ceiling = np.where((may & ~dedicated)[:, :, None], most[None], 0.0).max(axis=1)[kind]
        ceiling = np.where((only >= 0)[:, None], most[only], ceiling)
        ceiling[~(ceiling > 0).any(axis=1)] = np.inf  # nobody may take it: unassigned, not oversized
        too_big = in_play & (problem.weights > ceiling * (1 + 1e-12)).any(axis=1)
        if not too_big.any() or (~dedicated).sum() <= 1:
            break
        candidates = np.flatnonzero(too_big)
        largest = candidates[np.argmax((problem.weights[candidates] / totals).max(axis=1))]
        seat = only[largest]
        if seat < 0:
            cost = np.where(dedicated, np.inf, cost_of(int(largest)))
            seat = int(np.argmin(cost))
            if not np.isfinite(cost[seat]):
                break
        oversized[largest] = True
        only[largest] = seat
        dedicated[seat] = True
    open_seats = max(int((~dedicated).sum()), 1)
    held = sums_in_play > 0
    unit_size = np.where(held, totals / open_seats, np.maximum(problem.weights.max(axis=0, initial=0.0), 1e-300))
    scaled = shares / np.where(sums > 0, sums, 1.0) * open_seats * held  # where oversized units hold all, 0 is right
    low = scaled * (1 - problem.tolerances)
    high = scaled * (1 + problem.tolerances)
    low[dedicated] = 0.0
    high[dedicated] = np.inf
    return Limits(
        weights=np.ascontiguousarray(problem.weights / unit_size),
        targets=scaled,
        low=np.ascontiguousarray(low.reshape(seats, measures)),
        high=np.ascontiguousarray(high.reshape(seats, measures)),
        balanced=~dedicated,
        only=only,
        oversized=np.flatnonzero(oversized),
    )
