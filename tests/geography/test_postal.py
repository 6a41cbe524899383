import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.geography.postal import postal_key, zip_key


def zip_of(text):
    return pl.DataFrame({"zip": [text]}, schema={"zip": pl.String}).select(zip_key(pl.col("zip"))).item()


def postal_of(text, country):
    frame = pl.DataFrame({"code": [text], "country": [country]})
    return frame.select(postal_key(pl.col("code"), pl.col("country"))).item()


@given(st.integers(0, 99999))
def test_a_spreadsheet_cannot_lose_the_zeros_of_a_zip(number):
    written = f"{number:05d}"

    assert zip_of(written) == written
    if number >= 100:
        assert zip_of(str(number)) == written
        assert zip_of(f"{number}.0") == written


@pytest.mark.parametrize("text", ["02138-1234", "02138 1234", "021381234", "21381234", " 02138 "])
def test_the_four_digits_behind_a_zip_are_dropped(text):
    assert zip_of(text) == "02138"


@pytest.mark.parametrize("text", ["K1A 0B1", "80331 München", "12", "123456", "ABCDE", ""])
def test_what_is_no_zip_has_no_key(text):
    assert zip_of(text) is None


@pytest.mark.parametrize(
    ("text", "country", "key"),
    [
        ("SW1A 1AA", "GB", "SW1A"), ("sw1a1aa", "GB", "SW1A"), ("M1", "GB", "M1"), ("K1A 0B1", "CA", "K1A"),
        ("D02 X285", "IE", "D02"), ("D-80331", "DE", "80331"), ("1067", "DE", "01067"), ("1012 AB", "NL", "1012"),
        ("00-950", "PL", "00950"), ("111 22", "SE", "11122"), ("F-75008", "FR", "75008"),
    ],
)  # fmt: skip
def test_a_postal_code_finds_its_key(text, country, key):
    assert postal_of(text, country) == key


def test_an_austrian_code_with_a_digit_missing_is_not_guessed():
    assert postal_of("101", "AT") is None


def test_a_country_without_a_table_has_no_key():
    assert postal_of("100-0001", "JP") is None
