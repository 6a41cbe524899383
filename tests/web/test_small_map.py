"""A plan as a small picture: light enough for a list of scenarios, and true to who has what."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest

from patchbook.web.small_map import MOST_DOTS, WIDE, small_map

BYTES = 30_000


def places(count: int, south: float, north: float, west: float, east: float) -> pl.DataFrame:
    draw = np.random.default_rng(count)
    longitude = draw.uniform(west, east, count)
    return pl.DataFrame(
        {
            "territory": ["West" if one < (west + east) / 2 else "East" for one in longitude],
            "latitude": draw.uniform(south, north, count),
            "longitude": longitude,
        }
    )


def dots_of(svg: str) -> dict[str, np.ndarray]:
    """Style → where its dots are."""
    found = {}
    for path in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):
        style = path.attrib["class"]
        if style.startswith("dots"):
            steps = [[int(x), int(y)] for x, y in re.findall(r"m(-?\d+) ?(-?\d+)h0", path.attrib["d"])]
            found[style] = np.cumsum(np.array(steps), axis=0)
    return found


@pytest.mark.parametrize("count", [1, 40, 3_000, 60_000])
@pytest.mark.parametrize("box", [(31, 48, -120, -75), (44, 54, -2, 20)])
def test_it_is_small_whatever_the_number_of_accounts(count, box):
    svg = small_map(places(count, *box), ["West", "East"], [3, 5], title="A plan")

    assert len(svg) <= BYTES
    assert 1 <= sum(len(dots) for dots in dots_of(svg).values()) <= MOST_DOTS


@pytest.mark.parametrize("count", [300, 60_000])
def test_each_side_has_the_colour_of_its_territory(count):
    dots = dots_of(small_map(places(count, 31, 48, -120, -75), ["West", "East"], [3, 5], title="A plan"))

    assert set(dots) == {"dots c3", "dots c5"}
    assert dots["dots c3"][:, 0].mean() < dots["dots c5"][:, 0].mean()
    assert dots["dots c3"].min() >= 0
    assert dots["dots c5"][:, 0].max() <= WIDE


def test_an_account_of_nobody_is_shown_as_such():
    frame = pl.DataFrame({"territory": [None, "East"], "latitude": [40.0, 41.0], "longitude": [-100.0, -90.0]})

    assert set(dots_of(small_map(frame, ["East"], [2], title="A plan"))) == {"dots nobody", "dots c2"}


def test_a_few_far_accounts_do_not_make_the_rest_small():
    near = places(1_000, 48, 52, 5, 12)
    far = pl.DataFrame({"territory": ["West"], "latitude": [-20.0], "longitude": [-150.0]})

    dots = np.concatenate(
        list(dots_of(small_map(pl.concat([near, far]), ["West", "East"], [3, 5], title="A")).values())
    )

    assert np.ptp(dots[:, 0]) > WIDE / 3


def test_without_places_there_is_no_picture():
    frame = pl.DataFrame({"territory": ["East"], "latitude": [None], "longitude": [None]})

    assert small_map(frame, ["East"], [2], title="A plan") == ""
    assert small_map(frame.select("territory"), ["East"], [2], title="A plan") == ""


def test_its_title_is_text_and_it_brings_no_style_of_its_own():
    svg = small_map(places(5, 31, 48, -120, -75), ["West", "East"], [3, 5], title='<img onerror="x">')

    assert 'aria-label="&lt;img onerror=&#34;x&#34;&gt;"' in svg
    assert "style=" not in svg
    assert "<style" not in svg
