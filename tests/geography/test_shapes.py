import numpy as np
import pytest

from patchbook.geography.shapes import shapes


@pytest.mark.parametrize(
    ("layer", "count"),
    [("us-states", 56), ("us-counties", 3233), ("countries", 241), ("countries-coarse", 177), ("admin1", 980)],
)
def test_every_layer_is_there_with_codes_and_closed_rings(layer, count):
    found = shapes(layer)

    assert len(found) == count
    assert all(shape.code for shape in found)
    assert all(np.array_equal(ring[0], ring[-1]) for shape in found for ring in shape.rings)


def test_coordinates_are_latitude_then_longitude():
    colorado = next(shape for shape in shapes("us-states") if shape.name == "Colorado")
    (ring,) = colorado.rings

    assert np.allclose(ring.min(axis=0), [37.0, -109.06], atol=0.05)
    assert np.allclose(ring.max(axis=0), [41.0, -102.04], atol=0.05)


def test_simplifying_keeps_every_shape_and_drops_points():
    fine, coarse = shapes("us-counties"), shapes("us-counties", 0.05)

    assert [shape.code for shape in fine] == [shape.code for shape in coarse]
    assert sum(len(r) for s in coarse for r in s.rings) < 0.7 * sum(len(r) for s in fine for r in s.rings)
    assert [bool(shape.rings) for shape in fine] == [bool(shape.rings) for shape in coarse]


def test_neighbours_keep_one_border_when_simplified():
    by_code = {shape.code: {tuple(p) for ring in shape.rings for p in ring} for shape in shapes("us-states", 0.05)}

    assert len(by_code["08"] & by_code["49"]) >= 2  # Colorado and Utah


def test_no_outline_runs_across_the_whole_map():
    for shape in shapes("countries"):
        for ring in shape.rings:
            if ring[:, 0].min() > -80:
                assert np.abs(np.diff(ring[:, 1])).max() < 180, shape.name
