"""What contiguity is judged on: counties where there are any, else places and their neighbours."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse.csgraph import connected_components

from patchbook.plans.ground import ground_of, main_site

BOSTON, CAMBRIDGE, MIAMI = "25025", "25017", "12086"


def accounts(counties: list[str | None], places: list[tuple[float, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(1, len(places) + 1)],
            "county_fips": counties,
            "latitude": [float(north) for north, _ in places],
            "longitude": [float(east) for _, east in places],
        },
        schema_overrides={"county_fips": pl.String},
    )


def ground(by, frame, unit_of_row=None, weight=None):
    rows = frame.height
    unit_of_row = np.arange(rows) if unit_of_row is None else np.array(unit_of_row)
    return ground_of(by, frame, unit_of_row, np.ones(rows) if weight is None else weight, np.ones(rows, bool))


def test_accounts_of_one_county_share_an_area_and_those_between_are_filled():
    frame = accounts(
        [BOSTON, CAMBRIDGE, BOSTON, MIAMI], [(42.36, -71.06), (42.37, -71.1), (42.3, -71.1), (25.8, -80.2)]
    )

    areas = ground("counties", frame).areas

    assert areas.area_of_unit[0] == areas.area_of_unit[2]
    assert len(set(areas.area_of_unit)) == 3
    assert connected_components(areas.adjacency, directed=False)[0] == 1


def test_a_family_lies_where_its_heaviest_account_does():
    frame = accounts([BOSTON, MIAMI, MIAMI], [(42.36, -71.06), (25.8, -80.2), (25.8, -80.2)])

    areas = ground("counties", frame, unit_of_row=[0, 0, 1], weight=np.array([1.0, 5.0, 1.0])).areas

    assert areas.area_of_unit[0] == areas.area_of_unit[1]


def test_accounts_outside_every_county_are_exempt_beside_others_inside():
    frame = accounts([BOSTON, None, MIAMI], [(42.36, -71.06), (48.9, 2.35), (25.8, -80.2)])

    assert ground("counties", frame).areas.area_of_unit[1] == -1


def test_abroad_neighbours_are_judged_by():
    places = [(48.9, 2.35), (52.5, 13.4), (40.4, -3.7), (41.9, 12.5)]

    areas = ground("counties", accounts([None] * 4, places)).areas

    assert sorted(areas.area_of_unit) == [0, 1, 2, 3]
    assert connected_components(areas.adjacency, directed=False)[0] == 1


def test_accounts_at_one_place_are_one_area():
    """Seen red: they hung on the first of them, which could never leave without tearing the others off."""
    places = [(48.9, 2.35), (52.5, 13.4), (48.9, 2.35), (40.4, -3.7), (48.9, 2.35)]

    areas = ground("neighbours", accounts([None] * 5, places)).areas

    assert len(set(areas.area_of_unit[[0, 2, 4]])) == 1
    assert areas.adjacency.shape == (3, 3)


def test_a_bridge_between_islands_is_told_with_an_account_at_each_end():
    towns = [(42 + 0.01 * i, -71 - 0.013 * (i % 3)) for i in range(6)]
    islands = [*towns, *((north - 20, east - 85) for north, east in towns)]

    told = ground("neighbours", accounts([None] * 12, islands)).bridges

    assert len(told) == 1
    one, two = (int(word[1:]) for word in told[0].split(" count as")[0].split(" and "))
    assert (one <= 6) != (two <= 6)


def test_the_main_site_is_the_heaviest_that_has_a_place_and_the_first_of_equals():
    unit_of_row = np.array([0, 0, 0, 1, 1, 2])
    weight = np.array([1.0, 3.0, 9.0, 2.0, 2.0, 1.0])
    known = np.array([True, True, False, True, True, False])

    assert main_site(unit_of_row, weight, known, 3).tolist() == [1, 3, -1]


def test_an_island_is_told_with_the_county_it_counts_as_touching_however_far_the_way():
    frame = accounts(["15003", "53033", MIAMI], [(21.3, -157.9), (47.6, -122.3), (25.8, -80.2)])

    told = ground("counties", frame).bridges

    assert told == ("county 15003 and county 53033 count as neighbours over water: nothing else does.",)
