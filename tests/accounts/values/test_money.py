import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.values.money import Money, parse_money, read_money


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("US$ 24.9 billion (2025)", 24.9e9, "USD"),
        ("€3,91 Mrd", 3.91e9, "EUR"),
        ("€1,990.5 million (2023)", 1990.5e6, "EUR"),
        ("(1.200)", -1200, None),
        ("$(1,200)", -1200, "USD"),
        ("1.2M", 1.2e6, None),
        ("¥ 12 million yen", 12e6, "JPY"),
        ("JP¥ 277.959 billion (March 2024)", 277.959e9, "JPY"),
        ("1441,1 billion yen (FY 2017)", 1441.1e9, "JPY"),
        ("180,743,000 euro (2023)", 180_743_000, "EUR"),
        ("¥ 4.11 trillion ( US$ 37.45 billion) ( Fiscal Year 2023 )", 4.11e12, "JPY"),
        ("$1 billion+ USD", 1e9, "USD"),
        ("CHF 3.2 Mio.", 3.2e6, "CHF"),
        ("SEKm 147,147 (2023)", 147_147e6, "SEK"),
        ("12k€", 12_000, "EUR"),
        ("1.2 mil millones EUR", 1.2e9, "EUR"),
        ("-5", -5, None),
        ("€ 1.990,50", 1990.5, "EUR"),
    ],
)
def test_an_amount_is_read_as_a_person_means_it(text, amount, currency):
    assert parse_money(text) == Money(amount, currency)


@pytest.mark.parametrize("text", ["see annual report", "A12", "Room 12", "", "inf", "€"])
def test_what_names_no_amount_is_none(text):
    assert parse_money(text) is None


def test_the_column_decides_what_a_point_means():
    german = read_money(pl.Series(["1.200", "3.400", "12.500", "900"]))
    english = read_money(pl.Series(["1.25", "3.4", "12.500", "900"]))

    assert german.values.to_list() == [1200.0, 3400.0, 12500.0, 900.0]
    assert english.values.to_list() == [1.25, 3.4, 12.5, 900.0]


def test_a_foreign_amount_keeps_its_currency_unless_a_rate_is_given():
    texts = pl.Series(["€ 100", "$ 100", "100"])

    kept, converted = read_money(texts), read_money(texts, rates={"EUR": 1.5})

    assert kept.values.to_list() == [100.0, 100.0, 100.0]
    assert kept.beside["currency"].to_list() == ["EUR", "USD", None]
    assert kept.notes == ("1 amounts are in EUR and are kept as they are; give a rate for EUR to convert them.",)
    assert converted.values.to_list() == [150.0, 100.0, 100.0]
    assert converted.beside["currency"].to_list() == ["USD", "USD", None]


def test_a_cell_that_is_no_amount_is_refused_and_infinity_is_none():
    read = read_money(pl.Series(["5", "plenty", "inf", None]))

    assert read.values.to_list() == [5.0, None, None, None]
    assert read.refused.to_list() == [False, True, True, False]


@given(st.floats(min_value=0.01, max_value=999, allow_nan=False).map(lambda number: round(number, 2)))
def test_a_million_written_in_four_ways_is_one_amount(number):
    ways = [f"{number} million", f"{number}M", f"{number} Mio", f"{number} millones"]

    assert len({parse_money(way) for way in ways}) == 1


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_groups_of_thousands_do_not_change_a_whole_number(number):
    assert parse_money(f"{number:,}") == Money(float(number), None)
