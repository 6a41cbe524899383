"""The section `caps`: how much somebody may have at most."""

from __future__ import annotations

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans.parts import items
from patchbook.plans.tree import Node
from patchbook.routing.caps import FIGURES
from patchbook.routing.lead import Kind
from patchbook.routing.route import Cap

CAP = "a cap"

SETTINGS: tuple[Setting, ...] = (
    Setting(name="name", where=CAP, kind="text", help="What it is called.", required=True),
    Setting(name="per", where=CAP, kind="choice", help="What it limits.", required=True, choices=tuple(FIGURES)),
    Setting(
        name="at_most",
        where=CAP,
        kind="number",
        help="The most a full-time seat may have.",
        required=True,
    ),
    Setting(
        name="kinds",
        where=CAP,
        kind="list of choices",
        help="The kinds it counts and holds for.",
        default="all",
        choices=tuple(Kind),
    ),
    Setting(name="people", where=CAP, kind="list of texts", help="Ids of those it holds for.", default="all"),
    Setting(
        name="scaled",
        where=CAP,
        kind="yes or no",
        help="Whether it is multiplied by each person's share: capacity times ramp.",
        default="yes",
    ),
)


def read(node: Node, reader: SectionReader) -> tuple[Cap, ...]:
    """The caps a person wrote."""
    found: list[Cap] = []
    for number, item in enumerate(items(node)):
        made, is_whole = reader.settings(item, f"caps[{number}]", CAP)
        if is_whole:
            found.append(Cap(**{**made, "kinds": tuple(map(Kind, made.get("kinds", ())))}))
    return tuple(found)


SECTION = Section(
    name="caps",
    help="How much somebody may be given, or have open, at most.",
    read=read,
    default=tuple,
    settings=SETTINGS,
)
