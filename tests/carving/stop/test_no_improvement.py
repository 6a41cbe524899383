import math

import pytest

from patchbook.carving.stop import NoImprovement
from patchbook.errors import BadInput


def test_a_better_answer_starts_the_count_anew():
    stop = NoImprovement(2)

    assert [stop(cost) for cost in (9.0, 9.0, 8.0, 8.0, 8.0)] == [False, False, False, False, True]


def test_never_finding_a_feasible_answer_is_stale_too():
    stop = NoImprovement(2)

    assert [stop(math.inf) for _ in range(3)] == [False, False, True]


def test_an_equal_cost_is_no_improvement():
    stop = NoImprovement(1)

    assert [stop(5.0), stop(5.0)] == [False, True]


def test_zero_rounds_are_refused():
    with pytest.raises(BadInput, match="must be 1 or more"):
        NoImprovement(0)
