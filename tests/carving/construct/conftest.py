"""What every construction is given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from patchbook.carving.construct import Construction, Start
from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits, limits
from patchbook.carving.problem import IntArray, Problem


def prepared(problem: Problem) -> tuple[Costs, Limits]:
    costs = Costs(problem)
    homes = None if problem.places is None else problem.places.homes
    lim = limits(problem, lambda unit: costs.rows(np.array([unit]), homes)[0])
    costs.bind(lim.only, ~lim.balanced)
    return costs, lim


def owners_of(start: Start) -> IntArray:
    return start.candidates.seats[np.arange(len(start.slots)), start.slots].astype(np.int64)


@pytest.fixture
def begin() -> Callable[..., tuple[IntArray, Start, Limits]]:
    """Starts a problem with a construction."""

    def run(construction: Construction, problem: Problem, *, seed: int = 1):
        costs, lim = prepared(problem)
        start = construction.start(costs, lim, seed=seed, stop=lambda: False, say=lambda phase, done: None)
        return owners_of(start), start, lim

    return run
