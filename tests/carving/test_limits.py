"""Limits: what each seat may carry, and who is too large for any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.limits import limits
from patchbook.carving.problem import Problem
from tests.carving.conftest import build_grid, build_market


def problem_of(*weights: float, seats: int = 3, tolerance: float = 0.1, **changes) -> Problem:
    return replace(
        Problem(
            weights=np.array(weights)[:, None], shares=np.full((seats, 1), 1 / seats), tolerances=np.array([tolerance])
        ),
        **changes,
    )


def limits_of(problem: Problem, cost=None):
    cost = np.arange(problem.seats, dtype=float) if cost is None else np.array(cost)
    return limits(problem, lambda unit: cost)


def test_a_mean_seat_carries_one_of_each_measure():
    lim = limits_of(build_market(seats=8))

    assert lim.targets == pytest.approx(np.ones((8, 3)))
    assert lim.weights.sum(axis=0) == pytest.approx(np.full(3, 8.0))
    assert lim.low == pytest.approx(np.full((8, 3), 0.95))
    assert lim.high == pytest.approx(np.full((8, 3), 1.05))


def test_shares_scale_the_targets():
    lim = limits_of(problem_of(1, 1, 1, 1, seats=2, shares=np.array([[0.75], [0.25]])))

    assert lim.targets[:, 0].tolist() == [1.5, 0.5]


def test_a_unit_larger_than_any_share_gets_its_cheapest_seat_to_itself():
    lim = limits_of(problem_of(100, *[1] * 9), cost=[5, 1, 3])

    assert lim.oversized.tolist() == [0]
    assert lim.only.tolist() == [1, *[-1] * 9]
    assert lim.balanced.tolist() == [True, False, True]
    assert lim.weights[1:].sum() == pytest.approx(2)  # the rest is balanced over the two seats left
    assert lim.high[1, 0] == np.inf
    assert lim.low[1, 0] == 0


def test_setting_one_aside_may_make_another_too_large():
    lim = limits_of(problem_of(1000, 100, *[1] * 10, seats=4))

    assert sorted(lim.oversized.tolist()) == [0, 1]
    assert lim.balanced.sum() == 2


def test_the_last_seat_is_never_set_aside():
    lim = limits_of(problem_of(1e9, 1e6, 1e3, seats=3))

    assert lim.balanced.sum() == 1


def test_a_locked_giant_fills_the_seat_it_is_locked_to():
    fixed = np.full(10, -1)
    fixed[0] = 2

    lim = limits_of(problem_of(100, *[1] * 9, fixed=fixed), cost=[5, 1, 3])

    assert lim.only[0] == 2
    assert lim.balanced.tolist() == [True, True, False]


def test_a_giant_goes_where_it_may():
    kind = np.array([1, *[0] * 9])
    open_to = np.array([[0.0, 0, 0], [np.inf, np.inf, 0]])

    lim = limits_of(problem_of(100, *[1] * 9, kind=kind, kind_cost=open_to), cost=open_to[1])

    assert lim.only[0] == 2


def test_where_oversized_units_hold_all_there_is_nothing_is_right_for_the_rest():
    """Seen red: the others were held to a share of nothing, and none could meet it."""
    lim = limits_of(problem_of(100, *[0] * 9), cost=[5, 1, 3])
    owners = np.array([1, *[0, 2] * 4, 0])

    assert lim.oversized.tolist() == [0]
    assert lim.targets[[0, 2], 0].tolist() == [0, 0]
    assert lim.excess(lim.loads(owners)) == 0.0
    assert np.isfinite(lim.weights).all()


def test_loads_leave_out_who_has_no_seat():
    lim = limits_of(build_grid())

    assert lim.loads(np.array([0, 0, 0, 1, 1, -1, -1, 2, 2]))[:, 0] == pytest.approx([1, 2 / 3, 2 / 3])


def test_the_excess_is_that_of_the_worst_seat():
    lim = limits_of(build_grid(tolerances=np.array([0.1])))

    assert lim.excess(lim.loads(np.array([0] * 5 + [1, 1, 2, 2]))) == pytest.approx(2 / 3 - 0.1)
    assert lim.excess(lim.loads(np.repeat(np.arange(3), 3))) == 0.0


@given(
    weights=st.lists(st.floats(0, 1e6), min_size=3, max_size=20),
    seats=st.integers(1, 5),
    tolerance=st.floats(0, 1),
)
def test_nobody_in_play_is_larger_than_the_most_a_seat_may_carry(weights, seats, tolerance):
    lim = limits_of(problem_of(*weights, seats=seats, tolerance=tolerance))

    in_play = np.setdiff1d(np.arange(len(weights)), lim.oversized)
    if lim.balanced.sum() > 1:
        assert (lim.weights[in_play] <= lim.high[lim.balanced].max(axis=0) * (1 + 1e-9)).all()
    assert (lim.only[lim.oversized] >= 0).all()
    assert len(set(lim.only[lim.oversized].tolist())) == len(lim.oversized) == (~lim.balanced).sum()
