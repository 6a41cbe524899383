import polars as pl
import pytest

from patchbook.geography.countries import country_codes


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("USA", "US"), ("U.S.", "US"), ("u.s.a.", "US"),
        ("United States of America", "US"), ("Vereinigte Staaten", "US"),
        ("Deutschland", "DE"), ("DEU", "DE"), ("Allemagne", "DE"), ("276", "DE"), ("England", "GB"), ("U.K.", "GB"),
        ("España", "ES"), ("Côte d’Ivoire", "CI"), ("Türkiye", "TR"), ("Korea, Republic of", "KR"), ("NA", "NA"),
        ("Untied States", "US"), ("Switzerand", "CH"),
    ],
)  # fmt: skip
def test_a_country_is_understood(written, code):
    assert country_codes(pl.Series([written])).to_list() == [code]


@pytest.mark.parametrize("written", ["Atlantis", "", "  ", "XX", "Iram", "Bavaria", "N/A"])
def test_what_is_no_country_for_sure_stays_null(written):
    assert country_codes(pl.Series([written])).to_list() == [None]


def test_nulls_and_order_are_kept():
    assert country_codes(pl.Series("c", ["US", None, "DE"])).to_list() == ["US", None, "DE"]


def test_a_column_of_nulls_is_no_crash():
    assert country_codes(pl.Series([None, None], dtype=pl.Null)).to_list() == [None, None]
