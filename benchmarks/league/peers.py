"""Others to be measured beside, in the same run and on the same machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from benchmarks.league.instances import Instance

Answer = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""The medians, and the median of each unit."""

SMALL = 200
"""Above so many units the model of a MIP (units² variables) takes longer to build than the others take to answer."""


def scipy_milp(instance: Instance, seconds: float) -> Answer | None:
    """The textbook model solved by HiGHS through SciPy: x[i, j] serves unit i from j, and x[j, j] opens j."""
    if instance.units > SMALL:
        return None
    n = instance.units
    units = np.arange(n)
    variable = units[:, None] * n + units[None, :]
    once = coo_array((np.ones(n * n), (np.repeat(units, n), variable.ravel())), shape=(n, n * n))
    number = coo_array((np.ones(n), (np.zeros(n, int), units * n + units)), shape=(1, n * n))
    load = np.concatenate([np.tile(instance.demands, n), -instance.capacities])
    capacity = coo_array(
        (load, (np.concatenate([np.repeat(units, n), units]), np.concatenate([variable.T.ravel(), units * n + units]))),
        shape=(n, n * n),
    )
    upper = np.concatenate([np.ones(n), [instance.medians], np.zeros(n)])
    lower = np.concatenate([np.ones(n), [instance.medians], np.full(n, -np.inf)])
    solved = milp(
        instance.distances().ravel(),
        integrality=np.ones(n * n),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(csr_array(vstack([once, number, capacity])), lower, upper),
        options={"time_limit": seconds},
    )
    if solved.x is None:
        return None
    chosen = solved.x.reshape(n, n) > 0.5
    return np.flatnonzero(chosen.diagonal()), chosen.argmax(axis=1)


PEERS = {"scipy-milp": scipy_milp}
