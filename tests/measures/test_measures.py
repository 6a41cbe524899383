"""Every measure on the grid, where the answer is known; and what must hold for any division."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patchbook.measures import MEASURES, Division, Measure, compactness, disruption, gini, load_range, pieces, variation
from patchbook.measures.deviation import deviation

BY_KEY = {measure.key: measure for measure in MEASURES}
Build = Callable[..., Division]
loads = arrays(np.float64, st.integers(1, 20), elements=st.floats(0.01, 1e6))


@pytest.fixture(scope="session")
def judged(a_division: Build) -> Callable[..., float]:
    return lambda key, **changes: BY_KEY[key].compute(a_division(**changes))


def test_three_columns_of_the_grid_are_a_perfect_plan(judged: Callable[..., float]) -> None:
    assert judged("deviation") == 0
    assert judged("variation") == 0
    assert judged("gini") == pytest.approx(0)
    assert judged("range") == 1
    assert judged("compactness") == 1
    assert judged("contiguity") == 1
    assert judged("disruption") == 0
    assert judged("coverage") == 1


def test_travel_on_the_grid_is_two_thirds_of_a_degree_by_road(judged: Callable[..., float]) -> None:
    degree_km = math.pi / 180 * 6371.0088

    assert judged("travel") == pytest.approx(2 / 3 * degree_km * 1.2, rel=1e-6)


def test_an_account_too_many_shows_in_every_measure_of_balance(judged: Callable[..., float]) -> None:
    moved = np.array([0, 0, 2, 0, 1, 2, 0, 1, 2])

    assert judged("deviation", territory=moved) == pytest.approx(1 / 3)
    assert judged("range", territory=moved) == pytest.approx(2)
    assert judged("gini", territory=moved) > 0


def test_a_half_time_seat_with_half_a_load_is_fair(judged: Callable[..., float]) -> None:
    assert (
        judged(
            "variation",
            target=np.array([2.0, 4.0, 3.0]),
            territory=np.array([0, 1, 2, 0, 1, 2, 1, 1, 2]),
        )
        == 0
    )


def test_an_account_of_nobody_is_neither_carried_nor_covered(judged: Callable[..., float]) -> None:
    territory = np.array([0, 1, 2, 0, 1, 2, 0, 1, -1])

    assert judged("coverage", territory=territory) == pytest.approx(8 / 9)
    assert judged("deviation", territory=territory) == pytest.approx(1 / 3)


def test_a_vacant_seat_covers_nothing(judged: Callable[..., float]) -> None:
    assert judged("coverage", is_staffed=np.array([True, True, False])) == pytest.approx(6 / 9)


def test_a_territory_in_two_corners_is_in_two_pieces_and_reaches_around_others(
    judged: Callable[..., float], a_division: Build
) -> None:
    corners = np.array([0, 1, 1, 1, 1, 1, 1, 1, 0])

    assert pieces(corners, np.arange(9), a_division().adjacency, 2).tolist() == [2, 1]
    assert judged("contiguity", territory=corners, target=np.array([2.0, 7.0])) == 0.5
    assert judged("compactness", territory=corners, target=np.array([2.0, 7.0])) < 1


def test_accounts_at_one_place_do_not_spoil_each_others_outline() -> None:
    nowhere_else = np.zeros(4)

    assert compactness(np.array([0, 1, 0, 1]), nowhere_else, nowhere_else, 2).tolist() == [1.0, 1.0]


def test_only_what_had_an_owner_can_change_owner() -> None:
    before, now = np.array([0, 0, -1, 1]), np.array([0, 1, 1, -1])

    assert disruption(now, before, np.ones(4)) == pytest.approx(2 / 3)
    assert disruption(now, before, np.array([8.0, 1.0, 100.0, 1.0])) == pytest.approx(0.2)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_a_measure_with_nothing_to_judge_is_not_a_number(measure: Measure, a_division: Build) -> None:
    empty = a_division(
        territory=np.full(9, -1),
        weight=np.zeros(9),
        target=np.full(3, np.nan),
        latitude=np.full(9, np.nan),
        longitude=np.full(9, np.nan),
        previous_owner=np.full(9, -1),
    )

    assert math.isnan(measure.compute(empty))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_the_names_of_territories_change_no_measure(measure: Measure, a_division: Build) -> None:
    territory = np.array([0, 0, 2, 0, 1, 2, 0, 1, 2])
    renamed = np.array([2, 0, 1])

    plain = measure.compute(a_division(territory=territory))
    other = measure.compute(a_division(territory=renamed[territory]))

    assert other == pytest.approx(plain)


def test_the_list_of_measures_has_no_name_twice_and_each_is_explained() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/measures.md").read_text(encoding="utf-8")

    assert len(BY_KEY) == len(MEASURES)
    for measure in MEASURES:
        assert f"`{measure.key}`" in page, f"docs/reference/measures.md does not explain {measure.key}"


@given(loads)
def test_balance_does_not_depend_on_the_unit(load: np.ndarray) -> None:
    assert gini(load * 1000) == pytest.approx(gini(load), abs=1e-9)
    assert variation(load * 1000) == pytest.approx(variation(load), abs=1e-9)
    assert load_range(load * 1000) == pytest.approx(load_range(load))


@given(loads)
def test_balance_measures_stay_in_their_range(load: np.ndarray) -> None:
    assert -1e-9 <= gini(load) < 1
    assert load_range(load) >= 1
    assert deviation(load, np.full(load.size, load.mean())) >= 0


@given(territory=st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_compactness_and_contiguity_are_shares(a_division: Build, territory: list[int]) -> None:
    division = a_division(territory=np.array(territory), target=np.full(4, 2.25))

    assert 0 < BY_KEY["compactness"].compute(division) <= 1
    assert 0 <= BY_KEY["contiguity"].compute(division) <= 1
