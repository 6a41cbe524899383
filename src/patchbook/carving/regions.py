"""Groups of neighbouring seats that can be improved side by side: moves stay inside a group, and the next round's
groups are others."""

from __future__ import annotations

import numpy as np

from patchbook.carving.problem import FloatArray, IntArray

SMALLEST = 12
"""Seats a region has on the mean, at least: in smaller ones too many moves would cross a border."""
MOST = 16
FEW_UNITS = 20_000
"""Units up to which there is one region."""


def regions_of(centres: FloatArray | None, units: int, seats: int, turn: int) -> IntArray:
    """
    (seats,) the region of each seat, from 0 on.

    Parameters
    ----------
    centres
        (seats, dimensions); without places there is one region.
    turn
        Another turn, other regions.
    """
    number = 1
    while number < MOST and seats >= 2 * number * SMALLEST:
        number *= 2
    if centres is None or units <= FEW_UNITS or number == 1:
        return np.zeros(seats, np.int64)
    region = np.zeros(seats, np.int64)
    waiting = [(np.arange(seats), number, 0)]
    random = np.random.default_rng(turn)
    while waiting:
        part, parts, first = waiting.pop()
        if parts == 1:
            region[part] = first
            continue
        direction = random.normal(size=centres.shape[1])
        order = part[np.argsort(centres[part] @ direction, kind="stable")]
        half = len(order) // 2
        waiting.append((order[:half], parts // 2, first))
        waiting.append((order[half:], parts // 2, first + parts // 2))
    return region
