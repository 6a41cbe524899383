"""The section `service_levels`: how long leads may wait."""

from __future__ import annotations

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans.tree import Node
from patchbook.routing.lead import Kind, Motion
from patchbook.routing.service_levels import ServiceLevel

LEVEL = "a service level"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="kinds",
        where=LEVEL,
        kind="list of choices",
        help="The kinds it is for.",
        default="all",
        choices=tuple(Kind),
    ),
    Setting(
        name="motions",
        where=LEVEL,
        kind="list of choices",
        help="The motions it is for.",
        default="all",
        choices=tuple(Motion),
    ),
    Setting(
        name="accept_within",
        where=LEVEL,
        kind="positive number",
        help="Business minutes until a lead must be accepted.",
        default="not awaited",
    ),
    Setting(
        name="accept_reminder",
        where=LEVEL,
        kind="positive number",
        help="Business minutes after which whoever has it is reminded to accept.",
        default="no reminder",
    ),
    Setting(
        name="touch_within",
        where=LEVEL,
        kind="positive number",
        help="Business minutes until somebody must have got in touch.",
        default="not awaited",
    ),
    Setting(
        name="touch_reminder",
        where=LEVEL,
        kind="positive number",
        help="Business minutes after which whoever has it is reminded to get in touch.",
        default="no reminder",
    ),
    Setting(
        name="reassign",
        where=LEVEL,
        kind="yes or no",
        help="Whether a lead that waited too long goes to somebody else once, before a manager is told.",
        default="yes",
        attribute="reassigns",
    ),
)


def read(node: Node, reader: SectionReader) -> tuple[ServiceLevel, ...]:
    """The service levels a person wrote, in their order."""
    found: list[ServiceLevel] = []
    for name, made in reader.groups(node, "service_levels", LEVEL, "inbound: {accept_within: 30}"):
        made["kinds"] = tuple(map(Kind, made.get("kinds", ())))
        made["motions"] = tuple(map(Motion, made.get("motions", ())))
        level = ServiceLevel(name=name, **made)
        for within, reminder, what in (
            (level.accept_within, level.accept_reminder, "accept"),
            (level.touch_within, level.touch_reminder, "touch"),
        ):
            if reminder is not None and (within is None or reminder >= within):
                limit = "nothing is awaited" if within is None else f"{what}_within is {within:g}"
                reader.report(
                    node,
                    f"service_levels.{name}.{what}_reminder",
                    f"{what}_reminder of {name} is {reminder:g} and {limit}; a reminder comes before time runs out",
                )
        if level.accept_within is None and level.touch_within is None:
            where = f"service_levels.{name}"
            reader.report(node, where, f"{name} awaits nothing; give it accept_within or touch_within, in minutes")
        found.append(level)
    return tuple(found)


SECTION = Section(
    name="service_levels",
    help="How long leads may wait to be accepted and for the first word, in business minutes of who has them.",
    read=read,
    default=tuple,
    settings=SETTINGS,
)
