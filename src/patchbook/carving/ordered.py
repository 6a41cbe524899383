"""The order units are worked in: neighbours next to each other, and the same whatever order they come in.

Neighbours share cache lines and short lists of seats; and as the order depends on nothing but the units themselves,
numbering them otherwise changes nothing of an answer but the numbers.
"""

from __future__ import annotations

import numpy as np

from patchbook.carving.problem import FloatArray, IntArray, Places, Problem

BITS = 10
"""Bits of each coordinate in the curve that visits all places: a thousandth of the extent."""


MOST_AXES = 6
"""Coordinates that a whole number has room for; of more, those with the largest extent."""


def order_of(problem: Problem) -> IntArray:
    """(units,) which unit comes first, second, and so on."""
    keys: list[np.typing.NDArray[np.generic]] = []
    keys += [problem.weights[:, m] for m in range(problem.measures)]
    keys += [
        key for key in (problem.kind, problem.fixed, problem.incumbent, problem.value, problem.stay) if key is not None
    ]
    if problem.areas is not None:
        keys.append(problem.areas.area_of_unit)
    if problem.apart is not None and len(problem.apart):
        keys.append(np.bincount(problem.apart.ravel(), minlength=problem.units))
    if problem.places is not None and len(problem.places.sites):
        position = middle_of(problem.places, problem.units)
        keys += [position[:, d] for d in range(position.shape[1])]
        keys.append(_curve(position))
    return np.lexsort(keys)


def middle_of(places: Places, units: int) -> FloatArray:
    """(units, dimensions) the weighted mean of each unit's sites; the mean of all for a unit without a site."""
    pull = np.maximum(places.weight, 1e-12)
    total = np.bincount(places.unit_of_site, pull, units)
    columns = [np.bincount(places.unit_of_site, pull * column, units) for column in places.sites.T]
    position = np.stack(columns, axis=1).astype(float)
    known = total > 0
    position[known] /= total[known, None]
    position[~known] = position[known].mean(axis=0) if known.any() else 0.0
    return position


def _curve(position: FloatArray) -> IntArray:
    """Where each position comes on a curve through all of them, near ones near each other (Morton 1966)."""
    if position.shape[1] > MOST_AXES:
        widest = np.argsort(position.min(axis=0) - position.max(axis=0), kind="stable")
        position = position[:, np.sort(widest[:MOST_AXES])]
    low, high = position.min(axis=0), position.max(axis=0)
    cell = ((position - low) / np.maximum(high - low, 1e-12) * (2**BITS - 1)).astype(np.int64)
    code = np.zeros(len(position), np.int64)
    dimensions = cell.shape[1]
    for bit in range(BITS):
        for d in range(dimensions):
            code |= ((cell[:, d] >> bit) & 1) << (bit * dimensions + d)
    return code
