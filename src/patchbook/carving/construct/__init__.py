"""Ways to a first assignment. A new one is a file here and a line in CONSTRUCTIONS; the best that suits wins."""

from patchbook.carving.construct.construction import Construction, Start
from patchbook.carving.construct.fewest_moves import FewestMoves
from patchbook.carving.construct.in_one_piece import InOnePiece
from patchbook.carving.construct.incumbents import Incumbents
from patchbook.carving.construct.largest_first import LargestFirst
from patchbook.carving.construct.priced import Priced

CONSTRUCTIONS: tuple[Construction, ...] = (LargestFirst(), Priced(), InOnePiece(), Incumbents(), FewestMoves())
"""Every construction."""

__all__ = [
    "CONSTRUCTIONS",
    "Construction",
    "FewestMoves",
    "InOnePiece",
    "Incumbents",
    "LargestFirst",
    "Priced",
    "Start",
]
