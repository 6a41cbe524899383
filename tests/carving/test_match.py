"""People get the territories that cost the whole least, and the runner-up is who would have it otherwise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from patchbook.carving.match import NoMatching, match


@st.composite
def costs(draw, most: int = 5) -> np.ndarray:
    shape = draw(st.tuples(st.integers(1, most), st.integers(1, most)))
    cells = draw(st.lists(st.integers(0, 30), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    cost = np.array(cells, float).reshape(shape)
    return np.where(cost > 25, np.inf, cost)


def every_matching(cost):
    """(cost, person of each territory) of every way there is, by brute force."""
    people, territories = cost.shape
    size = max(people, territories)
    whole = np.zeros((size, size))
    whole[:people, :territories] = cost
    ways = {}
    for order in itertools.permutations(range(size)):
        total = sum(whole[person, place] for person, place in enumerate(order))
        person_of = tuple(p if (p := order.index(t)) < people else -1 for t in range(territories))
        ways[person_of] = min(total, ways.get(person_of, np.inf))
    return {way: total for way, total in ways.items() if np.isfinite(total)}


@settings(max_examples=40)
@given(costs())
def test_nothing_is_cheaper_than_the_matching_and_the_runner_up_is_the_best_without_the_pair(cost):
    ways = every_matching(cost)
    if not ways:
        with pytest.raises(NoMatching):
            match(cost)
        return

    found = match(cost)

    best = min(ways.values())
    assert found.cost == pytest.approx(best)
    assert ways[tuple(found.person_of)] == pytest.approx(best)
    for place, person in enumerate(found.person_of):
        others = {way: total for way, total in ways.items() if way[place] != person}
        if not others:
            assert np.isinf(found.runner_up_cost[place])
            continue
        assert found.runner_up_cost[place] == pytest.approx(min(others.values()) - best)
        assert min(t for way, t in others.items() if way[place] == found.runner_up[place]) == pytest.approx(
            min(others.values())
        )


@settings(max_examples=20)
@given(costs(), st.randoms())
def test_the_order_people_and_territories_stand_in_changes_no_cost(cost, random):
    rows, columns = list(range(cost.shape[0])), list(range(cost.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    try:
        found = match(cost)
    except NoMatching:
        with pytest.raises(NoMatching):
            match(cost[rows][:, columns])
        return

    other = match(cost[rows][:, columns])

    assert other.cost == pytest.approx(found.cost)
    assert other.runner_up_cost == pytest.approx(found.runner_up_cost[columns])


def test_chains_of_changes_cost_what_solving_anew_costs():
    rng = np.random.default_rng(5)
    cost = rng.lognormal(0, 1, (40, 40))
    cost[rng.random((40, 40)) < 0.3] = np.inf
    np.fill_diagonal(cost, 5.0)

    found = match(cost)

    for place, person in enumerate(found.person_of):
        without = cost.copy()
        without[person, place] = np.inf
        rows, columns = linear_sum_assignment(without)
        assert found.runner_up_cost[place] == pytest.approx(without[rows, columns].sum() - found.cost)
        assert rows[columns == place][0] == found.runner_up[place]


def test_a_territory_beyond_the_people_stays_vacant_where_that_costs_least():
    found = match(np.array([[1.0, 2.0, 9.0], [2.0, 1.0, 9.0]]), vacant=np.array([0.0, 0.0, 4.0]))

    assert found.person_of.tolist() == [0, 1, -1]
    assert found.runner_up.tolist() == [1, 0, 0]
    assert found.runner_up_cost.tolist() == [2.0, 2.0, 4.0]


def test_two_vacant_territories_are_no_runner_up_for_each_other():
    found = match(np.array([[1.0, 5.0, 7.0]]))

    assert found.runner_up.tolist() == [-1, 0, 0]
    assert found.runner_up_cost.tolist() == [4.0, 4.0, 6.0]


def test_what_cannot_be_matched_names_who_has_too_little_to_choose_from():
    names = {"people": ["Ann", "Bob", "Cy"], "territories": ["North", "South", "West"]}
    no = np.inf

    with pytest.raises(NoMatching, match=r"^South can go to nobody\.$"):
        match(np.array([[1.0, no, 1.0]] * 3), **names)
    with pytest.raises(NoMatching, match="can only go to Cy: 2 territories for 1 person") as refused:
        match(np.array([[1.0, no, no], [1.0, no, no], [1.0, 1.0, 1.0]]), **names)
    assert refused.value.territories.tolist() == [1, 2]
    with pytest.raises(NoMatching, match=r"^Ann may have none of the territories\.$"):
        match(np.array([[no, no, no], [1.0, 1.0, 1.0]]), **names)
