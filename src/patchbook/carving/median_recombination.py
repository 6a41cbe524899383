"""The best partition that can be put together from the groups a search has met: a set partitioning.

Different courses of a search end with different parts of the ground right. Which groups of all of them fit together
best is a question that an integer program answers exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patchbook.carving.problem import IntArray

if TYPE_CHECKING:
    from patchbook.carving._kernels.median_groups import Ground, Groups

MOST_GROUPS = 6_000
"""So many groups are remembered at most; more would take longer to put together than it saves."""
MOST_NODES = 40
"""Nodes of branch and bound, and not seconds, so that the same search gives the same answer."""


class Recombination:
    """Remembers the feasible groups of a search, each once, and puts them together."""

    def __init__(self, ground: Ground, seats: int) -> None:
        from patchbook.carving._kernels.median_pool import Pool

        units = len(ground.demands)
        room = MOST_GROUPS + 2 * seats
        self._ground = ground
        self._seats = seats
        self._pool = Pool(
            words=np.random.default_rng(units).integers(0, 2**64, units, dtype=np.uint64),
            slots=np.full(4 * 2 ** int(np.ceil(np.log2(room))), -1, np.int64),
            hashes=np.zeros(room, np.uint64),
            starts=np.zeros(room + 1, np.int64),
            members=np.zeros(room * (8 + 2 * units // seats), np.int64),
            costs=np.zeros(room),
            held=np.zeros(1, np.int64),
        )

    def collect(self, groups: Groups) -> None:
        """Remember the groups of a partition that are within their capacity."""
        from patchbook.carving._kernels.median_pool import collect

        if self._pool.held[0] < MOST_GROUPS:
            collect(self._ground, groups, self._pool)

    def best(self, owner: IntArray) -> IntArray:
        """
        The cheapest partition found into groups remembered, or `owner` where that is none the worse.

        Parameters
        ----------
        owner
            (units,) the group of each unit in a feasible partition.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csc_array

        pool, held, units = self._pool, int(self._pool.held[0]), len(owner)
        if held < self._seats:
            return owner
        # Every unit in one group, and as many groups as there are seats: one row more.
        starts = pool.starts[: held + 1]
        rows = np.insert(pool.members[: starts[held]], starts[1:], units)
        once = csc_array((np.ones(len(rows)), rows, starts + np.arange(held + 1)), shape=(units + 1, held))
        exactly = np.append(np.ones(units), self._seats)
        solved = milp(
            pool.costs[:held],
            integrality=np.ones(held, np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(once, exactly, exactly),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 1e-9},
        )
        if solved.x is None:
            return owner
        chosen = np.flatnonzero(solved.x > 0.5)
        recombined = np.full(units, -1, np.int64)
        for group, column in enumerate(chosen):
            recombined[pool.members[starts[column] : starts[column + 1]]] = group
        if len(chosen) != self._seats or (recombined < 0).any():
            return owner
        return recombined
