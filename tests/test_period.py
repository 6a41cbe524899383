"""Periods: half-open, in UTC, never empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.period import FOREVER, BadPeriod, Period, from_microseconds, instant, microseconds, told

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
days = st.integers(0, 9).map(lambda number: MONDAY + number * DAY)
periods = st.tuples(days, days).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Period(*pair))


@given(periods, periods, days)
def test_taking_one_period_out_of_another_keeps_every_other_instant(whole, out, at):
    left = whole.without(out)

    assert any(piece.contains(at) for piece in left) == (whole.contains(at) and not out.contains(at))
    assert all(not piece.overlaps(out) for piece in left)


@given(periods, periods, days)
def test_what_two_periods_share_is_in_both(one, other, at):
    shared = one.shared(other)

    assert (shared is not None and shared.contains(at)) == (one.contains(at) and other.contains(at))
    assert one.overlaps(other) == (shared is not None)
    assert one.covers(other) == (shared == other)


def test_a_period_that_ends_as_the_next_begins_leaves_no_shared_instant():
    first, second = Period(MONDAY, MONDAY + DAY), Period(MONDAY + DAY)

    assert not first.overlaps(second)
    assert [first.contains(MONDAY + DAY), second.contains(MONDAY + DAY)] == [False, True]


@pytest.mark.parametrize("end", [MONDAY, MONDAY - DAY])
def test_an_empty_or_backward_period_is_refused(end):
    with pytest.raises(BadPeriod, match="is empty; its end must be after its start"):
        Period(MONDAY, end)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(BadPeriod, match="says no time zone"):
        Period(datetime(2027, 1, 4))


def test_periods_outside_the_years_kept_are_refused():
    with pytest.raises(BadPeriod, match="reaches outside 1900-01-01 to 9999-12-31"):
        Period(datetime(1899, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-04", MONDAY),
        (" 2027-01-04 ", MONDAY),
        ("2027-01-04T02:00:00+02:00", MONDAY),
        ("9999-12-31", FOREVER),
    ],
)
def test_a_date_means_its_first_instant_in_utc(text, expected):
    assert instant(text) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "2027-02-30", "1899-12-31", "9999-12-31T01:00:00"])
def test_what_is_no_date_is_refused_with_an_example(text):
    with pytest.raises(BadPeriod, match=r"write one as 2027-02-01|where dates are kept"):
        instant(text)


def test_people_are_told_an_instant_in_whole_seconds():
    assert told(datetime(2026, 11, 22, 3, 20, 56, 587_666, tzinfo=UTC)) == "2026-11-22 03:20:56+00:00"


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_microseconds_and_back_is_the_same_instant(at):
    assert from_microseconds(microseconds(at)) == at


def test_an_instant_is_told_in_utc_and_as_a_date_where_it_is_one():
    assert told(MONDAY) == "2027-01-04"
    assert told(datetime(2027, 1, 4, 1, tzinfo=timezone(timedelta(hours=-1)))) == "2027-01-04 02:00:00+00:00"
