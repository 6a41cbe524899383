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
"""Up to so many units any unit may serve any other, and an optimum of the model is one of the instance."""
NEAREST = 3.0
"""Above, a unit is served by one of its nearest: so many times as many as there are units for each median."""
MOST_VARIABLES = 300_000
"""A larger model takes longer to build and to presolve than the others take to answer."""


def scipy_milp(instance: Instance, seconds: float) -> Answer | None:
    """The textbook model solved by HiGHS through SciPy: x[i, j] serves unit i from j, and x[j, j] opens j."""
    n = instance.units
    near = n if n <= SMALL else min(n, int(np.ceil(NEAREST * n / instance.medians)))
    if n * near > MOST_VARIABLES:
        return None
    distances = instance.distances()
    np.fill_diagonal(distances, -1.0)  # a unit is the first of its own nearest, also where others share its place
    server = np.argsort(distances, axis=1, kind="stable")[:, :near].ravel()
    np.fill_diagonal(distances, 0.0)
    unit = np.repeat(np.arange(n), near)
    variables = np.arange(n * near)
    opens = np.arange(n) * near
    once = coo_array((np.ones(n * near), (unit, variables)), shape=(n, n * near))
    number = coo_array((np.ones(n), (np.zeros(n, int), opens)), shape=(1, n * near))
    load = np.concatenate([instance.demands[unit], -instance.capacities])
    capacity = coo_array(
        (load, (np.concatenate([server, np.arange(n)]), np.concatenate([variables, opens]))), shape=(n, n * near)
    )
    upper = np.concatenate([np.ones(n), [instance.medians], np.zeros(n)])
    lower = np.concatenate([np.ones(n), [instance.medians], np.full(n, -np.inf)])
    solved = milp(
        distances[unit, server],
        integrality=np.ones(n * near),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(csr_array(vstack([once, number, capacity])), lower, upper),
        options={"time_limit": seconds},
    )
    if solved.x is None:
        return None
    chosen = solved.x.reshape(n, near) > 0.5
    return np.flatnonzero(chosen[:, 0]), server.reshape(n, near)[np.arange(n), chosen.argmax(axis=1)]


PEERS = {"scipy-milp": scipy_milp}
