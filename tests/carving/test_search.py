"""A search keeps true books over its sweeps and ends when nothing helps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.costs import Costs
from patchbook.carving.limits import limits
from patchbook.carving.search import Effort, Search
from tests.carving.conftest import build_grid

EFFORT = Effort(penalty=1000.0, only_violated=False)


def a_search(owners) -> Search:
    problem = build_grid()
    owners = np.array(owners)
    candidates = Costs(problem).candidates(problem.places.homes, 3, owners, np.arange(9))
    slots = (candidates.seats == owners[:, None]).argmax(axis=1)
    return Search(problem, limits(problem, lambda unit: np.zeros(3)), candidates, slots)


def test_cost_and_excess_are_those_of_the_owners():
    search = a_search([0, 0, 0, 0, 1, 1, 2, 2, 2])

    assert search.cost() == pytest.approx(0 + 1 + 2 + 1 + 1 + 2 + 0 + 1 + 2)
    assert search.excess() == pytest.approx(1 / 3)


@settings(max_examples=20)
@given(owners=st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_from_anywhere_the_grid_is_balanced_and_a_second_search_finds_nothing_more(owners):
    search = a_search(owners)

    search.until_settled(np.arange(9), EFFORT, 1, rounds=30)

    assert search.excess() == 0.0
    assert search.loads == pytest.approx(search.limits.loads(search.owners))


def test_a_stop_ends_it_after_a_round():
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return True

    a_search([0] * 9).until_settled(np.arange(9), EFFORT, 1, rounds=10, stop=stop)

    assert len(asked) == 1
