"""A constraint of one's own that can be said in terms the search knows is kept on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving import constraints
from patchbook.carving.constraints import CONSTRAINTS, Translated
from patchbook.carving.solve import solve
from tests.carving.conftest import build_grid, build_market


class Pinned:
    """Marked units go to the last seat: a lock by another name."""

    name = "pinned"

    def supports(self, problem):
        return self.name in problem.marks

    def breaches(self, problem, limits, owners):
        return []

    def without(self, problem):
        return replace(problem, marks={})

    def translated(self, problem):
        return replace(problem, fixed=np.where(problem.marks[self.name] > 0, problem.seats - 1, -1))


def test_it_is_kept_whatever_order_the_units_are_worked_in(monkeypatch):
    monkeypatch.setattr(constraints, "CONSTRAINTS", (*CONSTRAINTS, Pinned()))
    marks = np.zeros(120, np.int64)
    marks[[5, 77]] = 1
    problem = build_market(units=120, seats=4, tolerance=0.1, marks={"pinned": marks})

    solution = solve(problem)

    assert solution.owners[[5, 77]].tolist() == [3, 3]
    assert solution.problem is problem


def test_a_problem_without_its_mark_is_carved_as_before(monkeypatch):
    before = solve(build_grid())
    monkeypatch.setattr(constraints, "CONSTRAINTS", (*CONSTRAINTS, Pinned()))

    assert solve(build_grid()).owners.tolist() == before.owners.tolist()


def test_the_engines_own_constraints_need_no_translation():
    assert not any(isinstance(constraint, Translated) for constraint in CONSTRAINTS)
