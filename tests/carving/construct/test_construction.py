"""Where a unit's seat stands in its list of candidates."""

from __future__ import annotations

import numpy as np

from patchbook.carving.construct.construction import slots_of
from patchbook.carving.costs import Candidates


def test_a_unit_without_a_seat_stands_at_its_first_candidate_and_not_at_the_end_of_its_list():
    candidates = Candidates(
        np.array([[1, -1, -1], [0, 2, 1]], np.int32), np.array([[5.0, np.inf, np.inf], [1.0, 2.0, 3.0]])
    )

    assert slots_of(candidates, np.array([-1, 1])).tolist() == [0, 2]
