import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.values.counts import parse_count, read_counts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("c. 60,500 (2025)", 60_500),
        ("c.250 (2024)", 250),
        ("3,167 (average, 2021)", 3_167),
        ("Approximately 12,000", 12_000),
        ("41,447 ( full-time equivalent ) (2024)", 41_447),
        ("319,565 (2021) 191,707 ( Europe )", 319_565),
        ("consolidated: 45,402 non-consolidated: 26,778", 45_402),
        ("10,001+", 10_001),
        ("51-200", 125),
        ("12k", 12_000),
        ("1.200", 1_200),
        ("12.0", 12),
    ],
)
def test_a_count_is_read_with_its_remarks(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["many", "$ 500", "555-4", "Q3", ""])
def test_what_is_no_count_is_none(text):
    assert parse_count(text) is None


def test_clean_numbers_and_remarks_mix_in_one_column():
    read = read_counts(pl.Series(["12", "c. 1,300", "a few", None]))

    assert read.values.to_list() == [12, 1300, None, None]
    assert read.refused.to_list() == [False, False, True, False]


def test_a_column_of_decimals_is_rounded_and_infinity_refused():
    read = read_counts(pl.Series([12.0, 12.6, float("inf")]))

    assert read.values.to_list() == [12, 13, None]
    assert read.refused.to_list() == [False, False, True]


@given(st.integers(min_value=0, max_value=10**9))
def test_every_spelling_of_a_whole_number_is_that_number(number):
    spelled = [str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "'")]

    assert [parse_count(text) for text in spelled] == [number] * 4
