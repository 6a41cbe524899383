import polars as pl
import pytest

from patchbook.demo.companies import american_companies, raw_companies, sector


@pytest.fixture(scope="module")
def companies():
    return american_companies()


def company(companies, name):
    return companies.filter(pl.col("name") == name).row(0, named=True)


def test_the_strings_are_shipped_as_published():
    raw = {row["name"]: row for row in raw_companies()}

    assert len(raw_companies()) == 1837
    assert raw["3M"]["headquarters"] == "Maplewood, Minnesota , U.S."
    assert raw["3M"]["revenue"] == "US$ 24.9 billion (2025)"


def test_published_strings_become_facts(companies):
    found = company(companies, "3M")

    assert found["revenue_usd"] == 24.9e9
    assert found["employees"] == 60_500
    assert (found["city"], found["state"], found["county_fips"]) == ("Maplewood", "MN", "27123")
    assert found["domain"] == "3m.com"
    assert found["industry"] == "Industrials"


def test_over_a_thousand_american_companies_have_a_place(companies):
    assert len(companies) > 1050
    assert companies["name"].is_unique().all()
    assert companies["latitude"].null_count() == 0
    assert companies["employees"].count() > 750
    assert companies["revenue_usd"].count() > 700


@pytest.mark.parametrize(
    ("name", "city", "state"),
    [
        ("EOG Resources", "Houston", "TX"),
        ("BlackRock", "New York", "NY"),
        ("Salesforce", "San Francisco", "CA"),
        ("Amazon", "Seattle", "WA"),
    ],
)
def test_a_building_before_the_city_is_not_taken_for_one(companies, name, city, state):
    found = company(companies, name)

    assert (found["city"].strip(), found["state"]) == (city, state)


def test_companies_from_elsewhere_are_left_out(companies):
    assert not companies["name"].is_in(["1&1", "3i", "Nippon Steel"]).any()


def test_a_sector_is_found_in_either_naming():
    assert sector(["Consumer Non-Cyclicals"]) == "Consumer Staples"
    assert sector(["Financials", "Property & Casualty Insurance"]) == "Financials"
    assert sector(["Basket weaving"]) is None
