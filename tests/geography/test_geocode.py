import polars as pl
import pytest

from patchbook.errors import BadInput
from patchbook.geography.distance import great_circle_km
from patchbook.geography.geocode import METHODS, geocode


def place(**columns):
    return geocode(pl.DataFrame({name: [value] for name, value in columns.items()})).row(0, named=True)


def near(found, latitude, longitude, within_km):
    return float(great_circle_km(found["latitude"], found["longitude"], latitude, longitude)) <= within_km


@pytest.mark.parametrize(
    ("row", "method", "point", "within_km"),
    [
        ({"postal_code": "02138", "state": "MA"}, "zip", (42.377, -71.117), 3),
        ({"postal_code": "2138", "country": "USA"}, "zip", (42.377, -71.117), 3),
        ({"postal_code": "02138"}, "zip", (42.377, -71.117), 3),
        ({"postal_code": "D-80331", "country": "Deutschland"}, "postal", (48.137, 11.575), 3),
        ({"postal_code": "SW1A 1AA", "country": "U.K."}, "postal", (51.501, -0.142), 3),
        ({"postal_code": "K1A 0B1", "state": "Ontario"}, "postal", (45.42, -75.70), 5),
        ({"city": "New York City", "state": "N.Y."}, "city+state", (40.75, -73.98), 8),
        ({"city": "Boston, MA"}, "city+state", (42.36, -71.06), 3),
        ({"city": "ST PAUL", "state": "Minn.", "country": "US"}, "city+state", (44.95, -93.09), 5),
        ({"city": "San Juan", "country": "Puerto Rico"}, "city+state", (18.42, -66.06), 8),
        ({"city": "Toronto", "state": "ON"}, "city+state", (43.70, -79.40), 10),
        ({"city": "München", "country": "DE"}, "city", (48.137, 11.575), 6),
        ({"city": "Tokyo"}, "city", (35.69, 139.69), 15),
        ({"state": "Texas", "country": "US"}, "state", (31.0, -97.5), 150),
        ({"country": "France"}, "country", (47.0, 2.5), 150),
    ],
)  # fmt: skip
def test_an_account_is_found_by_the_best_it_tells(row, method, point, within_km):
    found = place(**row)

    assert found["geocode_method"] == method
    assert near(found, *point, within_km)


def test_given_coordinates_stay_as_they_are():
    found = place(latitude=47.6, longitude=-122.33, city="Boston", state="MA")

    assert (found["latitude"], found["longitude"]) == (47.6, -122.33)
    assert found["geocode_method"] == "given"
    assert found["geocode_precision_km"] == 0.0


def test_county_and_time_zone_follow_given_coordinates_when_the_postal_code_is_elsewhere():
    found = place(latitude=47.6, longitude=-122.33, postal_code="02138", state="MA")

    assert found["county_fips"] == "53033"
    assert found["time_zone"] == "America/Los_Angeles"


@pytest.mark.parametrize(("latitude", "longitude"), [(0.0, 0.0), (95.0, 10.0), (10.0, 200.0), (float("nan"), 1.0)])
def test_coordinates_off_the_globe_are_looked_up_instead(latitude, longitude):
    found = place(latitude=latitude, longitude=longitude, city="Boston", state="MA")

    assert found["geocode_method"] == "city+state"


def test_a_zip_of_another_state_gives_way_to_the_city():
    found = place(postal_code="94103", city="Boston", state="MA")

    assert found["geocode_method"] == "city+state"
    assert found["county_fips"] == "25025"


def test_a_zip_of_another_state_is_used_when_nothing_else_is_known():
    assert place(postal_code="94103", state="MA")["geocode_method"] == "zip"


def test_a_name_many_towns_share_is_not_guessed():
    assert place(city="Springfield", country="US")["geocode_method"] == "country"
    assert place(city="Springfield")["geocode_method"] == "none"


def test_nothing_known_is_nowhere():
    found = place(city="", state=None, country="", postal_code="00000")

    assert found == {
        "latitude": None, "longitude": None, "geocode_method": "none", "geocode_precision_km": None,
        "county_fips": None, "time_zone": None, "density": None,
    }  # fmt: skip


def test_a_country_of_several_time_zones_says_nothing_about_the_hour():
    found = place(country="US")

    assert found["time_zone"] is None
    assert found["county_fips"] is None
    assert found["density"] is None


def test_a_point_alone_gets_county_and_time_zone():
    found = geocode(pl.DataFrame({"latitude": [41.88, 48.14, 18.4], "longitude": [-87.63, 11.58, -66.06]}))

    assert found["county_fips"].to_list() == ["17031", None, "72127"]
    assert found["time_zone"].to_list() == ["America/Chicago", "Europe/Berlin", "America/Puerto_Rico"]


def test_length_and_order_are_kept_among_repeated_places():
    frame = pl.DataFrame(
        {"city": ["Boston", "Austin", "Boston", None], "state": ["MA", "TX", "MA", "MA"], "other": [1, 2, 3, 4]}
    )

    found = geocode(frame)

    assert found["geocode_method"].to_list() == ["city+state", "city+state", "city+state", "state"]
    assert found["latitude"][0] == found["latitude"][2] != found["latitude"][1]


def test_density_counts_the_accounts_around():
    crowd = pl.DataFrame({"city": ["Boston"] * 9 + ["Fargo"], "state": ["MA"] * 9 + ["ND"]})

    density = geocode(crowd)["density"]

    assert density[0] == pytest.approx(9 * density[9], rel=0.01)
    assert geocode(crowd, density=False)["density"].null_count() == 10


def test_an_empty_frame_and_a_frame_without_places_are_fine():
    assert geocode(pl.DataFrame(schema={"city": pl.String})).height == 0
    assert geocode(pl.DataFrame({"name": ["A", "B"]}))["geocode_method"].to_list() == ["none", "none"]


def test_coordinates_as_text_are_refused_in_a_sentence():
    with pytest.raises(BadInput, match="Column latitude holds String; geocoding wants degrees as numbers"):
        geocode(pl.DataFrame({"latitude": ["41"], "longitude": [1.0]}))


def test_methods_are_listed_most_exact_first():
    precision = [
        place(**row)["geocode_precision_km"]
        for row in (
            {"latitude": 44.98, "longitude": -93.27},
            {"postal_code": "55401"},
            {"city": "Minneapolis", "state": "MN"},
            {"state": "MN"},
            {"country": "US"},
        )
    ]

    assert precision == sorted(precision)
    assert METHODS[0] == "given"
    assert METHODS[-1] == "none"
