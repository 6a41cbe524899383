"""Carves drawn beside a chosen one keep every constraint, and the chosen one's place is told with its doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carving.conftest import build_grid, build_market, grid_areas
from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.ensemble import Board, Walker, ensemble
from patchbook.carving.solve import solve


def demanding(seed, units=60, seats=4, **changes):
    """Locks, owners, kinds that not every seat may take, and pairs apart, all at once."""
    rng = np.random.default_rng(seed)
    kind_cost = np.zeros((2, seats))
    kind_cost[1, -1] = np.inf
    fixed = np.full(units, -1)
    fixed[:2] = [0, 1]
    demands = {
        "incumbent": rng.integers(0, seats, units), "stay": np.full(units, 50.0), "value": rng.uniform(0.5, 2.0, units),
        "kind": (rng.random(units) < 0.2).astype(np.int64), "kind_cost": kind_cost,
        "fixed": fixed, "apart": np.array([[10, 11], [12, 13]]), "tolerance": 0.15,
    }  # fmt: skip
    return build_market(units, seats, seed=seed, **{**demands, **changes})


def breaches(problem, limits, owners):
    return [b.message for c in CONSTRAINTS if c.supports(problem) for b in c.breaches(problem, limits, owners)]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), heat=st.sampled_from([50.0, 500.0, float("inf")]))
def test_every_carve_drawn_keeps_every_constraint(seed, heat):
    found = solve(demanding(seed), seed=1)
    if not found.feasible:
        return
    cap = found.moved_share + 0.05
    chosen = replace(found, problem=replace(found.problem, moved_at_most=cap))
    board = Board.of(chosen)
    walker = Walker(board=board, seed=seed, number=0)
    chances = board.chances(heat)

    for _ in range(20):
        walker.go(3, chances)
        assert breaches(chosen.problem, chosen.limits, walker.search.owners) == []
    assert walker.accepted > 0 or heat < 100


def test_every_carve_drawn_is_in_one_piece_where_that_is_asked():
    chosen = solve(build_grid(areas=grid_areas(), tolerances=np.array([0.7])), seed=1)

    found = ensemble(chosen, carves=40, dearer=None, sweeps=5)

    assert found.changed > 0
    for owners in found.owners:
        assert breaches(chosen.problem, chosen.limits, owners) == []


@pytest.fixture(scope="module")
def market():
    return solve(build_market(120, 4, tolerance=0.1), seed=1)


@pytest.fixture(scope="module")
def drawn(market):
    return ensemble(market, carves=200, dearer=0.2, sweeps=20)


def test_the_figures_of_the_chosen_carve_are_its_own(market, drawn):
    told = {(figure.kind, figure.measure): figure.chosen for figure in drawn.figures}
    relative = market.loads / market.problem.targets()

    assert told["cost", None] == pytest.approx(market.cost)
    for number in range(3):
        load = relative[:, number]
        apart = np.abs(load[:, None] - load).mean()
        assert told["deviation", f"measure {number + 1}"] == pytest.approx(np.abs(load - 1).max())
        assert told["variation", f"measure {number + 1}"] == pytest.approx(load.std() / load.mean())
        assert told["gini", f"measure {number + 1}"] == pytest.approx(apart / 2 / load.mean())
    assert "travel" in {kind for kind, _ in told}
    assert "moved" not in {kind for kind, _ in told}


def test_carves_cost_about_as_much_more_as_was_asked(drawn):
    assert drawn.dearer == pytest.approx(0.2, abs=0.06)
    assert drawn.carves == 200
    assert 0 < drawn.changed < 1


def test_a_carve_at_the_least_cost_has_the_percentile_of_the_best(drawn):
    (cost,) = (figure for figure in drawn.figures if figure.kind == "cost")

    assert cost.percentile < 0.02
    assert 0 < cost.error < 0.5


def test_percentiles_of_figures_that_are_alike_count_half(drawn):
    figure = replace(drawn.figures[0], chosen=0.5, drawn=np.array([[0.4, 0.5], [0.5, 0.6]]))

    assert figure.percentile == 0.5


def test_the_same_seed_draws_the_same_on_one_thread_and_on_two(market, drawn):
    again = ensemble(market, carves=200, dearer=0.2, sweeps=20, threads=1)

    assert np.array_equal(again.owners, drawn.owners)
    for one, other in zip(again.figures, drawn.figures, strict=True):
        assert np.array_equal(one.drawn, other.drawn)


def test_another_seed_draws_others(market, drawn):
    assert not np.array_equal(ensemble(market, carves=8, dearer=0.2, sweeps=2, seed=2).owners, drawn.owners)


def test_chains_that_are_cut_short_are_told_as_not_mixed(market):
    found = ensemble(market, carves=8, dearer=0.02, sweeps=1)

    assert not found.has_mixed


def test_where_cost_is_not_to_count_far_dearer_carves_are_drawn(market, drawn):
    found = ensemble(market, carves=40, dearer=None, sweeps=10)

    assert found.heat == float("inf")
    assert found.dearer > 2 * drawn.dearer


def test_the_units_that_no_seat_may_take_stay_without_one():
    problem = demanding(3)
    kind_cost = problem.kind_cost.copy()
    kind_cost[1] = np.inf
    chosen = solve(replace(problem, kind_cost=kind_cost), seed=1)

    if not chosen.feasible:
        pytest.skip("the market of this seed cannot be balanced")
    found = ensemble(chosen, carves=16, sweeps=2)

    assert (found.owners[:, problem.kind == 1] == -1).sum() == 4 * ((problem.kind == 1) & (problem.fixed < 0)).sum()


def test_a_stop_ends_it_with_what_was_drawn(market):
    found = ensemble(market, carves=4000, sweeps=2, stop=lambda: True)

    assert found.was_stopped
    assert 16 <= found.carves < 4000


def test_a_carve_that_breaks_a_constraint_or_leaves_nothing_to_move_is_refused(market):
    broken = replace(market, broken=("Seat 1 is in 2 pieces",))
    bound = solve(build_grid(fixed=np.arange(9) // 3), seed=1)

    with pytest.raises(ValueError, match="no beginning"):
        ensemble(broken)
    with pytest.raises(ValueError, match="one carve only"):
        ensemble(bound)
