"""Which calendar a person follows."""

from __future__ import annotations

from datetime import UTC, date, datetime

from patchbook.period import Period
from patchbook.routing.calendar import OFFICE_HOURS, Calendar
from patchbook.routing.calendars import Calendars

BERLIN = Calendar(time_zone="Europe/Berlin", holidays=frozenset({date(2027, 10, 3)}))
BOSTON = Calendar(time_zone="America/New_York", working_hours={"monday": (("08:00", "12:00"),)})
OFFICES = Calendars(named={"berlin": BERLIN, "boston": BOSTON}, people={"ann": "boston"}, default="berlin")


def test_a_name_goes_before_the_time_zone_and_that_before_the_default():
    assert OFFICES.of("ann", time_zone="Europe/Berlin").working_hours == BOSTON.working_hours
    assert OFFICES.of("bob", time_zone="America/New_York") == BOSTON
    assert OFFICES.of("cid", time_zone="Asia/Tokyo").holidays == BERLIN.holidays


def test_a_persons_own_zone_and_hours_go_before_those_of_the_calendar():
    mornings = {"friday": (("06:00", "10:00"),)}

    found = OFFICES.of("ann", time_zone="Asia/Tokyo", working_hours=mornings)

    assert (found.time_zone, found.working_hours) == ("Asia/Tokyo", mornings)


def test_leave_is_added_to_that_of_the_office():
    week = Period(datetime(2027, 1, 4, tzinfo=UTC), datetime(2027, 1, 11, tzinfo=UTC))

    found = OFFICES.of("bob", leave=[week])

    assert found.next_working(week.start) == datetime(2027, 1, 11, 8, tzinfo=UTC)


def test_without_any_calendar_there_are_office_hours():
    assert Calendars().of("ann").working_hours == OFFICE_HOURS
