"""The calendars of the company: office hours and holidays by name, and which of them a person follows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from patchbook.period import Period
from patchbook.routing.calendar import Calendar

Hours = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """
    The section `calendars` of the routing document.

    Examples
    --------
    >>> Calendars().of("ann", time_zone="Asia/Tokyo").time_zone
    'Asia/Tokyo'
    """

    named: Mapping[str, Calendar] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """Person → the calendar they were given by name."""
    default: str | None = None
    """The calendar of those who have none by name, and none of whose own time zone is there."""

    def of(
        self,
        person_id: str,
        *,
        time_zone: str | None = None,
        working_hours: Hours | None = None,
        leave: Iterable[Period] = (),
    ) -> Calendar:
        """
        When a person works: their own time zone and hours where the record has them, else those of their calendar.

        Their calendar is the one that names them, else the first of their time zone, else the default, else office
        hours without holidays.
        """
        name = self.people.get(person_id)
        if name is None and time_zone is not None:
            name = next((one for one, office in self.named.items() if office.time_zone == time_zone), None)
        office = self.named.get(name or self.default or "", Calendar())
        return replace(
            office,
            time_zone=time_zone or office.time_zone,
            working_hours=working_hours or office.working_hours,
            leave=tuple(sorted((*office.leave, *leave))),
        )
