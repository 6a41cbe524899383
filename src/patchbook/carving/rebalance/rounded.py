"""Whole units from the relaxation: an integer program over the moves that its prices find worth while."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from patchbook.carving.problem import IntArray
from patchbook.carving.rebalance.relaxed import Relaxation, Relaxed

MOST_COLUMNS = 5_000
"""Moves up to which the program is tried: it is for teams; for armies annealing mends what rounding breaks."""
MOST_LOADS = 100
"""The same in seats × measures."""
NODES = 100
"""Branches after which the best found is taken; counted rather than timed, so that a rebalance repeats exactly."""
GOOD_ENOUGH = 0.01
"""A cost this close to the least will do."""
MOVES_AT_LEAST = 20.0
"""Closeness is relative to at least so many moves, or a program with hardly a move would polish travel for ever."""


def rounded(relaxation: Relaxation, relaxed: Relaxed, *, per_worth: float, whole_moves: bool) -> IntArray:
    """
    (units,) a seat for every unit, within the limits where the program finds that; else the relaxation's main choices.

    Parameters
    ----------
    per_worth
        What a move of mean worth costs; costs are divided by it, or the solver's tolerances would not mean anything.
    whole_moves
        Whether moves count whole numbers; values of any size leave the program too many ways to be nearly as good.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    home, seats = relaxation.home, relaxation.base.shape[0]
    made = relaxed.part > 0
    near_unit, near_seat = relaxation.near(relaxed.prices)
    # Prices find the same few moves for many seats; those that the relaxation tried on its way are of more kinds.
    cells = np.unique(np.concatenate([near_unit * seats + near_seat, relaxed.unit * seats + relaxed.seat]))
    unit, seat = cells // seats, cells % seats
    owners = _main(home, relaxed.unit[made], relaxed.seat[made], relaxed.part[made])
    if not whole_moves or len(unit) > MOST_COLUMNS or relaxation.base.size > MOST_LOADS:
        return owners
    loads, once, each = relaxation.matrices(unit, seat)
    limits = relaxation.limits
    found = milp(
        np.append(relaxation.cost_of(unit, seat) / max(per_worth, 1e-12), MOVES_AT_LEAST),
        integrality=np.append(np.ones(len(unit)), 0.0),
        bounds=Bounds(np.append(np.zeros(len(unit)), 1.0), 1.0),
        constraints=[
            LinearConstraint(
                sp.hstack([loads, sp.csr_array((loads.shape[0], 1))]).tocsr(),
                (limits.low - relaxation.base).ravel(), (limits.high - relaxation.base).ravel(),
            ),
            LinearConstraint(
                sp.hstack([once, sp.csr_array((len(each), 1))]).tocsr(),
                np.where(relaxation.has_home[each], 0.0, 1.0), np.ones(len(each)),
            ),
        ],
        options={"node_limit": NODES, "mip_rel_gap": GOOD_ENOUGH},
    )  # fmt: skip
    if found.x is None:
        return owners
    made = found.x[:-1] > 0.5
    whole = np.where(relaxation.has_home, home, -1)
    whole[unit[made]] = seat[made]
    return np.where(whole >= 0, whole, owners)


def _main(home: IntArray, unit: IntArray, seat: IntArray, part: np.typing.NDArray[np.float64]) -> IntArray:
    """Where most of each unit is in the relaxation."""
    owners = home.copy()
    if not len(unit):
        return owners
    stays = np.ones(len(home))
    np.subtract.at(stays, unit, part)
    most = np.where(home >= 0, stays, -1.0)
    order = np.lexsort((seat, part, unit))
    last = np.flatnonzero(np.append(unit[order][1:] != unit[order][:-1], True))
    best = order[last]
    better = best[part[best] > most[unit[best]]]
    owners[unit[better]] = seat[better]
    return owners
