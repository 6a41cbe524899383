from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.values.dates import parse_date, read_dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-02-01", date(2026, 2, 1)),
        ("2026-02-01T08:30:00Z", date(2026, 2, 1)),
        ("20260201", date(2026, 2, 1)),
        ("31/12/2025", date(2025, 12, 31)),
        ("12/31/2025", date(2025, 12, 31)),
        ("1. März 2024", date(2024, 3, 1)),
        ("3 de mayo de 2020", date(2020, 5, 3)),
        ("June 13, 1902", date(1902, 6, 13)),
        ("12 May 1865", date(1865, 5, 12)),
        ("31.12.99", date(1999, 12, 31)),
    ],
)
def test_a_day_is_read_in_several_orders(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["31/31/2026", "2026-02-30", "soon", "Q3 2026"])
def test_what_is_no_day_of_the_calendar_is_none(text):
    assert parse_date(text) is None


def test_one_certain_cell_decides_the_order_of_the_column():
    day_first = read_dates(pl.Series(["03/04/2026", "25/04/2026"]))
    month_first = read_dates(pl.Series(["03/04/2026", "04/25/2026"]))

    assert day_first.values.to_list() == [date(2026, 4, 3), date(2026, 4, 25)]
    assert month_first.values.to_list() == [date(2026, 3, 4), date(2026, 4, 25)]
    assert day_first.notes == month_first.notes == ()


def test_a_column_that_could_be_either_says_so():
    read = read_dates(pl.Series(["03/04/2026", "05/06/2026"]))

    assert "can be read in two ways and are taken month first" in read.notes[0]


def test_spreadsheet_days_and_words_mix_with_what_cannot_be_read():
    assert read_dates(pl.Series([46054.0, None])).values.to_list() == [date(2026, 2, 1), None]
    assert read_dates(pl.Series(["2026-01-01", "soon"])).refused.to_list() == [False, True]


@given(st.dates())
def test_every_day_comes_back_from_its_iso_spelling(day):
    assert parse_date(day.isoformat()) == day
