"""Expected sales follow coverage, changes of owner and vacancies, and carves are compared draw by draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from patchbook.measures.sales import (
    ASSUMPTIONS,
    CURVES,
    MOST_COVERAGE,
    Configuration,
    Demand,
    at,
    best_use,
    difference,
    drawn,
    expected_sales,
    hours_a_visit,
)

PLAIN = at(ASSUMPTIONS, {"hours": 1000.0, "lost": 0.1, "carryover": 0.25, "vacant_cover": 0.5})


def test_accounts_that_get_the_time_planned_for_them_buy_their_potential(demand, a_configuration):
    found = expected_sales(demand, a_configuration(), PLAIN)

    assert found.coverage.tolist() == [[1.0, 1.0]]
    assert found.sales == pytest.approx([1000.0])


def test_a_holder_with_half_the_time_sells_less_but_not_half(demand, a_configuration):
    found = expected_sales(demand, a_configuration(seats=np.array([0.02, 0.01])), PLAIN)

    assert found.coverage[0, 1] == pytest.approx(0.5)
    assert found.of_holder[0, 1] == pytest.approx(700 * (0.25 + 0.75 * 0.5 ** (0.34 / 0.75)))


def test_a_change_of_owner_costs_its_share_of_that_account(demand, a_configuration):
    found = expected_sales(demand, a_configuration(is_new=np.array([False, True, False, False])), PLAIN)

    assert found.lost.tolist() == [[20.0, 0.0]]
    assert found.sales == pytest.approx([980.0])


def test_a_vacant_seat_gives_the_interim_share_of_its_time(demand, a_configuration):
    found = expected_sales(demand, a_configuration(is_vacant=np.array([False, True])), PLAIN)

    assert found.coverage.tolist() == [[1.0, 0.5]]


def test_what_nobody_has_buys_only_by_itself(demand, a_configuration):
    found = expected_sales(demand, a_configuration(holder=np.array([0, 0, 1, -1])), PLAIN)

    assert found.unheld.tolist() == [100.0]


def test_travel_takes_from_the_time_for_accounts(a_configuration):
    demand = Demand(potential=np.full(4, 100.0), hours=np.full(4, 10.0), visits=np.full(4, 5.0))
    far = a_configuration(distance_km=np.array([0.0, 0.0, 65.0, 65.0]))
    found = expected_sales(demand, far, PLAIN.but(visits_a_trip=1.0))

    assert found.travel_hours.tolist() == [[0.0, 20.0]]
    assert found.coverage.tolist() == [[1.0, 0.5]]


def test_beyond_a_few_hundred_kilometres_one_flies():
    drive, fly = hours_a_visit(np.array([100.0, 4000.0]), 65.0, 1.0)

    assert drive == pytest.approx(2 * 100 / 65)
    assert fly == pytest.approx(2 * (3 + 4000 / 750))


def test_the_same_carve_twice_differs_by_exactly_nothing(demand, a_configuration):
    draws = drawn(ASSUMPTIONS, number=64, seed=1)
    one, other = (expected_sales(demand, a_configuration(), draws) for _ in range(2))
    found = difference(one, other, base=0.0)

    assert (found.low, found.high, found.better) == (0.0, 0.0, 0.5)


def test_draws_in_common_leave_only_what_the_carves_differ_in(demand, a_configuration):
    draws = drawn(ASSUMPTIONS, number=256, seed=1)
    still = expected_sales(demand, a_configuration(), draws)
    moved = expected_sales(demand, a_configuration(is_new=np.array([True, False, False, False])), draws)
    found = difference(still, moved, base=-10.0)

    # Sales themselves vary by more than the whole account; losing some of it is certain all the same.
    assert np.ptp(still.sales) > 100
    assert found.better == 0.0
    assert -25 < found.low < -10 < found.high < 0


def test_the_interval_holds_what_the_world_does_in_nine_worlds_of_ten(demand, a_configuration):
    now = a_configuration(seats=np.array([0.012, 0.028]))
    then = a_configuration(holder=np.array([0, 1, 1, 0]), is_new=np.array([False, True, False, True]))
    draws, worlds = drawn(ASSUMPTIONS, number=256, seed=1), drawn(ASSUMPTIONS, number=500, seed=2)
    told = difference(expected_sales(demand, now, draws), expected_sales(demand, then, draws), base=0.0)
    true = expected_sales(demand, then, worlds).sales - expected_sales(demand, now, worlds).sales

    assert 0.86 < ((true >= told.low) & (true <= told.high)).mean() < 0.94


@settings(max_examples=25)
@given(st.lists(st.floats(0.0, 1e3), min_size=4, max_size=4), st.floats(0.001, 0.05))
def test_moving_an_account_or_taking_time_away_never_sells_more(potential, less):
    demand = Demand(potential=np.array(potential), hours=np.full(4, 10.0), visits=np.zeros(4))

    def sells(**changes):
        plain = {
            "holder": np.array([0, 0, 1, 1]), "seats": np.array([0.05, 0.05]), "is_vacant": np.zeros(2, bool),
            "distance_km": np.zeros(4), "is_new": np.zeros(4, bool),
        }  # fmt: skip
        return expected_sales(demand, Configuration(**{**plain, **changes}), PLAIN).sales[0]

    assert sells(is_new=np.array([True, False, True, False])) <= sells() + 1e-9
    assert sells(seats=np.array([0.05, 0.05 - less + 1e-4])) <= sells() + 1e-9


@pytest.mark.parametrize("shape", CURVES)
@pytest.mark.parametrize("seed", range(4))
def test_the_best_use_of_time_is_what_a_slow_optimiser_finds(shape, seed):
    rng = np.random.default_rng(seed)
    demand = Demand(potential=rng.lognormal(5, 1, 5), hours=rng.uniform(5, 20, 5), visits=np.zeros(5))
    one = Configuration(
        holder=np.zeros(5, np.int64), seats=np.array([0.03]), is_vacant=np.zeros(1, bool), distance_km=np.zeros(5),
        is_new=np.zeros(5, bool),
    )  # fmt: skip
    coverage, sales = best_use(demand, one, PLAIN, curve=shape)

    curve = CURVES[shape](elasticity=PLAIN["elasticity"][0], carryover=PLAIN["carryover"][0])
    slow = minimize(
        lambda c: -float((demand.potential * curve.sales(c)).sum()) / 100,
        np.full(5, 0.3),
        bounds=[(1e-9, MOST_COVERAGE)] * 5,
        constraints={"type": "ineq", "fun": lambda c: (30.0 - float((demand.hours * c).sum())) / 10},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )

    assert float((demand.hours * coverage).sum()) <= 30.0 + 1e-6
    assert sales[0] == pytest.approx(-slow.fun * 100, rel=1e-5)


def test_the_best_use_of_time_never_sells_less_than_the_plan(demand, a_configuration):
    short = a_configuration(seats=np.array([0.015, 0.008]))

    assert (best_use(demand, short, PLAIN)[1] >= expected_sales(demand, short, PLAIN).of_holder[0] - 1e-9).all()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(-1, 3), st.floats(0.0, 9000.0), st.integers(0, 5)), min_size=1, max_size=12),
    st.floats(10.0, 900.0),
    st.floats(1.0, 5.0),
)
def test_hours_on_the_way_are_those_of_visit_after_visit(accounts, km_an_hour, visits_a_trip):
    holder, distance_km, visits = (np.array(column) for column in zip(*accounts, strict=True))
    found = expected_sales(
        Demand(potential=np.ones(len(holder)), hours=np.ones(len(holder)), visits=visits.astype(float)),
        Configuration(
            holder=holder, seats=np.ones(4), is_vacant=np.zeros(4, bool), distance_km=distance_km,
            is_new=np.zeros(len(holder), bool),
        ),
        PLAIN.but(km_an_hour=km_an_hour, visits_a_trip=visits_a_trip),
    )  # fmt: skip

    slow = [
        sum(
            n * float(hours_a_visit(np.array([km]), km_an_hour, visits_a_trip)[0])
            for who, km, n in accounts
            if who == one
        )
        for one in range(4)
    ]
    assert found.travel_hours[0] == pytest.approx(slow, rel=1e-9, abs=1e-9)
