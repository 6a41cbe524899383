"""Ways to improve an assignment. A new move is a file here, a kernel in `_kernels/`, and a line in MOVES."""

from patchbook.carving.improve.chain import Chain
from patchbook.carving.improve.move import Move
from patchbook.carving.improve.shift import Shift
from patchbook.carving.improve.swap import Swap

MOVES: tuple[Move, ...] = (Shift(), Swap(), Chain())
"""Every move, in the order a sweep makes them."""

__all__ = ["MOVES", "Chain", "Move", "Shift", "Swap"]
