"""What a construction has to offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from patchbook.carving.costs import Candidates, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import FloatArray, IntArray

WIDTH = 24
"""Seats looked at for each unit where looking at all would be slow."""
SMALL = 3_000_000
"""Units × seats up to which every seat is looked at."""
MANY_UNITS = 60_000
"""Units from which each is so little of the whole that prices need not be as sharp."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """A first assignment, which may still be outside its limits."""

    candidates: Candidates
    slots: IntArray
    """(units,) position of each unit's seat in its list."""
    prices: FloatArray
    centres: FloatArray | None


class Construction(Protocol):
    """One way to a first assignment."""

    name: str

    def supports(self, costs: Costs) -> bool:
        """Whether it suits the problem."""

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """A first assignment."""


def width_for(units: int, seats: int) -> int:
    """How many seats to look at for each unit."""
    return seats if units * seats <= SMALL else min(seats, WIDTH)


def slots_of(candidates: Candidates, owners: IntArray) -> IntArray:
    """Where each unit's seat stands in its list; the first where it does not, or where the unit has no seat (-1)."""
    found = (candidates.seats == owners[:, None]) & (owners[:, None] >= 0)  # -1 also ends a list
    return np.asarray(np.where(found.any(axis=1), found.argmax(axis=1), 0), np.int64)
