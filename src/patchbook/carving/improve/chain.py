"""Move a unit to a second seat and one of that seat's units on to a third."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchbook.carving._kernels.moves import chain_sweep
from patchbook.carving._kernels.state import Arrays
from patchbook.carving.problem import IntArray, Problem

if TYPE_CHECKING:
    from patchbook.carving.search import Effort

CHAIN_REACH = 4
"""Cheapest seats looked at on each step: a chain has one step more than a swap, so each looks less far."""


class Chain:
    """Move a unit to a second seat and one of that seat's units on to a third."""

    name = "chain"

    def supports(self, problem: Problem) -> bool:
        """Whether there are seats enough."""
        return problem.seats > 2

    def sweep(self, arrays: Arrays, order: IntArray, effort: Effort, seed: int) -> int:
        """Make every such change that pays; how many were made."""
        return int(
            chain_sweep(
                arrays, order, effort.penalty, effort.only_violated, max(1, effort.tries // 3), CHAIN_REACH, seed
            )
        )
