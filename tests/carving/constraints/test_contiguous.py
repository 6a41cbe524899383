"""A seat in more than one piece is found, with the number of pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.constraints import Contiguous
from patchbook.carving.constraints.contiguous import pieces_of
from patchbook.carving.limits import limits
from tests.carving.conftest import build_grid, grid_areas


def breaches(problem, owners):
    return Contiguous().breaches(problem, limits(problem, lambda unit: np.zeros(3)), np.array(owners))


def test_a_chessboard_is_told_seat_by_seat():
    found = breaches(build_grid(areas=grid_areas()), [0, 1, 0, 1, 2, 1, 0, 1, 0])

    assert [(breach.seat, breach.message) for breach in found] == [
        (0, "South is in 4 pieces"),
        (1, "Middle is in 4 pieces"),
    ]


def test_units_without_an_area_are_exempt():
    areas = replace(grid_areas(), area_of_unit=np.array([0, 1, -1, 3, 4, 5, 6, 7, 8]))

    assert breaches(build_grid(areas=areas), [0, 0, 2, 1, 1, 1, 2, 2, 2]) == []
    assert pieces_of(areas, np.arange(9) == 2) == []


def test_it_is_asked_only_where_there_are_areas_and_can_be_lifted():
    problem = build_grid(areas=grid_areas())

    assert Contiguous().supports(problem)
    assert not Contiguous().supports(Contiguous().without(problem))
    assert breaches(Contiguous().without(problem), [0, 1, 0, 1, 2, 1, 0, 1, 0]) == []


@given(owners=st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_pieces_are_what_a_walk_from_neighbour_to_neighbour_reaches(owners):
    areas = grid_areas()

    for seat in range(3):
        left = {area for area, owner in enumerate(owners) if owner == seat}
        walked = []
        while left:
            piece, edge = set(), {left.pop()}
            while edge:
                area = edge.pop()
                piece.add(area)
                near = {other for other in left if areas.adjacency[[area]].toarray()[0, other]}
                left -= near
                edge |= near
            walked.append(tuple(sorted(piece)))
        found = [tuple(piece.tolist()) for piece in pieces_of(areas, np.array(owners) == seat)]
        assert sorted(found) == sorted(walked)
        assert [len(piece) for piece in found] == sorted((len(piece) for piece in found), reverse=True)
