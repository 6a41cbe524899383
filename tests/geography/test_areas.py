"""Polygons of one's own: read from what people have, and right about every point."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from patchbook.geography.areas import BadArea, area_from_text

HOLE = "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))"


def test_holes_and_islands_count():
    area = area_from_text(f"MULTIPOLYGON({HOLE.removeprefix('POLYGON')}, ((20 20, 21 20, 21 21)))")

    assert area.holds(1, 1)
    assert not area.holds(5, 5)
    assert area.holds(20.2, 20.8)
    assert not area.holds(15, 15)


def test_polygons_that_overlap_are_one_area():
    area = area_from_text("MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4)), ((2 2, 6 2, 6 6, 2 6)))")

    assert area.holds(3, 3)


def test_a_point_on_a_shared_border_lies_in_one_of_the_two():
    west, east = area_from_text("POLYGON((0 0, 5 0, 5 5, 0 5))"), area_from_text("POLYGON((5 0, 9 0, 9 5, 5 5))")

    for latitude in (0.0, 1.0, 4.9):
        assert west.holds(latitude, 5.0) + east.holds(latitude, 5.0) == 1


def test_geojson_in_all_its_wrappings_is_the_same_area():
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
    feature = {"type": "Feature", "properties": None, "geometry": polygon}
    wrappings = [
        polygon,
        {"type": "MultiPolygon", "coordinates": [polygon["coordinates"]]},
        feature,
        {"type": "FeatureCollection", "features": [feature]},
        {"type": "GeometryCollection", "geometries": [polygon]},
    ]

    areas = [area_from_text(json.dumps(wrapping)) for wrapping in wrappings]
    assert len({area.digest for area in areas}) == 1
    assert areas[0] == area_from_text("polygon (( 0 0,4 0,4 4,0 4 ))")


def test_one_point_and_many_agree_with_the_winding_of_exact_fractions():
    chance = random.Random(3)
    for _ in range(20):
        corners = star(chance)
        area = area_from_text(f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in corners)}))")
        points = [(chance.uniform(-12, 12), chance.uniform(-12, 12)) for _ in range(150)]

        many = area.holds_all([y for y, _ in points], [x for _, x in points])
        one_by_one = [area.holds(y, x) for y, x in points]
        assert many.tolist() == one_by_one
        assert one_by_one == [winds_around(corners, Fraction(x), Fraction(y)) for y, x in points]


def test_a_point_that_is_no_number_lies_outside():
    area = area_from_text(HOLE)

    assert area.holds_all([float("nan"), 1.0, 95.0], [1.0, float("nan"), 5.0]).tolist() == [False, False, False]
    assert area.holds_all(np.array([]), np.array([])).tolist() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither GeoJSON nor a POLYGON"),
        ("POLYGON", "neither GeoJSON nor a POLYGON"),
        ("POLYGON()", "has no ring of corners"),
        ("MULTIPOLYGON()", "has no polygon"),
        ("POLYGON((0 0, 1 1))", "fewer than three corners"),
        ("POLYGON((0 0, 1 a, 2 2))", "is no corner"),
        ("POLYGON((0 0, 1, 2 2))", "is no corner"),
        ("POLYGON((0 0, nan 1, 2 2))", "is not on the globe"),
        ("POLYGON((0 0, 0 100, 2 2))", "longitude (±180) stands before latitude (±90)"),
        ("{", "no readable JSON"),
        ("{}", "None is no area"),
        ('{"type": "LineString"}', "'LineString' is no area"),
        ('{"type": "Polygon"}', "no list of rings"),
        ('{"type": "Polygon", "coordinates": [[1, 2, 3]]}', "is no corner"),
        ('{"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4]]]}', "is no corner"),
        ('{"type": "FeatureCollection", "features": []}', "has no polygon"),
        ("[" * 100_000, "neither GeoJSON"),
        ('{"a":' * 100_000, "no readable JSON"),
    ],
)
def test_what_is_no_area_is_refused_in_one_sentence(text, said):
    with pytest.raises(BadArea) as caught:
        area_from_text(text)

    assert said in str(caught.value)


def star(chance: random.Random) -> list[tuple[float, float]]:
    """A polygon that does not cross itself: corners around a centre, near and far."""
    turns = sorted(chance.uniform(0, 2 * math.pi) for _ in range(chance.randrange(3, 15)))
    reach = [chance.uniform(1, 10) for _ in turns]
    return [(far * math.cos(turn), far * math.sin(turn)) for far, turn in zip(reach, turns, strict=True)]


def winds_around(corners: list[tuple[float, float]], x: Fraction, y: Fraction) -> bool:
    """Whether an odd number of edges lies to the east, in exact arithmetic and without a box around anything."""
    east = 0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        a, b = (Fraction(x1), Fraction(y1)), (Fraction(x2), Fraction(y2))
        low, high = (a, b) if a[1] < b[1] else (b, a)
        if low[1] <= y < high[1]:
            side = (high[0] - low[0]) * (y - low[1]) - (x - low[0]) * (high[1] - low[1])
            east += side > 0
    return east % 2 == 1
