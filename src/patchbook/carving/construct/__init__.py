"""Ways to a first assignment. A new one is a file here and a line in CONSTRUCTIONS; the first that supports wins."""

from patchbook.carving.construct.construction import Construction, Start
from patchbook.carving.construct.largest_first import LargestFirst
from patchbook.carving.construct.priced import Priced

CONSTRUCTIONS: tuple[Construction, ...] = (LargestFirst(), Priced())
"""Every construction, most special first."""

__all__ = ["CONSTRUCTIONS", "Construction", "LargestFirst", "Priced", "Start"]
