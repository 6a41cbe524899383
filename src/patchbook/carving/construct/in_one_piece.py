"""Price without a dive, for territories in one piece: connecting them undoes what a dive would make of large units."""

from __future__ import annotations

from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.construct.priced import Priced
from patchbook.carving.costs import Costs


class InOnePiece(Priced):
    """Prices and centres as for any carve; large units find their place when borders are moved (`settle.py`)."""

    name = "in one piece"
    dives = False

    def supports(self, costs: Costs) -> bool:
        """Whether seats differ in what they cost, and each must be in one piece."""
        return costs.problem.areas is not None and prefers_seats(costs)
