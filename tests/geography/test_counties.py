from itertools import pairwise

import numpy as np
import polars as pl

from patchbook.geography.counties import county_of_points
from patchbook.geography.gazetteer import us_counties, us_zips
from patchbook.geography.shapes import shapes


def inside_slowly(latitude, longitude, rings):
    """The oracle: one point, one edge at a time."""
    crossings = 0
    for ring in rings:
        for (y1, x1), (y2, x2) in pairwise(ring):
            if (latitude < y1) != (latitude < y2) and longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
    return crossings % 2 == 1


def test_well_known_places_lie_in_their_counties():
    found = county_of_points([40.7484, 34.0537, 61.2176, 21.3069], [-73.9857, -118.2428, -149.8997, -157.8583])

    assert found.to_list() == ["36061", "06037", "02020", "15003"]


def test_the_grid_agrees_with_one_point_at_a_time():
    rng = np.random.default_rng(7)
    latitude, longitude = rng.uniform(37, 41, 60), rng.uniform(-84, -78, 60)
    near = [s for s in shapes("us-counties") if s.code[:2] in {"39", "54", "51", "21", "42", "24", "37", "18"}]

    slow = [
        next((s.code for s in near if inside_slowly(y, x, s.rings)), None)
        for y, x in zip(latitude, longitude, strict=True)
    ]

    assert county_of_points(latitude, longitude).to_list() == slow


def test_nearly_every_zip_lies_in_its_county():
    zips = us_zips().filter(pl.col("county_fips").is_not_null(), pl.col("population") > 0)

    found = county_of_points(zips["latitude"], zips["longitude"], nearest_within_km=15)

    assert (found == zips["county_fips"]).mean() > 0.98


def test_a_point_off_the_shore_gets_the_nearest_county_only_when_asked():
    off_miami = ([25.77], [-80.05])

    assert county_of_points(*off_miami).to_list() == [None]
    assert county_of_points(*off_miami, nearest_within_km=15).to_list() == ["12086"]


def test_points_abroad_and_points_without_coordinates_have_none():
    found = county_of_points([48.86, np.nan, 0.0], [2.35, 5.0, np.nan], nearest_within_km=15)

    assert found.to_list() == [None, None, None]


def test_no_points_are_no_counties():
    assert county_of_points([], []).to_list() == []


def test_every_county_has_a_centre_a_shape_and_a_name():
    counties = us_counties()

    assert set(counties["county_fips"]) == {shape.code for shape in shapes("us-counties")}
    assert counties["county_name"].null_count() == 0
