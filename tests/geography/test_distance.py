import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patchbook.geography.distance import (
    EARTH_RADIUS_KM,
    arc_km,
    chord_km,
    from_sphere_km,
    great_circle_km,
    to_sphere_km,
)

latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180, 180)


def test_a_quarter_of_the_equator_is_a_quarter_of_the_circumference():
    assert np.isclose(great_circle_km(0, 0, 0, 90), np.pi * EARTH_RADIUS_KM / 2)


def test_the_short_way_is_taken_across_the_date_line():
    assert great_circle_km(0, 179.5, 0, -179.5) < 112


def test_points_a_metre_apart_are_told_apart():
    assert np.isclose(great_circle_km(48.0, 11.0, 48.0 + 9e-6, 11.0), 0.001, rtol=0.01)


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_chord_on_the_sphere_belongs_to_the_arc(lat_a, lon_a, lat_b, lon_b):
    a, b = to_sphere_km([lat_a, lat_b], [lon_a, lon_b])

    assert np.isclose(arc_km(np.linalg.norm(a - b)), great_circle_km(lat_a, lon_a, lat_b, lon_b), atol=1e-3)


@given(latitudes, longitudes)
def test_the_sphere_and_back_is_the_same_place(lat, lon):
    back_lat, back_lon = from_sphere_km(to_sphere_km([lat], [lon]))

    assert great_circle_km(lat, lon, back_lat, back_lon) < 1e-4


def test_a_mean_inside_the_globe_comes_back_to_the_surface():
    lat, lon = from_sphere_km(to_sphere_km([0, 0], [-10, 10]).mean(axis=0))

    assert np.allclose([lat[0], lon[0]], [0, 0])


def test_chord_and_arc_undo_each_other():
    assert np.allclose(arc_km(chord_km([0.0, 10.0, 5000.0])), [0.0, 10.0, 5000.0])
