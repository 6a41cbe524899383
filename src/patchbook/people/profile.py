"""What the record knows of a person: the people file's columns, when they work, and their employments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.people.person import Person
from patchbook.period import Period, told

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class UnknownPerson(NotFound):
    """There is no such person, or none this principal may see."""

    def __init__(self, person_id: str) -> None:
        super().__init__(f"There is no person {person_id!r}.")
        self.person_id = person_id


class BadProfile(BadInput):
    """A field of a profile cannot be as it was given."""


class NotEmployed(BadInput):
    """A person is given work at a time they are not employed."""

    def __init__(self, person_id: str, at: datetime, employed: Iterable[Period]) -> None:
        known = sorted(employed)
        when = ", ".join(one.says for one in known) or "never"
        super().__init__(f"{person_id} is not employed on {told(at)}; the record has them employed {when}.")
        self.person_id = person_id


class ManagerCycle(BadInput):
    """Somebody would be, through others, their own manager."""

    def __init__(self, loop: Iterable[str]) -> None:
        names = list(loop)
        super().__init__(
            f"{names[0]} cannot report to {names[1]}, who reports to {names[0]}"
            + (f" through {', '.join(names[2:-1])}" if len(names) > 3 else "")
            + "; a line of managers must end somewhere."
        )


class StaleRevision(Conflict):
    """Somebody changed it since it was read."""

    def __init__(self, what: str, *, read: int, now: int, by: str | None, at: datetime | None) -> None:
        who = f"; {by} changed it on {told(at)}" if by is not None and at is not None else ""
        super().__init__(f"{what} is at revision {now}, and you read revision {read}{who}; read it again.")
        self.now = now


@dataclass(frozen=True, kw_only=True)
class Profile(Person):
    """
    A person as the record keeps them.

    Examples
    --------
    >>> Profile(person_id="ann", name="Ann", time_zone="Europe/Berlin").share
    1.0
    """

    revision: int = 1
    time_zone: str | None = None
    """A name of the IANA time zone database, as `Europe/Berlin`."""
    working_hours: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Day of the week → stretches of local time, as `{"monday": (("09:00", "12:30"), ("13:30", "18:00"))}`."""
    employed: tuple[Period, ...] = ()
    """The employments believed now, oldest first."""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not self.person_id.strip() or not self.name.strip():
            raise BadProfile("A person needs an id and a name; one of the two is empty.")
        if self.time_zone is not None:
            check_time_zone(self.time_zone)
        check_working_hours(self.working_hours)
        if not self.capacity >= 0 or not 0 <= self.ramp <= 1:
            raise BadProfile(
                f"{self.person_id} has capacity {self.capacity:g} and ramp {self.ramp:g}; capacity is at least 0, and"
                " ramp between 0 and 1."
            )
        if self.manager_id == self.person_id:
            raise BadProfile(f"{self.person_id} is named as their own manager; name somebody else, or nobody.")

    def employment_on(self, at: datetime) -> Period:
        """
        The employment an instant lies in.

        Raises
        ------
        NotEmployed
            It lies in none.
        """
        for period in self.employed:
            if period.contains(at):
                return period
        raise NotEmployed(self.person_id, at, self.employed)


def check_time_zone(name: str) -> None:
    """Refuse what the time zone database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadProfile(f"There is no time zone {name!r}; write one as Europe/Berlin or America/New_York.") from None


def check_working_hours(hours: Mapping[str, Iterable[Iterable[str]]]) -> None:
    """Refuse days and stretches that cannot be."""
    for day, stretches in hours.items():
        if day not in DAYS:
            raise BadProfile(f"Working hours name the day {day!r}; the days are {', '.join(DAYS)}.")
        last = ""
        for stretch in stretches:
            ends = tuple(stretch)
            if len(ends) != 2 or not all(isinstance(end, str) and _CLOCK.fullmatch(end) for end in ends):
                raise BadProfile(f"Working hours on {day} hold {list(ends)}; write a stretch as 09:00 to 17:30.")
            if not last <= ends[0] < ends[1]:
                raise BadProfile(
                    f"Working hours on {day} hold {ends[0]} to {ends[1]}; each stretch ends after it starts, and the"
                    " next starts after that."
                )
            last = ends[1]
