"""A place by its name is a point only where the gazetteer is sure of one."""

from __future__ import annotations

import pytest

from patchbook.geography.distance import great_circle_km
from patchbook.geography.places import place_named


@pytest.mark.parametrize(
    ("name", "latitude", "longitude"),
    [
        ("Atlanta, GA", 33.75, -84.39),
        ("atlanta, georgia", 33.75, -84.39),
        ("30301, US", 33.75, -84.39),
        ("02138, US", 42.38, -71.13),
        ("Munich, Germany", 48.14, 11.58),
        ("80331, DE", 48.14, 11.58),
        ("Toronto, ON", 43.65, -79.38),
        ("Tokyo", 35.69, 139.69),
        ("Wilmington, DE", 39.74, -75.55),
        ("Munich, DE", 48.14, 11.58),
    ],
)
def test_towns_and_postal_codes_are_found(name, latitude, longitude):
    found = place_named(name)

    assert found is not None
    assert great_circle_km(*found, latitude, longitude) < 25


@pytest.mark.parametrize(
    "name", ["", ",", "Atlantis", "Springfield", "Georgia, US", "US", "99999999, US", "Atlanta, ZZ"]
)
def test_a_place_that_may_be_many_or_none_is_not_guessed(name):
    assert place_named(name) is None
