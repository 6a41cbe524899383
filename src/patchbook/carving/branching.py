"""Where the largest units go: branch and bound over them, with the prices of all the others as the bound.

Prices treat units as divisible. That is nearly true of small ones, and far from it of a unit that is a third of a
seat's share; so the bound of prices alone is low, and the place a dive gives such a unit is often not the best. Here
the largest units are placed one after another, the largest first, each at any of its seats; the dual of the rest bounds
what a placing can cost, and where they are all placed the rest is carved around them. See Geoffrion (1974),
doi:10.1007/BFb0120690, and Land & Doig (1960), doi:10.2307/1910129.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from patchbook.carving.costs import Candidates, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.prices import Dual
from patchbook.carving.problem import FloatArray, IntArray

LEAST_SIZE = 0.03
"""Share of a mean seat from which a unit is placed by itself."""
MOST_PLACED = 40
MOST_PLUNGES = 6
"""Times one placing is followed to its end and carved."""
WORK = 80_000_000
"""Looks at a unit's seat that all nodes together may take, per pass: fewer nodes of a larger problem."""
MOST_NODES, LEAST_NODES = 640, 24
NODE_ROUNDS = 10
"""Newton's steps at one smoothing of one placing."""
NEAR = 3e-3
"""A branch that could be so little cheaper than the best answer is not worth following."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One part of all assignments, some units placed and the rest anywhere, and what it costs at least."""

    units: IntArray
    seats: IntArray
    """The seat of each of these units."""
    prices: FloatArray
    """(seats, measures) at which the bound is proved."""
    bound: float


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    seats: tuple[int, ...] = field(compare=False)
    """Of the largest unit, the next largest and so on."""
    prices: FloatArray = field(compare=False)
    is_priced: bool = field(compare=False)
    """Whether the prices are its own rather than those of the placing it goes on from."""


def nodes_for(units: int, seats: int) -> int:
    """How many placings may be priced: none where that would take too long."""
    nodes = min(MOST_NODES, WORK // max(1, units * seats))
    return nodes if nodes >= LEAST_NODES else 0


class Branching:
    """The tree of placings of one problem's largest units."""

    def __init__(self, costs: Costs, limits: Limits, centres: FloatArray | None) -> None:
        """
        Prepare the tree for these centres.

        Every seat of every unit is looked at, so it suits problems for which `nodes_for` is above 0.
        """
        problem = costs.problem
        size = limits.weights.max(axis=1)
        free = np.flatnonzero((limits.only < 0) & (size >= LEAST_SIZE))
        placed = free[np.argsort(-size[free], kind="stable")][:MOST_PLACED]
        rest = np.setdiff1d(np.arange(problem.units), placed)
        self.order: IntArray = np.concatenate([rest, placed[::-1]])  # so that the units not placed are the first ones
        self.placed = placed
        self._limits = limits
        self._tolerances = problem.tolerances
        self._candidates = costs.candidates(centres, problem.seats, limits.only[self.order], self.order)
        self._weights = np.ascontiguousarray(limits.weights[self.order])
        self._number = 0

    def run(
        self, prices: FloatArray, *, beat: float, nodes: int, complete: Callable[[Branch], float],
        stop: Callable[[], bool],
    ) -> tuple[Branch, ...]:  # fmt: skip
        """
        Branches that together hold every assignment; the least of their bounds holds for all.

        Parameters
        ----------
        prices
            (seats, measures) to begin from.
        beat
            The cost of the best answer so far; branches that cannot be cheaper are not followed.
        nodes
            How many placings are priced.
        complete
            Carves the rest around a placing of all the large units, and says what the best answer costs then.
        """
        closed: list[_Node] = []
        waiting = [self._priced(_Node(-np.inf, 0, (), prices, False))]
        used, plunges = 1, 0
        while waiting and used < nodes and not stop():
            node = heapq.heappop(waiting)
            if node.bound >= beat * (1 - NEAR):
                heapq.heappush(waiting, node)
                break
            follows = plunges < MOST_PLUNGES
            while True:
                if not node.is_priced:
                    node = self._priced(node)
                    used += 1
                if node.bound >= beat * (1 - NEAR):
                    closed.append(node)
                    break
                if len(node.seats) == len(self.placed):
                    if plunges < MOST_PLUNGES:
                        plunges += 1
                        beat = min(beat, complete(self._branch(node)))
                    closed.append(node)
                    break
                children = self._children(node)
                if not children:
                    break  # no seat may take the unit: this part is empty
                if not follows:
                    for child in children:
                        heapq.heappush(waiting, child)
                    break
                node = children[0]
                for child in children[1:]:
                    heapq.heappush(waiting, child)
                if used >= nodes:
                    closed.append(node)
                    break
        return tuple(self._branch(node) for node in (*closed, *waiting))

    def _children(self, node: _Node) -> list[_Node]:
        """The placings of the next unit, the least dear first, each with what the prices it begins from prove."""
        row = len(self.order) - 1 - len(node.seats)
        listed = self._candidates.seats[row]
        listed = listed[listed >= 0]
        reduced = self._candidates.cost[row, : len(listed)] + node.prices[listed] @ self._weights[row]
        made = []
        for k in np.argsort(reduced, kind="stable"):
            self._number += 1
            bound = node.bound + float(reduced[k] - reduced.min())
            made.append(_Node(bound, self._number, (*node.seats, int(listed[k])), node.prices, False))
        return made

    def _priced(self, node: _Node) -> _Node:
        """The placing with prices of its own, where they prove more than those it came with."""
        rest = len(self.order) - len(node.seats)
        seats, measures = self._limits.targets.shape
        base = np.zeros((seats, measures))
        fixed = 0.0
        for row, seat in zip(range(len(self.order) - 1, rest - 1, -1), node.seats, strict=True):
            base[seat] += self._weights[row]
            fixed += float(self._candidates.cost[row, self._candidates.seats[row] == seat][0])
        dual = Dual(
            candidates=Candidates(self._candidates.seats[:rest], self._candidates.cost[:rest]),
            weights=self._weights[:rest], targets=self._limits.targets, tolerances=self._tolerances,
            balanced=self._limits.balanced, base=base,
        )  # fmt: skip
        prices, found = node.prices, node
        for heat in (0.1, 0.02):
            prices = dual.newton(prices, heat, rounds=NODE_ROUNDS, until=0.004)
            bound = self._proved(dual, prices, base) + fixed
            if bound > found.bound:
                found = _Node(bound, node.number, node.seats, prices, True)
        return found if found.is_priced else _Node(node.bound, node.number, node.seats, node.prices, True)

    def _proved(self, dual: Dual, prices: FloatArray, base: FloatArray) -> float:
        """What the prices prove of the units that are not placed: weak duality."""
        limits = self._limits
        prices = np.where(limits.balanced[:, None], prices, 0.0)
        high = np.where(np.isfinite(limits.high), limits.high, 0.0)
        allowed = np.where(prices > 0, prices * (high - base), prices * (limits.low - base))
        return dual.cheapest(prices) - float(allowed.sum())

    def _branch(self, node: _Node) -> Branch:
        count = len(node.seats)
        return Branch(
            units=self.placed[:count], seats=np.array(node.seats, np.int64), prices=node.prices, bound=node.bound
        )
