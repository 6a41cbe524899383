import polars as pl
import pytest

from patchbook.accounts.mapping import UnknownColumn, suggest


def fields(**columns):
    return {mapped.column: mapped.field for mapped in suggest(pl.DataFrame(columns))}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Account ID", "account_id"),
        ("BillingPostalCode", "postal_code"),
        ("numberofemployees", "employees"),
        ("annualrevenue", "revenue_usd"),
        ("hs_object_id", "account_id"),
        ("AnnualRevenue", "revenue_usd"),
        ("Mitarbeiter", "employees"),
        ("PLZ", "postal_code"),
        ("Umsatz", "revenue_usd"),
        ("Code postal", "postal_code"),
        ("Ciudad", "city"),
        ("Empresa", "name"),
        ("OwnerId", "owner"),
        ("Emploees", "employees"),
        ("State/Province", "state"),
    ],
)
def test_a_column_is_known_by_its_name_in_several_languages_and_systems(column, field):
    assert fields(**{column: ["12", "13"]})[column] == field


def test_content_that_does_not_fit_is_not_taken():
    assert fields(size=["red", "blue"], id=["1", "2"]) == {"size": "size", "id": "account_id"}


def test_a_column_of_web_addresses_is_the_domain_whatever_its_name():
    assert fields(link=["https://a.com/x", "b.org", "www.c.de"])["link"] == "domain"


def test_the_better_of_two_columns_wins_and_the_other_is_a_field_of_its_own():
    assert fields(region=["West"], state=["CA"]) == {"region": "region", "state": "state"}


def test_a_county_is_not_a_country_with_a_slip():
    assert fields(COUNTY=["ADA", "ALAMEDA", "KING"])["COUNTY"] == "county"


def test_what_a_person_says_overrules_and_none_leaves_out():
    frame = pl.DataFrame({"id": ["1"], "Nummer": ["9"], "revenue": ["3"]})

    found = suggest(frame, overrides={"account_id": "Nummer", "revenue_usd": None})

    assert {mapped.column: mapped.field for mapped in found} == {
        "id": "id",
        "Nummer": "account_id",
        "revenue": "revenue",
    }
    assert found[1].reason == "you said so"


def test_a_column_that_does_not_exist_names_the_nearest():
    with pytest.raises(UnknownColumn, match="no column 'Nmber' for account_id; did you mean 'Number'"):
        suggest(pl.DataFrame({"Number": ["1"]}), overrides={"account_id": "Nmber"}, name="a.csv")


def test_no_column_takes_a_name_that_reading_adds():
    found = fields(id=["1"], family_id=["2"], density=["3"], employees_original=["4"])

    assert found == {
        "id": "account_id",
        "family_id": "family_id_2",
        "density": "density_2",
        "employees_original": "employees_original_2",
    }


def test_fields_of_your_own_never_share_a_name():
    assert set(fields(**{"Tier!": ["1"], "tier?": ["2"], "My Tier": ["3"], "my-tier": ["4"]}).values()) == {
        "segment",
        "tier",
        "my_tier",
        "my_tier_2",
    }
