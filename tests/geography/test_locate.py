"""One record is where the batch geocoder says it is."""

from __future__ import annotations

import polars as pl
import pytest

from patchbook.geography import gazetteer
from patchbook.geography.geocode import PLACE_COLUMNS, geocode
from patchbook.geography.locate import Located, locate

SAMPLE = 300


def spellings() -> list[dict[str, str | None]]:
    """Plain and odd spellings of places, drawn from the tables and written by hand."""
    zips = gazetteer.us_zips().sample(SAMPLE, seed=1)
    cities = gazetteer.us_cities().sample(SAMPLE, seed=2)
    codes = gazetteer.postal_codes().sample(SAMPLE, seed=3)
    rows: list[tuple[str | None, str | None, str | None, str | None]] = [
        *((code, None, state, "US") for code, state in zips.select("zip", "state").iter_rows()),
        *((code, None, None, "US") for code in zips["zip"][:20]),
        *((None, city, state, "US") for city, state in cities.select("city_key", "state").iter_rows()),
        *((code, None, None, country) for code, country in codes.select("postal_key", "country").iter_rows()),
        ("30301", None, "FL", "US"), ("30301", "Miami", "FL", "US"), ("2138", None, "MA", "US"),
        ("02138-1234", None, "MA", "US"), ("30301", None, None, None), (None, "Saint Paul", "MN", "US"),
        (None, "NYC", "NY", "US"), (None, "Boston, MA", None, None), (None, "München", None, "DE"),
        ("SW1A 1AA", None, None, "GB"), ("D-80331", None, None, "DE"), (None, None, "GA", "US"),
        (None, None, None, "FR"), (None, "nowhere at all", None, None), ("00000", None, None, "US"),
        (None, "Atlanta", "Georgia", "United States"),
    ]  # fmt: skip
    return [dict(zip(PLACE_COLUMNS, row, strict=True)) for row in rows]


def test_one_record_is_where_many_are_said_to_be():
    rows = spellings()
    # A file in which no row has a country is read as American, so rows are asked in two files.
    for some in ([row for row in rows if row["country"]], [row for row in rows if not row["country"]]):
        frame = geocode(pl.DataFrame(some, schema=dict.fromkeys(PLACE_COLUMNS, pl.String)), density=False)
        for row, (latitude, longitude, method, _, county, *_) in zip(some, frame.iter_rows(), strict=True):
            found = locate(row)
            if method == "none":
                assert found is None, row
            else:
                assert found == Located(latitude=latitude, longitude=longitude, method=method, county_fips=county), row


def test_coordinates_that_are_given_win():
    assert locate({"latitude": 48, "longitude": 11.5, "postal_code": "30301", "country": "US"}) == Located(
        latitude=48.0, longitude=11.5, method="given"
    )


@pytest.mark.parametrize("nowhere", [{}, {"city": " "}, {"latitude": 0, "longitude": 0}, {"latitude": float("nan")}])
def test_a_record_that_tells_no_place_has_none(nowhere):
    assert locate(nowhere) is None


def test_only_a_state_is_a_vague_place():
    found = locate({"state": "GA", "country": "US"})

    assert found is not None
    assert found.is_vague
