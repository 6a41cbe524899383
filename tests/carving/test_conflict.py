"""When not all can be met, the smallest set that cannot is named, and what giving way would take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patchbook.carving.conflict import Conflict, conflict, smallest
from patchbook.carving.demands import Demand, demands_of
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Solution
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid
from tests.carving.test_impossible import a_tight_market, has_an_answer


def says(found: Conflict) -> tuple[str, ...]:
    return tuple(way.says for way in found.relaxations)


def carve(problem: Problem, warm: Solution | None) -> Solution:
    return solve(problem, warm=warm)


def found_in(problem: Problem, **more) -> Conflict:
    best = solve(problem)
    assert not best.feasible
    return conflict(best, carve, **more)


def test_locks_that_fill_one_seat_conflict_with_the_tolerance_and_with_nothing_else():
    fixed = np.array([0, 0, 0, 0, 0, -1, -1, -1, -1])
    kind = np.zeros(9, np.int64)
    open_to = np.array([[0.0, 0.0, 0.0], [0.0, np.inf, 0.0]])  # of no matter: nobody is of the second kind
    problem = build_grid(fixed=fixed, kind=kind, kind_cost=open_to, tolerances=np.array([0.3]))

    found = found_in(problem)

    assert found.demands == ("±30.0% of accounts", "locks")
    assert found.culprits == ((), tuple(f"unit {unit} at South" for unit in (1, 2, 3, 4)))
    assert says(found) == (
        "Everything else can be met with 2 of the 5 locks opened: unit 1 at South and unit 2 at South.",
        "Every other demand can be met with ±66.7% of accounts.",
    )
    assert [way.asks for way in found.relaxations] == pytest.approx([2 / 9, 0.367])
    assert found.proof.shortfall.units.tolist() == [0, 1, 2, 3, 4]


def test_a_pair_locked_together_that_must_be_apart():
    fixed = np.full(9, -1)
    fixed[[0, 1]] = 0
    problem = build_grid(fixed=fixed, apart=np.array([[0, 1]]), tolerances=np.array([0.5]))

    found = found_in(problem)

    assert set(found.demands) == {"locks", "apart"}
    assert "Everything else can be met if 1 of the 1 pairs may meet: unit 1 with unit 2." in says(found)
    assert "Everything else can be met with 1 of the 2 locks opened: unit 1 at South." in says(found)


def test_too_few_moves_allowed_are_told_with_how_many_it_takes():
    problem = build_grid(incumbent=np.zeros(9, np.int64), stay=np.zeros(9), moved_at_most=0.1)

    found = found_in(problem)

    assert found.demands == ("±0.0% of accounts", "moved_at_most")
    assert "Everything else can be met if 66.7% of what has an owner may move." in says(found)


def test_exact_balance_is_told_by_how_much_it_fails():
    """Seen red: ten times nothing was the widest that was tried."""
    weights = np.array([[10.0], [11], [14], [19], [26], [35], [46]])
    places = build_grid().places
    problem = build_grid(
        weights=weights,
        places=replace(places, sites=places.sites[:7], unit_of_site=np.arange(7), weight=np.ones(7)),
    )

    found = found_in(problem)

    assert says(found) == ("Every other demand can be met with ±5.0% of accounts.",)
    assert found.proof is not None
    assert not found.proof.holds_divided


def test_a_demand_that_begins_anew_does_not_undo_the_others():
    """Seen red: lifted last, it brought back what had been lifted before it."""
    fixed = np.array([0, 0, 0, 0, 0, -1, -1, -1, -1])
    problem = build_grid(fixed=fixed, tolerances=np.array([0.3]))
    tried: list[Problem] = []

    def noted(trial: Problem, warm: Solution | None) -> Solution:
        tried.append(trial)
        return carve(trial, warm)

    conflict(solve(problem), noted, more=[Demand(name="families", lift=lambda _: problem, begins_anew=True)])

    assert any(trial.fixed is None and trial.tolerances[0] < 1 for trial in tried)
    assert any(trial.fixed is not None and trial.tolerances[0] > 1 for trial in tried)


@pytest.mark.parametrize("wanted", [[], [3], [0, 1, 2], [17, 64], [99]])
def test_the_smallest_set_is_found_by_halves_in_few_questions(wanted):
    asked: list[list[int]] = []

    def is_enough(some: list[int]) -> bool:
        asked.append(some)
        return set(wanted) <= set(some)

    found = smallest(100, is_enough)

    assert set(found) == set(wanted or found[:1])
    assert len(asked) <= 30


@settings(max_examples=4)
@given(seed=st.integers(0, 100_000))
def test_the_set_named_cannot_be_met_and_can_without_any_one_of_it(seed):
    problem = a_tight_market(seed, 0.05, None)
    best = solve(problem)
    assume(not best.feasible)

    found = conflict(best, carve)

    asked = {demand.name: demand for demand in demands_of(problem)}
    assert found.demands
    assert found.proof is not None
    assert not has_an_answer(found.problem)
    for given_up in found.demands:
        assert has_an_answer(asked[given_up].lift(found.problem)), given_up
    asks = [way.asks for way in found.relaxations]
    assert asks == sorted(asks)


def test_when_time_is_up_what_is_broken_is_named_instead():
    problem = build_grid(fixed=np.array([0, 0, 0, 0, 0, -1, -1, -1, -1]))

    found = found_in(problem, stop=lambda: True)

    assert found.demands == ("tolerance",)
    assert found.relaxations == ()


def test_everything_a_problem_asks_for_is_a_demand():
    problem = build_grid(fixed=np.array([0, *[-1] * 8]), apart=np.array([[1, 2]]))

    assert [demand.name for demand in demands_of(problem)] == ["±0.0% of accounts", "locks", "apart"]
