"""Whether the areas of a territory hang together."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from patchbook.measures.division import Division, FloatArray, IntArray
from patchbook.measures.measure import Measure


def pieces(territory: IntArray, area: IntArray, adjacency: csr_array, territories: int) -> IntArray:
    """
    (territories,) how many unconnected pieces each territory's areas form; 0 where it has no area.

    Two areas are connected when they touch and both hold an account of the territory. Areas that hold no account are
    nobody's; contract the graph over them first where a territory may reach across (`geography.adjacency.contract`).

    Examples
    --------
    Four areas in a row; the second territory holds both ends.

    >>> row = csr_array(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]))
    >>> pieces(np.array([1, 0, 0, 1]), np.array([0, 1, 2, 3]), row, 2).tolist()
    [1, 2]
    """
    from scipy.sparse.csgraph import connected_components

    found = np.zeros(territories, dtype=np.int64)
    for row in range(territories):
        own = np.unique(area[(territory == row) & (area >= 0)])
        if own.size:
            found[row] = connected_components(adjacency[own][:, own], directed=False, return_labels=False)
    return found


def contiguity(number_of_pieces: IntArray | FloatArray) -> float:
    """
    The share of territories in one piece, among those that have areas; NaN when none has.

    Examples
    --------
    >>> contiguity(np.array([1, 1, 3, 0]))
    0.6666666666666666
    """
    counted = number_of_pieces[number_of_pieces > 0]
    return float((counted == 1).mean()) if counted.size else float("nan")


def of(division: Division) -> float:
    """The share of territories in one piece."""
    if division.area is None or division.adjacency is None:
        return float("nan")
    return contiguity(pieces(division.territory, division.area, division.adjacency, division.territories))


CONTIGUITY = Measure(
    key="contiguity",
    title="In one piece",
    unit="share",
    better="higher",
    by_quantity=False,
    compute=of,
    help="The share of territories whose areas hang together.",
)
