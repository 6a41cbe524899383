"""When a job is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from patchbook.jobs.schedule import BadSchedule, schedule


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def test_every_few_minutes_keeps_step_however_late_a_worker_is():
    every = schedule("every 15 minutes")

    assert every.after(at(1, 9, 7)) == at(1, 9, 15)
    assert every.after(at(1, 9, 15)) == at(1, 9, 30)


def test_an_hour_of_the_local_clock_stays_so_when_summer_time_begins():
    daily = schedule("every day at 06:30 Europe/Berlin")

    assert daily.after(at(27, 12)) == at(28, 4, 30)
    assert daily.after(at(26, 12)) == at(27, 5, 30)


def test_an_hour_that_is_left_out_is_as_much_later_as_the_clock_jumps():
    nights = schedule("every day at 02:30 Europe/Berlin")

    assert nights.after(at(27, 12)) == at(28, 1, 30)
    assert nights.after(at(28, 1, 30)) == at(29, 0, 30)


def test_an_hour_that_comes_twice_is_kept_once():
    nights = schedule("every day at 02:30 Europe/Berlin")

    first = nights.after(at(30, 12, month=10))

    assert first == at(31, 0, 30, month=10)
    assert nights.after(first) == datetime(2027, 11, 1, 1, 30, tzinfo=UTC)


def test_once_a_week_falls_on_its_day():
    weekly = schedule("every monday at 07:00")

    assert weekly.after(at(3)) == at(8, 7)
    assert weekly.after(at(8, 7)) - at(8, 7) == timedelta(days=7)


def test_what_was_written_can_be_read_again():
    for text in ("every minute", "every 90 minutes", "every day at 06:30 Asia/Tokyo", "every friday at 17:00 UTC"):
        assert str(schedule(text)) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hourly", "it is no schedule"),
        ("every 0 minutes", "0 minutes is outside 1 to 10,080"),
        ("every day at 25:00", "it is no schedule"),
        ("every someday at 10:00", "'someday' is no day of the week"),
        ("every day at 10:00 Europe/Nowhere", "there is no time zone 'Europe/Nowhere'"),
        ("every day at 10:00 ../etc", "there is no time zone"),
    ],
)
def test_what_cannot_be_followed_says_what_would_be_right(text, found):
    with pytest.raises(BadSchedule, match=found) as refused:
        schedule(text)
    assert "write every 15 minutes, every day at 06:30 Europe/Berlin" in str(refused.value)
