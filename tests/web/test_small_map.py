"""A plan on a stamp."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from builders.plans import ADA, DOCUMENT, TUESDAY, a_carved_plan, a_market
from patchbook.plans import actions as plans
from patchbook.web.small_map import small_map

LARGEST_BYTES = 30_000


@pytest.fixture
def state(sqlite_record):
    a_market(sqlite_record)
    plan = a_carved_plan(sqlite_record)
    with sqlite_record.reading() as tx:
        return plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)


def test_a_plan_of_places_is_a_map_and_every_city_is_on_it(state):
    picture = small_map(state)

    assert '<path class="land"' in picture
    assert picture.count("h0") == 12
    assert len(set(re.findall(r'class="dots (c\d+)"', picture))) >= 3
    assert len(picture) < LARGEST_BYTES


def test_it_stays_small_with_a_hundred_thousand_accounts_and_has_no_style_of_its_own(state):
    draw = np.random.default_rng(1)
    names = state.territories["territory"].to_list()
    many = 100_000
    accounts = pl.DataFrame(
        {
            "latitude": draw.uniform(30, 48, many),
            "longitude": draw.uniform(-120, -75, many),
            "territory": [names[at] for at in draw.integers(0, len(names), many)],
        }
    )

    picture = small_map(replace(state, assignments=accounts))

    assert len(picture) < LARGEST_BYTES
    assert "style" not in picture


def test_a_plan_in_europe_lies_on_europe(state):
    accounts = pl.DataFrame({"latitude": [48.1, 52.5], "longitude": [11.6, 13.4], "territory": ["Strategic"] * 2})

    picture = small_map(replace(state, assignments=accounts))

    assert picture.count("h0") == 2
    assert 'class="land"' in picture
    assert len(picture) < LARGEST_BYTES


def test_a_plan_without_places_is_bars(sqlite_record):
    a_market(sqlite_record)
    plan = a_carved_plan(sqlite_record, DOCUMENT.replace("compact: true", "travel: 0"), name='Hostile "<b>" name')
    with sqlite_record.reading() as tx:
        picture = small_map(plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY))

    assert picture.count("<rect") == 4
    assert "<b>" not in picture
    assert "of each of 4 territories" in picture
