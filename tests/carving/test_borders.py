"""What is said of a border can be worked out again: what holds each unit, who would go first, and how many could."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.borders import Hold, borders, prices_by_share
from patchbook.carving.costs import Costs
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, build_market


def held(found, hold: Hold) -> dict[int, tuple[int, int]]:
    """Unit → seat and the neighbour it would cost less at."""
    return {
        int(unit): (border.seat, border.neighbour)
        for border in found
        for unit in border.held.get(hold, np.zeros(0, np.int64))
    }


@settings(max_examples=4)
@given(seed=st.integers(0, 1000), seats=st.integers(2, 5))
def test_who_is_held_where_and_who_may_go_is_true(seed, seats):
    problem = build_market(units=90, seats=seats, seed=seed, tolerance=0.1)
    problem = replace(problem, incumbent=np.arange(90) % (seats + 1) - 1, stay=np.full(90, 30.0))
    solution = solve(problem)
    lim, owners = solution.limits, solution.owners
    costs = Costs(problem)
    costs.bind(lim.only, ~lim.balanced)
    rows = costs.rows(np.arange(90), solution.centres)
    priced = rows + lim.weights @ solution.prices.T
    loads = lim.loads(owners)

    found = borders(solution)

    by_price = held(found, Hold.BALANCE) | held(found, Hold.OTHER)
    for unit in range(90):
        if unit in lim.oversized:
            continue
        dearer = rows[unit, owners[unit]] > rows[unit].min() + 1e-6
        assert (unit in by_price) == dearer
        if dearer:
            assert by_price[unit] == (owners[unit], rows[unit].argmin())
            there, here = priced[unit, rows[unit].argmin()], priced[unit, owners[unit]]
            assert (unit in held(found, Hold.OTHER)) == (there < here - 1e-6)
    for border in found:
        assert (owners[border.next_to_it] == border.seat).all()
        taken = lim.weights[border.next_to_it[: border.may_go]].sum(axis=0)
        assert (loads[border.neighbour] + taken <= lim.high[border.neighbour] + 1e-6).all()
        assert (loads[border.seat] - taken >= lim.low[border.seat] - 1e-6).all()
        if border.may_go < len(border.next_to_it):
            one_more = taken + lim.weights[border.next_to_it[border.may_go]]
            m = border.then_measure
            over = loads[border.neighbour, m] + one_more[m] > lim.high[border.neighbour, m]
            under = loads[border.seat, m] - one_more[m] < lim.low[border.seat, m]
            assert over if border.then_seat == border.neighbour else under
        else:
            assert border.then_measure == -1


def test_a_full_seat_is_dear_and_what_it_cannot_have_is_held_by_balance():
    """Of the nine, six are nearest to South, which may have three and a little more."""
    grid = build_grid(tolerances=np.array([0.4]))
    homes = np.array([[1.0, 0.5], [1.0, 9.0], [1.0, 20.0]])
    solution = solve(replace(grid, places=replace(grid.places, homes=homes)))

    found = borders(solution)
    prices = prices_by_share(solution)

    assert set(held(found, Hold.BALANCE)) | set(held(found, Hold.OTHER)) == set(np.flatnonzero(solution.owners != 0))
    blaming = [border for border in found if Hold.BALANCE in border.held]
    assert all(border.blames == 0 for border in blaming)
    assert all(prices[border.neighbour, 0] > prices[border.seat, 0] for border in blaming)


def test_locks_owners_and_needs_are_told_apart():
    fixed, incumbent = np.full(9, -1), np.full(9, -1)
    fixed[8] = 0  # the corner of North
    incumbent[6] = 0  # the other corner of North, owned by South
    kind = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0])  # the side of Middle, which may not have it
    problem = build_grid(
        tolerances=np.array([9.0]), fixed=fixed, incumbent=incumbent, stay=np.full(9, 5.0), kind=kind,
        kind_cost=np.array([[0.0, 0.0, 0.0], [0.0, np.inf, 0.0]]),
    )  # fmt: skip

    found = borders(solve(problem))

    assert held(found, Hold.LOCK) == {8: (0, 2)}
    assert held(found, Hold.OWNER) == {6: (0, 2)}
    assert list(held(found, Hold.NEED)) == [3]
    assert not held(found, Hold.BALANCE)
    assert next(b for b in found if Hold.NEED in b.held).neighbour == 1


def test_without_a_price_more_costs_nothing():
    assert prices_by_share(solve(build_grid(tolerances=np.array([9.0])))) == pytest.approx(np.zeros((3, 1)), abs=1e-4)
