"""Exchange two units between two seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchbook.carving._kernels.moves import swap_sweep
from patchbook.carving._kernels.state import Arrays
from patchbook.carving.problem import IntArray, Problem

if TYPE_CHECKING:
    from patchbook.carving.search import Effort


class Swap:
    """Exchange two units between two seats."""

    name = "swap"

    def supports(self, problem: Problem) -> bool:
        """Whether there are seats enough."""
        return problem.seats > 1

    def sweep(self, arrays: Arrays, order: IntArray, effort: Effort, seed: int) -> int:
        """Make every such change that pays; how many were made."""
        return int(swap_sweep(arrays, order, effort.penalty, effort.only_violated, effort.tries, effort.reach, seed))
