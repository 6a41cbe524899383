"""Assumptions have names and ranges, and are drawn together, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.measures.sales import ASSUMPTIONS, BadAssumption, at, drawn, with_values


def test_draws_stay_in_their_ranges_and_fill_every_slice_of_them():
    draws = drawn(ASSUMPTIONS, number=64, seed=3)

    for one in ASSUMPTIONS:
        assert (draws[one.name] >= one.low).all()
        assert (draws[one.name] <= one.high).all()
    # Triangular between 1000 and 1400 with its peak in the middle: an eighth lies below 1100.
    assert (draws["hours"] < 1100).sum() == 64 // 8


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    same = [drawn(ASSUMPTIONS, number=16, seed=seed)["lost"].tolist() for seed in (1, 1, 2)]

    assert same[0] == same[1] != same[2]


def test_a_change_of_one_assumption_leaves_the_draws_of_the_others():
    changed = with_values(ASSUMPTIONS, {"lost": (0.0, 0.0, 0.0)}, source="a planner")
    before, after = (drawn(these, number=16, seed=1) for these in (ASSUMPTIONS, changed))

    assert not after["lost"].any()
    assert np.array_equal(before["hours"], after["hours"])


def test_at_its_base_every_assumption_is_one_value():
    assert at(ASSUMPTIONS, {"lost": 0.2}).but(hours=900.0)["hours"].tolist() == [900.0]
    assert at(ASSUMPTIONS, {"lost": 0.2})["lost"].tolist() == [0.2]


def test_a_low_above_its_base_is_refused_with_what_would_be_right():
    with pytest.raises(BadAssumption, match=r"lost is 0.2, 0.1 and 0.3; its low, base and high must not fall"):
        with_values(ASSUMPTIONS, {"lost": (0.2, 0.1, 0.3)}, source="a planner")


def test_a_share_above_1_is_refused():
    with pytest.raises(BadAssumption, match="at least 0 and at most 1"):
        with_values(ASSUMPTIONS, {"lost": (5, 10, 20)}, source="a planner")


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(BadAssumption, match="no assumption 'elastic'; there are elasticity, carryover"):
        with_values(ASSUMPTIONS, {"elastic": (0.1, 0.2, 0.3)}, source="a planner")
