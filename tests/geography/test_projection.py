import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.geography.distance import EARTH_RADIUS_KM
from patchbook.geography.projection import albers, equal_earth, fitting, project


def area(x, y):
    return abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2


def a_small_square(latitude, longitude, degrees=0.01):
    return (
        np.array([latitude, latitude, latitude + degrees, latitude + degrees]),
        np.array([longitude, longitude + degrees, longitude + degrees, longitude]),
    )


def true_area(latitude, degrees=0.01):
    low, high = np.sin(np.radians([latitude, latitude + degrees]))
    return EARTH_RADIUS_KM**2 * np.radians(degrees) * (high - low)


@given(st.floats(-80, 80), st.floats(-179, 178))
def test_the_world_is_drawn_with_equal_areas(latitude, longitude):
    x, y = equal_earth(*a_small_square(latitude, longitude))

    assert area(x, y) == pytest.approx(true_area(latitude), rel=0.01)


@given(st.floats(25, 49), st.floats(-124, -67))
def test_the_us_is_drawn_with_equal_areas(latitude, longitude):
    x, y = albers(*a_small_square(latitude, longitude), parallels=(29.5, 45.5), origin=(37.5, -96.0))

    assert area(x, y) == pytest.approx(true_area(latitude), rel=0.01)


def test_alaska_hawaii_and_puerto_rico_are_drawn_below_the_mainland_without_overlap():
    x, y = project([61.2, 21.3, 18.4, 25.8, 32.7], [-149.9, -157.9, -66.1, -80.2, -117.2], "us")
    anchorage, honolulu, san_juan, miami, san_diego = zip(x, y, strict=True)

    assert anchorage[1] < san_diego[1]
    assert anchorage[0] < honolulu[0] < 0 < miami[0] < san_juan[0]
    assert np.abs([x, y]).max() < 2600


def test_the_aleutians_stay_in_one_piece():
    x, _ = project([52.0, 52.0], [179.5, -179.5], "us")

    assert abs(x[0] - x[1]) < 50


@pytest.mark.parametrize(
    ("places", "projection"),
    [
        ([(40.7, -74.0), (34.0, -118.2), (61.2, -149.9)], "us"),
        ([(48.1, 11.6)], "world"),
        ([(43.7, -79.4), (51.0, -114.0)], "world"),
        ([(19.4, -99.1), (20.7, -103.3)], "world"),
        ([(40.7, -74.0), (51.5, -0.1)], "world"),
        ([], "world"),
    ],
)
def test_a_picture_is_of_the_us_when_its_points_are(places, projection):
    latitude, longitude = np.array(places).reshape(-1, 2).T

    assert fitting(latitude, longitude) == projection
