"""Each seat's areas are in one piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import connected_components

from patchbook.carving.constraints.constraint import Breach, name_of_seat
from patchbook.carving.limits import Limits
from patchbook.carving.problem import Areas, IntArray, Problem


class Contiguous:
    """Each seat's areas are in one piece."""

    name = "contiguity"

    def supports(self, problem: Problem) -> bool:
        """Whether contiguity is asked."""
        return problem.areas is not None

    def breaches(self, problem: Problem, limits: Limits, owners: IntArray) -> list[Breach]:
        """Each seat in more than one piece."""
        if problem.areas is None:
            return []
        found = []
        for seat in range(problem.seats):
            pieces = pieces_of(problem.areas, owners == seat)
            if len(pieces) > 1:
                found.append(
                    Breach(
                        constraint=self.name,
                        message=f"{name_of_seat(problem, seat)} is in {len(pieces)} pieces",
                        seat=seat,
                        by=float(len(pieces) - 1),
                    )
                )
        return found

    def without(self, problem: Problem) -> Problem:
        """The problem with territories in any number of pieces."""
        return replace(problem, areas=None)


def pieces_of(areas: Areas, mine: np.typing.NDArray[np.bool_]) -> list[IntArray]:
    """The connected pieces of the areas that hold any of these units, largest first by number of areas."""
    held = np.unique(areas.area_of_unit[mine & (areas.area_of_unit >= 0)])
    if not len(held):
        return []
    _, label = connected_components(areas.adjacency[held][:, held], directed=False)
    pieces = [held[label == number] for number in range(int(label.max()) + 1)]
    return sorted(pieces, key=lambda piece: (-len(piece), int(piece[0])))
