"""A partition of the units into groups round medians, made from who is in which group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from patchbook.carving.problem import IntArray

if TYPE_CHECKING:
    from patchbook.carving._kernels.median_groups import Ground, Groups


def grouped(ground: Ground, seats: int, owner: IntArray) -> Groups:
    """The groups that `owner` tells of, (units,) from 0, with all that is kept about them."""
    from patchbook.carving._kernels.median_groups import Groups, rebuild

    units = len(owner)
    groups = Groups(
        owner=owner.copy(),
        after=np.zeros(units, np.int64),
        before=np.zeros(units, np.int64),
        sums=np.zeros(units),
        without=np.zeros(units),
        median=np.zeros(seats, np.int64),
        load=np.zeros(seats),
        size=np.zeros(seats, np.int64),
        cost=np.zeros(seats),
        least=np.zeros(seats),
        gain=np.full(seats, -math.inf),
        loss=np.full(seats, math.inf),
    )
    # So high a price that each median is the cheapest with room, where there is one.
    rebuild(ground, groups, 1e6 * (1.0 + ground.nearest.max()))
    return groups
