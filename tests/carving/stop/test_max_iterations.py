import pytest

from patchbook.carving.stop import MaxIterations
from patchbook.errors import BadInput


def rounds_run(stop):
    rounds = 0
    while not stop(1.0):
        rounds += 1
    return rounds


@pytest.mark.parametrize("iterations", [0, 1, 7])
def test_exactly_so_many_rounds_run(iterations):
    assert rounds_run(MaxIterations(iterations)) == iterations


def test_the_share_spent_counts_only_rounds_that_are_over():
    stop = MaxIterations(4)

    shares = []
    while not stop(1.0):
        shares.append(stop.spent())

    assert shares == [0.0, 0.25, 0.5, 0.75]


def test_being_asked_again_after_the_end_still_stops():
    stop = MaxIterations(1)

    assert [stop(1.0) for _ in range(4)] == [False, True, True, True]


def test_a_negative_limit_is_refused():
    with pytest.raises(BadInput, match="iteration limit is -1"):
        MaxIterations(-1)
