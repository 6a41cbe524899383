import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.values.numbers import decimal_mark, parse_number, read_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("(1,200)", -1200), ("−3", -3), ("1e3", 1000)],
)
def test_a_number_is_read_in_the_habits_of_several_countries(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["inf", "nan", "-inf", "12 boxes", "", "1.2.3,4,5x"])
def test_what_is_no_finite_number_is_none(text):
    assert parse_number(text) is None


def test_a_decimal_comma_anywhere_decides_for_the_column():
    assert decimal_mark(pl.Series(["1.200", "3.400,50"])) == ","
    assert read_numbers(pl.Series(["1.200", "3.400,50"])).values.to_list() == [1200.0, 3400.5]


def test_infinite_numbers_of_a_frame_are_refused():
    read = read_numbers(pl.Series([1.5, float("inf"), float("nan"), None]))

    assert read.values.to_list() == [1.5, None, None, None]
    assert read.refused.to_list() == [False, True, True, False]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_number_with_thousands_and_two_decimals_comes_back(number):
    english = f"{number:,.2f}"

    assert parse_number(english, decimal=".") == float(f"{number:.2f}")
