"""When a job is due: every few minutes, every day at an hour, or on one day of the week. Pure: no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from patchbook.errors import BadInput
from patchbook.routing.calendar import DAYS

LONGEST_MINUTES = 7 * 24 * 60

_EVERY = re.compile(r"every (?:(\d{1,5}) )?minutes?")
_AT = re.compile(r"every (day|[a-z]+day) at ((?:[01]\d|2[0-3]):[0-5]\d)(?: (\S+))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadSchedule(BadInput):
    """A schedule cannot be meant as written."""

    def __init__(self, text: str, found: str = "it is no schedule") -> None:
        super().__init__(
            f"{text!r} cannot be followed: {found}; write every 15 minutes, every day at 06:30 Europe/Berlin, or every"
            " monday at 07:00 Europe/Berlin."
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """
    When a job is due, again and again.

    Examples
    --------
    >>> schedule("every day at 06:30 Europe/Berlin").after(datetime(2027, 7, 1, 12, tzinfo=UTC)).isoformat()
    '2027-07-02T04:30:00+00:00'
    """

    minutes: int | None = None
    """Every so many minutes, counted from 1970, so that a worker that was away falls into step again."""
    weekday: str | None = None
    """Only on this day of the week."""
    at: str = "00:00"
    """The time of the local clock; one that a change to summer time leaves out is as much later as the clock jumps."""
    time_zone: str = "UTC"

    def after(self, at: datetime) -> datetime:
        """The first time it is due after an instant."""
        if self.minutes is not None:
            step = timedelta(minutes=self.minutes)
            return _EPOCH + ((at - _EPOCH) // step + 1) * step
        day = at.astimezone(ZoneInfo(self.time_zone)).date() - timedelta(days=1)
        while not (self._is_on(day) and self._on(day) > at):
            day += timedelta(days=1)
        return self._on(day)

    def _is_on(self, day: date) -> bool:
        return self.weekday is None or DAYS[day.weekday()] == self.weekday

    def _on(self, day: date) -> datetime:
        hour, minute = self.at.split(":")
        local = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC)

    def __str__(self) -> str:
        if self.minutes is not None:
            return f"every {self.minutes} minutes" if self.minutes != 1 else "every minute"
        return f"every {self.weekday or 'day'} at {self.at} {self.time_zone}"


def schedule(text: str) -> Schedule:
    """
    The schedule in a text.

    Raises
    ------
    BadSchedule
        It says nothing that can be followed; the message says what would be right.
    """
    written = " ".join(text.split())
    if every := _EVERY.fullmatch(written.lower()):
        minutes = int(every[1] or 1)
        if not 1 <= minutes <= LONGEST_MINUTES:
            raise BadSchedule(text, f"{minutes:,} minutes is outside 1 to {LONGEST_MINUTES:,}")
        return Schedule(minutes=minutes)
    first, _, last = written.partition(" at ")
    found = _AT.fullmatch(f"{first.lower()} at {last}")
    if found is None:
        raise BadSchedule(text)
    day, clock, zone = found[1], found[2], found[3] or "UTC"
    if day != "day" and day not in DAYS:
        raise BadSchedule(text, f"{day!r} is no day of the week")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise BadSchedule(text, f"there is no time zone {zone!r}") from None
    return Schedule(weekday=None if day == "day" else day, at=clock, time_zone=zone)
