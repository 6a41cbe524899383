"""What a move has to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from patchbook.carving._kernels.state import Arrays
from patchbook.carving.problem import IntArray, Problem

if TYPE_CHECKING:
    from patchbook.carving.search import Effort


class Move(Protocol):
    """One kind of change to an assignment."""

    name: str

    def supports(self, problem: Problem) -> bool:
        """Whether the move can do anything for this problem."""

    def sweep(self, arrays: Arrays, order: IntArray, effort: Effort, seed: int) -> int:
        """Make every such change that pays, unit by unit in this order; how many were made."""
