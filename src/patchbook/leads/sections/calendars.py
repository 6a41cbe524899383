"""The section `calendars`: office hours and holidays by name, and who follows which."""

from __future__ import annotations

from datetime import date

from patchbook.errors import BadInput
from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.people.profile import check_time_zone, check_working_hours
from patchbook.plans import values
from patchbook.plans.parts import items
from patchbook.plans.tree import Mapping, Node
from patchbook.plans.values import Wrong, shape
from patchbook.routing.calendar import Calendar
from patchbook.routing.calendars import Calendars, Hours
from patchbook.routing.holidays import NoHolidays, public_holidays

CALENDAR = "a calendar"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="time_zone",
        where=CALENDAR,
        kind="time zone",
        help="The time zone of the office, as Europe/Berlin.",
        default="UTC",
    ),
    Setting(
        name="hours",
        where=CALENDAR,
        kind="hours of a week",
        help="Day of the week → stretches of local time, as monday: [09:00-12:30, 13:30-18:00].",
        default="monday to friday 09:00-17:00",
        attribute="working_hours",
    ),
    Setting(name="holidays", where=CALENDAR, kind="list of dates", help="Days on which nobody works.", default="none"),
    Setting(
        name="holidays_of",
        where=CALENDAR,
        kind="places",
        help="Countries, or parts of them as DE-BY, whose public holidays are added; needs the extra `holidays`.",
        default="none",
    ),
    Setting(name="people", where=CALENDAR, kind="list of texts", help="Ids of those who follow it.", default="nobody"),
    Setting(
        name="default",
        where=CALENDAR,
        kind="yes or no",
        help="Whether those follow it who have no other.",
        default="no",
    ),
)


def read(node: Node, reader: SectionReader) -> Calendars:
    """The calendars a person wrote."""
    reader.of_kind("time zone", lambda one, *_: _time_zone(one))
    reader.of_kind("hours of a week", lambda one, *_: _hours(one))
    reader.of_kind("list of dates", lambda one, *_: frozenset(values.day(item) for item in items(one, or_one=True)))
    reader.of_kind("places", lambda one, *_: _public(one))
    named: dict[str, Calendar] = {}
    people: dict[str, str] = {}
    default: str | None = None
    for name, made in reader.groups(node, "calendars", CALENDAR, "berlin: {time_zone: Europe/Berlin}"):
        for person_id in made.pop("people", ()):
            if person_id in people:
                reader.report(node, f"calendars.{name}.people", f"{person_id} follows {people[person_id]} and {name}")
            people[person_id] = name
        if made.pop("default", False):
            if default is not None:
                reader.report(
                    node, f"calendars.{name}.default", f"{default} and {name} are both the default; one can be"
                )
            default = name
        days: frozenset[date] = made.pop("holidays", frozenset()) | made.pop("holidays_of", frozenset())
        named[name] = Calendar(holidays=days, **made)
    return Calendars(named=named, people=people, default=default)


def _time_zone(node: Node) -> str:
    name = values.text(node)
    try:
        check_time_zone(name)
    except BadInput as wrong:
        raise Wrong(str(wrong).rstrip(".")) from None
    return name


def _hours(node: Node) -> Hours:
    if not isinstance(node, Mapping):
        raise Wrong(f"a {shape(node)} stands here; write days, as monday: [09:00-17:00]")
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for key, value in node.value:
        stretches = []
        for item in items(value, or_one=True):
            start, _, end = values.text(item).partition("-")
            stretches.append((start.strip(), end.strip()))
        found[values.text(key)] = tuple(stretches)
    try:
        check_working_hours(found)
    except BadInput as wrong:
        raise Wrong(str(wrong).rstrip(".")) from None
    return found


def _public(node: Node) -> frozenset[date]:
    days: frozenset[date] = frozenset()
    for item in items(node, or_one=True):
        try:
            days |= public_holidays(values.text(item))
        except NoHolidays as wrong:
            raise Wrong(str(wrong).rstrip(".")) from None
    return days


SECTION = Section(
    name="calendars",
    help="Office hours and holidays by name; a person's own time zone and hours in the record go before them.",
    read=read,
    default=Calendars,
    settings=SETTINGS,
)
