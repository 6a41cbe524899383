"""Working time against a slow twin that looks at the clock on the wall, minute by minute."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.period import Period
from patchbook.routing.calendar import DAYS, OFFICE_HOURS, Calendar, NeverWorking

MINUTE = timedelta(minutes=1)
TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))

CHANGES = {
    "America/New_York": (datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)),
    "America/Los_Angeles": (datetime(2027, 3, 14, 10, tzinfo=UTC), datetime(2027, 11, 7, 9, tzinfo=UTC)),
    "America/Chicago": (datetime(2027, 3, 14, 8, tzinfo=UTC), datetime(2027, 11, 7, 7, tzinfo=UTC)),
    "America/Denver": (datetime(2027, 3, 14, 9, tzinfo=UTC), datetime(2027, 11, 7, 8, tzinfo=UTC)),
    "America/Halifax": (datetime(2027, 3, 14, 6, tzinfo=UTC), datetime(2027, 11, 7, 5, tzinfo=UTC)),
    "America/St_Johns": (datetime(2010, 3, 14, 3, 31, tzinfo=UTC), datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),
    "America/Sao_Paulo": (datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2018, 2, 18, 2, tzinfo=UTC)),
    "America/Santiago": (datetime(2026, 9, 6, 4, tzinfo=UTC), datetime(2026, 4, 5, 3, tzinfo=UTC)),
    "America/Havana": (datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)),
    "Europe/London": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "Europe/Berlin": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "Europe/Lisbon": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "Europe/Athens": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "Europe/Dublin": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "Africa/Casablanca": (datetime(2026, 2, 15, 2, tzinfo=UTC), datetime(2026, 3, 22, 2, tzinfo=UTC)),
    "Africa/Cairo": (datetime(2026, 4, 23, 22, tzinfo=UTC), datetime(2026, 10, 29, 21, tzinfo=UTC)),
    "Asia/Beirut": (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)),
    "Asia/Jerusalem": (datetime(2026, 3, 27, 0, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)),
    "Australia/Sydney": (datetime(2026, 10, 3, 16, tzinfo=UTC), datetime(2027, 4, 3, 16, tzinfo=UTC)),
    "Australia/Adelaide": (datetime(2026, 10, 3, 16, 30, tzinfo=UTC), datetime(2027, 4, 3, 16, 30, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), datetime(2027, 4, 3, 15, tzinfo=UTC)),
    "Pacific/Auckland": (datetime(2026, 9, 26, 14, tzinfo=UTC), datetime(2027, 4, 3, 14, tzinfo=UTC)),
    "Pacific/Chatham": (datetime(2026, 9, 26, 14, tzinfo=UTC), datetime(2027, 4, 3, 14, tzinfo=UTC)),
    "Pacific/Apia": (datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2021, 4, 3, 14, tzinfo=UTC)),
    "Asia/Kathmandu": (datetime(2028, 2, 28, 20, tzinfo=UTC), datetime(2028, 2, 29, 20, tzinfo=UTC)),
    "Asia/Tokyo": (datetime(2028, 2, 28, 20, tzinfo=UTC), datetime(2028, 2, 29, 20, tzinfo=UTC)),
}
"""Zone → two instants about which its clock jumps, or a leap day where it never does."""


def is_worked(calendar: Calendar, at: datetime) -> bool:
    """The slow twin: what the clock on the wall shows at one minute."""
    local = at.astimezone(ZoneInfo(calendar.time_zone))
    clock = local.strftime("%H:%M")
    return (
        local.date() not in calendar.holidays
        and not any(away.start <= at < away.end for away in calendar.leave)
        and any(start <= clock < end for start, end in calendar.working_hours.get(DAYS[local.weekday()], ()))
    )


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar with odd hours, and an instant less than two days before the clock jumps."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    jump = draw(st.sampled_from(CHANGES[zone]))
    clocks = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
    stretches = st.lists(clocks, unique=True, max_size=4).map(
        lambda ends: tuple(zip(sorted(ends)[0::2], sorted(ends)[1::2], strict=False))
    )
    hours = draw(
        st.one_of(
            st.just(dict.fromkeys(DAYS, (("00:00", "24:00"),))),
            st.fixed_dictionaries(dict.fromkeys(DAYS, stretches)),
        )
    )
    start = jump + draw(st.integers(-2_880, 120)) * MINUTE
    away_from = start + draw(st.integers(-600, 2_000)) * MINUTE
    return (
        Calendar(
            time_zone=zone,
            working_hours=hours,
            holidays=frozenset(draw(st.lists(st.just(jump.date()), max_size=1))),
            leave=tuple(draw(st.lists(st.just(Period(away_from, away_from + 700 * MINUTE)), max_size=1))),
        ),
        start,
    )


@given(drawn=calendars(), length=st.integers(0, 5_000), wanted=st.integers(1, 2_000))
@settings(max_examples=3_000 if TORTURE else 40)
def test_working_time_is_what_the_clock_on_the_wall_says_minute_by_minute(drawn, length, wanted):
    calendar, start = drawn
    worked = [minute for minute in range(6_000) if is_worked(calendar, start + minute * MINUTE)]

    assert calendar.business_minutes_between(start, start + length * MINUTE) == sum(one < length for one in worked)
    assert all(calendar.is_working(start + one * MINUTE) for one in worked[::37])
    if worked:
        assert calendar.next_working(start) == start + worked[0] * MINUTE
        assert calendar.is_working(start) == (worked[0] == 0)
    if len(worked) >= wanted:
        assert calendar.add_business_minutes(start, wanted) == start + (worked[wanted - 1] + 1) * MINUTE


@pytest.mark.parametrize("zone", sorted(CHANGES))
def test_in_each_zone_eight_hours_more_are_the_same_hours_back(zone):
    calendar = Calendar(time_zone=zone)

    for jump in CHANGES[zone]:
        for hours in range(-30, 31, 3):
            start = jump + timedelta(hours=hours)
            due = calendar.add_business_minutes(start, 480)

            assert calendar.business_minutes_between(start, due) == 480
            assert calendar.business_minutes_between(start, due - MINUTE) == 479


def test_an_hour_that_comes_twice_is_worked_twice_and_one_left_out_is_not():
    nights = Calendar(time_zone="Europe/Berlin", working_hours={"sunday": (("02:00", "03:00"),)})

    assert nights.business_minutes_between(*_a_day(date(2027, 10, 31))) == 120
    assert nights.business_minutes_between(*_a_day(date(2027, 3, 28))) == 0


def test_a_day_the_country_skipped_is_worked_by_nobody():
    samoa = Calendar(time_zone="Pacific/Apia")

    worked = samoa.business_minutes_between(datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 4, tzinfo=UTC))

    # three hours of Tuesday, then Wednesday, Thursday, no Friday, Monday, Tuesday, and five of Wednesday
    assert worked == (3 + 8 + 8 + 8 + 8 + 5) * 60


def test_the_leap_day_is_a_day_like_any_other():
    calendar = Calendar()

    assert calendar.add_business_minutes(datetime(2028, 2, 28, 16, tzinfo=UTC), 120) == datetime(
        2028, 2, 29, 10, tzinfo=UTC
    )


def test_seconds_count():
    calendar = Calendar()
    start = datetime(2027, 1, 4, 16, 59, 30, tzinfo=UTC)

    assert calendar.add_business_minutes(start, 1) == datetime(2027, 1, 5, 9, 0, 30, tzinfo=UTC)
    assert calendar.business_minutes_between(start, start + timedelta(days=1)) == 480.0


def test_no_minutes_more_is_the_same_instant_even_at_night():
    night = datetime(2027, 1, 4, 3, tzinfo=UTC)

    assert Calendar().add_business_minutes(night, 0) == night
    assert Calendar().business_minutes_between(night, night) == 0
    assert Calendar().business_minutes_between(night, night - timedelta(days=9)) == 0


def test_whoever_never_works_is_said_to_instead_of_being_waited_for():
    never = Calendar(working_hours={})
    away = Calendar(leave=(Period(datetime(2027, 1, 1, tzinfo=UTC)),))

    for calendar in (never, away):
        assert calendar.next_working(datetime(2027, 1, 4, 10, tzinfo=UTC)) is None
        with pytest.raises(NeverWorking, match="no working time within 800 days after 2027-01-04"):
            calendar.add_business_minutes(datetime(2027, 1, 4, 10, tzinfo=UTC), 5)


def test_the_hours_assumed_are_those_of_an_office():
    assert Calendar().working_hours == OFFICE_HOURS
    assert not Calendar().is_working(datetime(2027, 1, 3, 10, tzinfo=UTC))


def _a_day(day: date) -> tuple[datetime, datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start - timedelta(hours=12), start + timedelta(hours=24)
