"""How long a lead may wait: to be accepted, and for the first word, in business minutes of who has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from patchbook.routing.calendar import Calendar, NeverWorking
from patchbook.routing.lead import Kind, Motion


class What(StrEnum):
    """What a timer waits for."""

    ACCEPT = "accept"
    FIRST_TOUCH = "first touch"


@dataclass(frozen=True, kw_only=True)
class ServiceLevel:
    """How long leads of some kinds may wait, and what is done when they wait longer."""

    name: str
    kinds: tuple[Kind, ...] = ()
    """The kinds it is for; all where none are named."""
    motions: tuple[Motion, ...] = ()
    accept_within: float | None = None
    """Business minutes."""
    accept_reminder: float | None = None
    """Who has it is reminded after so many business minutes."""
    touch_within: float | None = None
    touch_reminder: float | None = None
    reassigns: bool = True
    """Whether a lead that waited too long goes to somebody else once, before a manager is told."""

    def is_for(self, kind: Kind, motion: Motion) -> bool:
        """Whether leads like this have it."""
        return (not self.kinds or kind in self.kinds) and (not self.motions or motion in self.motions)

    def timers(self, calendar: Calendar, at: datetime) -> Iterator[Timing]:
        """The timers that begin when somebody gets a lead."""
        for what, within, reminder in (
            (What.ACCEPT, self.accept_within, self.accept_reminder),
            (What.FIRST_TOUCH, self.touch_within, self.touch_reminder),
        ):
            if within is not None:
                remind = due_after(calendar, at, reminder) if reminder is not None and reminder < within else None
                yield Timing(what=what, minutes=within, remind_at=remind, due_at=due_after(calendar, at, within))


@dataclass(frozen=True, kw_only=True)
class Timing:
    """When a timer reminds and when it runs out."""

    what: What
    minutes: float
    remind_at: datetime | None
    due_at: datetime


def level_of(levels: Iterable[ServiceLevel], kind: Kind, motion: Motion) -> ServiceLevel | None:
    """The first service level a lead has."""
    return next((level for level in levels if level.is_for(kind, motion)), None)


def due_after(calendar: Calendar, at: datetime, minutes: float) -> datetime:
    """
    When so many business minutes have passed.

    For somebody who never works the clock on the wall counts, so that their leads are not forgotten.
    """
    try:
        return calendar.add_business_minutes(at, minutes)
    except NeverWorking:
        return at + timedelta(minutes=minutes)
