"""The best partition that can be put together from the groups a search has met: a set partitioning.

Different courses of a search end with different parts of the ground right. Which groups of all of them fit together
best is a question that an integer program answers exactly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from patchbook.carving.median_partition import grouped
from patchbook.carving.problem import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csc_array

    from patchbook.carving._kernels.median_groups import Ground, Groups

MOST_GROUPS = 6_000
"""So many groups are remembered from the search at most; more would take longer to put together than it saves."""
MOST_PRICED = 8_000
"""So many more are found by their price at most."""
SLACK = 0.01
"""Part of the gap that rounding may be off by."""
PRICINGS = 8
"""Most times that groups are priced and the linear program is solved anew."""
BIDS = 600
"""Rounds of finding out what units are worth, the first time; a third of that later, from where it stopped."""
MOST_NODES = 40
"""Nodes of branch and bound, and not seconds, so that the same search gives the same answer."""


class Recombination:
    """Remembers the feasible groups of a search, each once, and puts them together."""

    def __init__(self, ground: Ground, seats: int) -> None:
        from patchbook.carving._kernels.median_pool import Pool

        units = len(ground.demands)
        room = MOST_GROUPS + MOST_PRICED + 2 * seats
        self._ground = ground
        self._seats = seats
        self._worths: FloatArray | None = None
        self._is_sure = False
        self._known = math.inf
        self._best = np.arange(units) % seats
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
        The best partition of all that were told and all that can be put together from the groups remembered.

        Groups that no partition of the search had, but that the linear program would use, are found by their price and
        remembered too (column generation, as Lorena and Senne 2004).

        Parameters
        ----------
        owner
            (units,) the group of each unit in a feasible partition.
        """
        from scipy.optimize import linprog

        from patchbook.carving._kernels.median_pool import bid, price

        cost = self._cost_of(owner)
        if cost < self._known:
            self._known, self._best = cost, owner.copy()
        known = self._known
        rounds = BIDS
        if self._worths is None:
            self._worths = np.full(len(owner), known / len(owner))
        else:
            rounds //= 3
        bound, last = bid(self._ground, self._seats, self._worths, known, rounds, self._is_sure, self._pool)
        if bound >= known and not self._is_sure:
            # The greedy knapsack misled: bid anew by what groups may be worth at most, a weaker bound but a true one.
            self._is_sure = True
            self._worths[:] = known / len(owner)
            bound, last = bid(self._ground, self._seats, self._worths, known, BIDS, True, self._pool)
        costs, once, exactly = self._program(len(owner))
        if len(costs) < self._seats:
            return self._best
        # A group whose reduced cost is above the gap between bound and answer is in no better partition.
        worths, room = np.append(self._worths, -last), known - bound
        for pricing in range(PRICINGS):
            useful = np.flatnonzero(costs - once.T @ worths <= room * (1 + SLACK))
            # The stubs do not know that the matrix may be sparse.
            solved = linprog(costs[useful], A_eq=once[:, useful], b_eq=exactly, bounds=(0, None), method="highs")  # type: ignore[call-overload]
            if solved.x is None:
                return self._best
            priced = np.array(solved.eqlin.marginals)
            if pricing == PRICINGS - 1 or not price(self._ground, priced[:-1], priced[-1], 1e-7 * known, self._pool):
                break
            costs, once, exactly = self._program(len(owner))
        useful = useful[costs[useful] - once[:, useful].T @ priced <= (1 + SLACK) * (known - solved.fun) + 1e-6 * known]
        better = self._put_together(useful, costs, once, exactly)
        if better is not None and (cost := self._cost_of(better)) < self._known:
            self._known, self._best = cost, better
        return self._best

    def _program(self, units: int) -> tuple[FloatArray, csc_array, FloatArray]:
        """Costs of all groups; every unit in one of them, and as many groups as there are seats: one row more."""
        from scipy.sparse import csc_array

        pool, held = self._pool, int(self._pool.held[0])
        starts = pool.starts[: held + 1]
        rows = np.insert(pool.members[: starts[held]], starts[1:], units)
        once = csc_array((np.ones(len(rows)), rows, starts + np.arange(held + 1)), shape=(units + 1, held))
        return pool.costs[:held].copy(), once, np.append(np.ones(units), float(self._seats))

    def _put_together(
        self, useful: IntArray, costs: FloatArray, once: csc_array, exactly: FloatArray
    ) -> IntArray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp

        if not len(useful):
            return None
        solved = milp(
            costs[useful],
            integrality=np.ones(len(useful), np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(once[:, useful], exactly, exactly),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 1e-9},
        )
        if solved.x is None:
            return None
        chosen = useful[solved.x > 0.5]
        recombined = np.full(len(exactly) - 1, -1, np.int64)
        for group, column in enumerate(chosen):
            recombined[self._pool.members[self._pool.starts[column] : self._pool.starts[column + 1]]] = group
        if len(chosen) != self._seats or (recombined < 0).any():
            return None
        return recombined

    def _cost_of(self, owner: IntArray) -> float:
        groups = grouped(self._ground, self._seats, owner)
        return float(groups.sums[groups.median].sum())
