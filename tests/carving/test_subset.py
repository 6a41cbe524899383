"""A problem for some of its units keeps all that is said of them and nothing of the others."""

from __future__ import annotations

import numpy as np

from patchbook.carving.subset import take
from tests.carving.conftest import build_grid, grid_areas


def test_the_units_taken_are_numbered_anew_in_their_order():
    problem = build_grid(
        weights=np.arange(9.0)[:, None], fixed=np.arange(9) % 3, incumbent=np.arange(9) % 2, stay=np.arange(9.0),
        value=np.arange(9.0), kind=np.arange(9) % 4, kind_cost=np.zeros((4, 3)), areas=grid_areas(),
        apart=np.array([[1, 5], [0, 8], [5, 7]]),
    )  # fmt: skip

    part = take(problem, np.array([1, 5, 7]))

    assert part.weights[:, 0].tolist() == [1, 5, 7]
    assert part.fixed.tolist() == [1, 2, 1]
    assert part.incumbent.tolist() == [1, 1, 1]
    assert part.stay.tolist() == part.value.tolist() == [1, 5, 7]
    assert part.kind.tolist() == [1, 1, 3]
    assert part.areas.area_of_unit.tolist() == [1, 5, 7]
    assert part.apart.tolist() == [[0, 1], [1, 2]]
    assert part.places.unit_of_site.tolist() == [0, 1, 2]
    assert part.places.sites.tolist() == problem.places.sites[[1, 5, 7]].tolist()
    assert part.seats == problem.seats


def test_what_a_problem_does_not_say_its_part_does_not_either():
    part = take(build_grid(places=None), np.array([3]))

    assert (part.places, part.fixed, part.areas, part.apart, part.kind) == (None,) * 5
