"""Who looks after a vacant territory in the meantime: of the nearest who may, whoever has most room."""

from __future__ import annotations

import numpy as np

from patchbook.carving.problem import BoolArray, IntArray
from patchbook.carving.solution import Solution

NEAREST = 3
"""So many neighbours are asked."""


def interim(solution: Solution, vacant: BoolArray, *, nearest: int = NEAREST) -> IntArray:
    """
    (seats,) the seat that covers each vacant one, or -1 where it is filled, holds nothing, or nobody may.

    Whoever may take most of what a vacant seat holds comes first; of these the nearest few centres, or all without
    places; and of these whoever has most room under their limits. Covering takes room, so that one person covers two
    territories only where everybody near covers one.

    Parameters
    ----------
    vacant
        (seats,)
    """
    problem, lim = solution.problem, solution.limits
    loads = lim.loads(solution.owners).mean(axis=1)
    high = np.where(np.isfinite(lim.high), lim.high, loads[:, None]).mean(axis=1)
    room = high - loads
    chosen = np.full(problem.seats, -1)
    for seat in np.flatnonzero(vacant).tolist():
        units = np.flatnonzero(solution.owners == seat)
        if not len(units):
            continue
        able = _able(solution, units) * ~vacant
        if not able.any():
            continue
        some = np.flatnonzero(able >= able.max() - 1e-12)
        if solution.centres is not None:
            way = np.linalg.norm(solution.centres[some] - solution.centres[seat], axis=1)
            some = some[np.argsort(way, kind="stable")[:nearest]]
        chosen[seat] = some[np.argmax(room[some])]
        room[chosen[seat]] -= loads[seat]
    return chosen


def _able(solution: Solution, units: IntArray) -> np.typing.NDArray[np.float64]:
    """(seats,) which share of these units each seat may take."""
    problem = solution.problem
    if problem.kind is None or problem.kind_cost is None:
        return np.ones(problem.seats)
    return np.asarray(np.isfinite(problem.kind_cost[problem.kind[units]]).mean(axis=0))
