"""
When somebody works: hours of the local clock, holidays and leave; and time counted in business minutes. Pure.

An instant is worked when the clock on the wall shows a time within the hours of that day. It follows that an hour which
a change to summer time leaves out is worked by nobody, and that one which comes twice in autumn counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from patchbook.errors import BadInput
from patchbook.period import Period, midnight

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

OFFICE_HOURS: Mapping[str, tuple[tuple[str, str], ...]] = dict.fromkeys(DAYS[:5], (("09:00", "17:00"),))
"""The hours assumed of a person of whom none are known."""

HORIZON = timedelta(days=800)
"""How far ahead working time is looked for: longer than any leave, and short enough never to keep a lead waiting."""

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class NeverWorking(BadInput):
    """Business time was asked for of somebody who has none."""

    def __init__(self, after: datetime) -> None:
        super().__init__(
            f"There is no working time within {HORIZON.days} days after {after:%Y-%m-%d}; working hours or the end of a"
            " leave would make some."
        )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """
    When one person, or a whole office, works.

    Examples
    --------
    >>> berlin = Calendar(time_zone="Europe/Berlin", holidays=frozenset({date(2027, 1, 1)}))
    >>> berlin.next_working(datetime(2026, 12, 31, 17, tzinfo=UTC)).isoformat()
    '2027-01-04T08:00:00+00:00'
    """

    time_zone: str = "UTC"
    """A name of the IANA time zone database."""
    working_hours: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=lambda: OFFICE_HOURS)
    """Day of the week → stretches of local time, as a profile of a person has them."""
    holidays: frozenset[date] = frozenset()
    """Local days on which nobody works."""
    leave: tuple[Period, ...] = ()
    """When this person is away, whatever the hours."""

    def is_working(self, at: datetime) -> bool:
        """Whether the instant is worked."""
        local = at.astimezone(_zone(self.time_zone))
        if local.date() in self.holidays or any(away.contains(at) for away in self.leave):
            return False
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self._stretches(local.date()))

    def next_working(self, at: datetime) -> datetime | None:
        """The first worked instant at or after this one; None when none is in sight."""
        first = next(self._worked_from(at), None)
        return first.start if first is not None else None

    def add_business_minutes(self, at: datetime, minutes: float) -> datetime:
        """
        The instant at which so much working time has passed since `at`.

        With no minutes it is `at` itself. Otherwise it is the earliest such instant: the end of a working day rather
        than the start of the next.

        Raises
        ------
        NeverWorking
            There is not that much working time in sight.
        """
        left = timedelta(minutes=minutes)
        if left <= timedelta():
            return at
        for stretch in self._worked_from(at):
            worked = stretch.end - stretch.start
            if worked >= left:
                return stretch.start + left
            left -= worked
        raise NeverWorking(at)

    def business_minutes_between(self, start: datetime, end: datetime) -> float:
        """The working time from one instant to a later one, in minutes; 0 when the second is not later."""
        total = timedelta()
        for stretch in self._worked_from(start, until=end):
            total += min(stretch.end, end) - stretch.start
        return total / _MINUTE

    def _worked_from(self, at: datetime, until: datetime | None = None) -> Iterator[Period]:
        """Worked stretches in order, the first cut to begin at `at`, up to `until` or as far as one looks."""
        at = at.astimezone(UTC)
        last = at + HORIZON if until is None else until
        day = at.date()
        while midnight(day) < last:
            for stretch in self._worked_on(day):
                if stretch.end > at and stretch.start < last:
                    yield Period(max(stretch.start, at), stretch.end)
            day += _DAY

    def _worked_on(self, day: date) -> Iterator[Period]:
        """The worked stretches of a day of UTC, in order, cut at its ends."""
        for piece, ahead in _pieces(self.time_zone, day):
            first, last = (piece.start + ahead).date(), (piece.end + ahead).date()
            for local in (first, last) if first < last else (first,):
                if local in self.holidays:
                    continue
                for start, end in self._stretches(local):
                    begun = midnight(local) - ahead
                    if (worked := Period(begun + start * _MINUTE, begun + end * _MINUTE).shared(piece)) is not None:
                        yield from self._without_leave(worked)

    def _without_leave(self, worked: Period) -> tuple[Period, ...]:
        left: tuple[Period, ...] = (worked,)
        for away in self.leave:
            left = tuple(piece for stretch in left for piece in stretch.without(away))
        return left

    def _stretches(self, day: date) -> tuple[tuple[int, int], ...]:
        return tuple((_minutes(start), _minutes(end)) for start, end in self.working_hours.get(DAYS[day.weekday()], ()))


@lru_cache(maxsize=65_536)
def _pieces(time_zone: str, day: date) -> tuple[tuple[Period, timedelta], ...]:
    """A day of UTC cut where the clock of a zone changes, each piece with what the clock is ahead of UTC."""
    zone = _zone(time_zone)
    start, end = midnight(day), midnight(day + _DAY)
    found = []
    while start < end:
        ahead, before, after = _ahead(zone, start), start, start
        while after < end and _ahead(zone, after) == ahead:
            before, after = after, min(after + timedelta(hours=6), end)
        while _ahead(zone, after) != ahead and after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            before, after = (middle, after) if _ahead(zone, middle) == ahead else (before, middle)
        found.append((Period(start, after), ahead))
        start = after
    return tuple(found)


def _ahead(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # a zone of the database always knows
    return offset


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4_096)
def _minutes(clock: str) -> int:
    """Minutes after midnight of `HH:MM`; `24:00` is the end of the day."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
