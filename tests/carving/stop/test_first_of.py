from patchbook.carving.stop import FirstOf, Gap, MaxIterations, NoImprovement


def test_the_first_criterion_to_say_so_ends_the_search():
    stop = FirstOf(MaxIterations(3), NoImprovement(1))

    assert [stop(2.0), stop(1.0), stop(1.0)] == [False, False, True]


def test_every_criterion_counts_every_round_even_after_another_has_spoken():
    iterations = MaxIterations(2)
    stop = FirstOf(Gap(0.0, lower_bound=5.0), iterations)

    stop(5.0), stop(5.0)

    assert iterations(5.0)


def test_the_share_spent_is_that_of_the_tightest_budget():
    stop = FirstOf(MaxIterations(10), MaxIterations(2), NoImprovement(5))

    stop(1.0), stop(1.0)

    assert stop.spent() == 0.5


def test_nothing_to_wait_for_never_stops_and_has_spent_nothing():
    stop = FirstOf()

    assert not stop(1.0)
    assert stop.spent() == 0.0
