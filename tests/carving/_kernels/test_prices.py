"""The dual's pass agrees with NumPy written out, and its derivatives with differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving._kernels.prices import cheapest_total, smooth_pass
from patchbook.carving.curvature import pairs_of


def a_pass(seed: int, *, units: int = 15, seats: int = 4, measures: int = 2):
    rng = np.random.default_rng(seed)
    order = np.stack([rng.permutation(seats) for _ in range(units)]).astype(np.int32)
    return {
        "cost": rng.random((units, seats)), "seats": order, "weights": rng.random((units, measures)),
        "prices": rng.normal(0, 0.5, (seats, measures)), "temperature": np.full(units, 0.3),
    }  # fmt: skip


def run(case, prices=None, *, firm=None, drift=None, best=None):
    prices = case["prices"] if prices is None else prices
    seats, measures = prices.shape
    units = len(case["cost"])
    best, loads = np.zeros(units, np.int64) if best is None else best, np.empty((seats, measures))
    firm = np.full(units, -np.inf) if firm is None else firm
    drift = np.zeros((seats, measures)) if drift is None else drift
    pairs = pairs_of(case["seats"], seats, measures)
    curvature = np.empty((pairs.count, measures, measures))
    value = smooth_pass(
        case["cost"], case["seats"], case["weights"], prices, case["temperature"], best, firm, drift, loads,
        pairs.of, curvature, True,
    )  # fmt: skip
    return value, loads, curvature[pairs.of], best


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999))
def test_value_and_loads_agree_with_the_formula(seed):
    case = a_pass(seed)

    value, loads, _, best = run(case)

    reduced = case["cost"] + np.einsum("ikm,im->ik", case["prices"][case["seats"]], case["weights"])
    heat = case["temperature"][:, None]
    part = np.exp(-(reduced - reduced.min(axis=1, keepdims=True)) / heat)
    expected = (reduced.min(axis=1) - heat[:, 0] * np.log(part.sum(axis=1))).sum()
    part /= part.sum(axis=1, keepdims=True)
    expected_loads = np.zeros_like(loads)
    for i in range(len(reduced)):
        for k, seat in enumerate(case["seats"][i]):
            expected_loads[seat] += part[i, k] * case["weights"][i]
    assert value == pytest.approx(expected, rel=1e-3)
    assert loads == pytest.approx(expected_loads, abs=1e-2)
    assert best.tolist() == reduced.argmin(axis=1).tolist()


def test_loads_are_the_slope_of_the_value_and_curvature_that_of_the_loads():
    case = a_pass(7)
    _, loads, curvature, _ = run(case)

    step = 1e-5
    for seat in range(4):
        for m in range(2):
            up, down = case["prices"].copy(), case["prices"].copy()
            up[seat, m] += step
            down[seat, m] -= step
            assert (run(case, up)[0] - run(case, down)[0]) / (2 * step) == pytest.approx(loads[seat, m], abs=1e-4)
            slope = (run(case, up)[1] - run(case, down)[1]) / (2 * step)
            assert slope == pytest.approx(-curvature[seat, :, m, :], abs=1e-2)


def test_numbering_the_seats_otherwise_changes_nothing():
    case = a_pass(11)
    turn = np.array([2, 0, 3, 1])
    turned = case | {"seats": turn[case["seats"]].astype(np.int32), "prices": case["prices"][np.argsort(turn)]}

    value, loads, _, _ = run(case)
    other_value, other_loads, _, _ = run(turned)

    assert other_value == pytest.approx(value)
    assert other_loads[turn] == pytest.approx(loads)


def test_the_exact_total_takes_each_units_cheapest_seat():
    rng = np.random.default_rng(3)
    cost, weights, prices = rng.random((30, 5)), rng.random((30, 2)), rng.normal(size=(5, 2))
    cost[2, 1] = np.inf
    best = np.zeros(30, np.int64)

    total = cheapest_total(cost, weights, prices, best)

    reduced = cost + weights @ prices.T
    assert total == pytest.approx(reduced.min(axis=1).sum())
    assert best.tolist() == reduced.argmin(axis=1).tolist()


def test_firm_units_are_left_alone_and_nothing_comes_out_differently():
    case = a_pass(3, units=60) | {"temperature": np.full(60, 0.01)}
    firm, drift, best = np.full(60, -np.inf), np.zeros((4, 2)), np.zeros(60, np.int64)
    run(case, firm=firm, drift=drift, best=best)
    left_alone = 0
    prices = case["prices"]
    for turn in range(5):
        rise = np.random.default_rng(turn).normal(0, 0.02, prices.shape)
        prices = prices + rise
        drift += rise - rise.min(axis=0)
        before = firm.copy()

        value, loads, curvature, _ = run(case, prices, firm=firm, drift=drift, best=best)

        anew = run(case, prices)
        assert value == anew[0]
        assert loads.tolist() == anew[1].tolist()
        assert curvature.tolist() == anew[2].tolist()
        assert best.tolist() == anew[3].tolist()
        left_alone += int((firm == before).sum())
    assert left_alone > 60
