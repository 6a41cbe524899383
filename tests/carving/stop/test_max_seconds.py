import pytest

from patchbook.carving.stop import MaxSeconds
from patchbook.errors import BadInput


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_stops_when_the_seconds_since_it_was_made_have_passed():
    clock = FakeClock()
    stop = MaxSeconds(10, clock=clock)

    clock.now += 9.5
    assert not stop(1.0)
    clock.now += 0.5
    assert stop(1.0)


def test_it_tells_the_share_of_the_time_that_is_spent_and_never_more_than_all():
    clock = FakeClock()
    stop = MaxSeconds(10, clock=clock)

    clock.now += 2.5
    assert stop.spent() == 0.25
    clock.now += 100
    assert stop.spent() == 1.0


def test_no_time_at_all_stops_at_once():
    stop = MaxSeconds(0, clock=FakeClock())

    assert stop(1.0)
    assert stop.spent() == 1.0


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_limit_that_is_no_time_is_refused(seconds):
    with pytest.raises(BadInput, match="must be 0 seconds or more"):
        MaxSeconds(seconds)
