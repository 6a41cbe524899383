import math

import pytest

from patchbook.carving.stop import Gap
from patchbook.errors import BadInput


def test_it_stops_at_the_gap_and_below_not_above():
    stop = Gap(0.05, lower_bound=100.0)

    assert [stop(105.1), stop(105.0), stop(100.0)] == [False, True, True]


def test_no_answer_yet_is_never_good_enough():
    assert not Gap(0.5, lower_bound=100.0)(math.inf)


def test_a_negative_bound_leaves_room_above_it():
    stop = Gap(0.1, lower_bound=-100.0)

    assert [stop(-80.0), stop(-95.0)] == [False, True]


@pytest.mark.parametrize(("within", "bound"), [(-0.1, 1.0), (math.nan, 1.0), (0.1, math.inf), (0.1, math.nan)])
def test_limits_that_cannot_be_reached_are_refused(within, bound):
    with pytest.raises(BadInput, match="must be"):
        Gap(within, lower_bound=bound)
