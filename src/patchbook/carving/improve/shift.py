"""Give one unit to another seat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchbook.carving._kernels.moves import shift_sweep
from patchbook.carving._kernels.state import Arrays
from patchbook.carving.problem import IntArray, Problem

if TYPE_CHECKING:
    from patchbook.carving.search import Effort


class Shift:
    """Give one unit to another seat."""

    name = "shift"

    def supports(self, problem: Problem) -> bool:
        """Whether there are seats enough."""
        return problem.seats > 1

    def sweep(self, arrays: Arrays, order: IntArray, effort: Effort, seed: int) -> int:
        """Make every such change that pays; how many were made."""
        return int(shift_sweep(arrays, order, effort.penalty, effort.only_violated))
