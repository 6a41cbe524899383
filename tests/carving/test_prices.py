"""Prices make units spread themselves evenly."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.prices import Dual
from tests.carving.conftest import build_market


def a_dual(tolerance: float = 0.02):
    problem = build_market(units=400, seats=5, tolerance=tolerance)
    centres = np.random.default_rng(0).uniform(0, 1000, (5, 2))
    costs = Costs(problem)
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), centres)[0])
    everyone = np.arange(400)
    dual = Dual(
        candidates=costs.candidates(centres, 5, np.full(400, -1), everyone), weights=lim.weights, targets=lim.targets,
        tolerances=problem.tolerances, balanced=lim.balanced, base=np.zeros_like(lim.targets),
    )  # fmt: skip
    return dual, lim, costs.rows(everyone, centres)


def owners_at(dual, prices):
    return dual.candidates.seats[np.arange(400), dual.choose(prices)].astype(np.int64)


def cooled(dual):
    prices = np.zeros((5, 3))
    for heat in (0.3, 0.1, 0.03, 0.01):
        prices = dual.newton(prices, heat, rounds=20, until=0.002)
    return prices


def test_at_no_price_everybody_goes_to_the_cheapest():
    dual, _, rows = a_dual()

    assert owners_at(dual, np.zeros((5, 3))).tolist() == rows.argmin(axis=1).tolist()


def test_at_any_prices_everybody_goes_where_cost_and_price_are_least():
    dual, lim, rows = a_dual()
    prices = np.random.default_rng(1).uniform(0, 200, (5, 3))

    assert owners_at(dual, prices).tolist() == (rows + lim.weights @ prices.T).argmin(axis=1).tolist()


def test_newtons_prices_bring_the_loads_near_their_shares():
    dual, lim, _ = a_dual()

    before = np.abs(lim.loads(owners_at(dual, np.zeros((5, 3)))) - 1).max()
    after = np.abs(lim.loads(owners_at(dual, cooled(dual))) - 1).max()

    assert before > 0.3
    assert after < 0.15  # single units cannot be divided; the dive and the repair see to the rest


def test_better_prices_have_a_higher_dual():
    dual, _, _ = a_dual()

    assert dual.value(cooled(dual), 0.01) > dual.value(np.zeros((5, 3)), 0.01)


def test_a_stop_leaves_the_prices_as_they_are():
    dual, _, _ = a_dual()

    assert dual.newton(np.ones((5, 3)), 0.3, rounds=10, until=0.0, stop=lambda: True) == pytest.approx(np.ones((5, 3)))
