"""Stretches of time: half-open, in UTC, never empty.

Every dated fact holds for a `Period`: from its first instant up to, and not including, its last. Two periods that meet
share no instant, so a hand-over at midnight leaves neither a gap nor a moment with two owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from patchbook.errors import BadInput

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""No fact begins before this."""

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what has no end yet."""


class BadPeriod(BadInput):
    """A period is empty, runs backwards, or its instants say no time zone."""


@dataclass(frozen=True, order=True)
class Period:
    """
    The instants from `start` up to and not including `end`.

    Examples
    --------
    >>> january = Period(midnight(date(2027, 1, 1)), midnight(date(2027, 2, 1)))
    >>> january.contains(midnight(date(2027, 1, 1))), january.contains(midnight(date(2027, 2, 1)))
    (True, False)
    """

    start: datetime
    end: datetime = FOREVER

    def __post_init__(self) -> None:
        """Refuse what holds at no instant."""
        for instant in (self.start, self.end):
            if instant.tzinfo is None:
                raise BadPeriod(f"{instant.isoformat()} says no time zone; instants are in UTC.")
        if not self.start >= BEGINNING or not self.end <= FOREVER:
            raise BadPeriod(
                f"The period {self} reaches outside {BEGINNING:%Y-%m-%d} to {FOREVER:%Y-%m-%d}, where dates are kept."
            )
        if self.start >= self.end:
            raise BadPeriod(f"The period {self} is empty; its end must be after its start.")

    @property
    def is_open(self) -> bool:
        """Whether no end is known."""
        return self.end == FOREVER

    def contains(self, at: datetime) -> bool:
        """Whether an instant is in it."""
        return self.start <= at < self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Period) -> bool:
        """Whether every instant of the other is in this one."""
        return self.start <= other.start and other.end <= self.end

    def shared(self, other: Period) -> Period | None:
        """The instants in both, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def without(self, other: Period) -> tuple[Period, ...]:
        """What is left of it when the other is taken out: none, one or two periods."""
        pieces = ((self.start, min(self.end, other.start)), (max(self.start, other.end), self.end))
        return tuple(Period(start, end) for start, end in pieces if start < end)

    @property
    def says(self) -> str:
        """
        Its ends for people; the last day named is not in it.

        Examples
        --------
        >>> Period(midnight(date(2027, 1, 1))).says
        'from 2027-01-01'
        >>> Period(midnight(date(2027, 1, 1)), midnight(date(2027, 2, 1))).says
        'from 2027-01-01 until 2027-02-01'
        """
        return f"from {told(self.start)}" + ("" if self.is_open else f" until {told(self.end)}")

    def __str__(self) -> str:
        end = "open" if self.end == FOREVER else told(self.end)
        return f"[{told(self.start)}, {end})"


def midnight(day: date) -> datetime:
    """The first instant of a day, in UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def instant(text: str) -> datetime:
    """
    An instant as people write it: a date means its first instant in UTC.

    Examples
    --------
    >>> instant("2027-02-01").isoformat(), instant("2027-02-01T09:30:00+01:00").isoformat()
    ('2027-02-01T00:00:00+00:00', '2027-02-01T08:30:00+00:00')

    Raises
    ------
    BadPeriod
        The text is no date, or lies outside the years that are kept.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        found = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadPeriod(f"{text!r} is no date; write one as 2027-02-01 or 2027-02-01T09:30:00+01:00.") from None
    if not BEGINNING <= found <= FOREVER:
        raise BadPeriod(f"{text} is outside {BEGINNING:%Y-%m-%d} to {FOREVER:%Y-%m-%d}, where dates are kept.")
    return found


def told(at: datetime) -> str:
    """
    An instant for people, in whole seconds: the date alone where it is midnight in UTC.

    Examples
    --------
    >>> told(datetime(2027, 2, 1, tzinfo=UTC)), told(datetime(2027, 2, 1, 9, 30, 0, 587_666, tzinfo=UTC))
    ('2027-02-01', '2027-02-01 09:30:00+00:00')
    """
    at = at.astimezone(UTC)
    if at.time() == time():
        return f"{at:%Y-%m-%d}"
    return at.isoformat(sep=" ", timespec="seconds")


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 began, as SQLite keeps instants."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@lru_cache(maxsize=16_384)
def from_microseconds(count: int) -> datetime:
    """The instant so many microseconds after 1970 began."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=count)
