"""The section `live_changes`: what is done when a field of an account changes."""

from __future__ import annotations

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.live.policy import Answer, Policy
from patchbook.plans import values
from patchbook.plans.tree import Node

GROUP = "the section live_changes"
ANSWERS = tuple(Answer)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="default", where=GROUP, kind="choice", help="What is done when any other field changes.",
        default="propose", choices=ANSWERS,
    ),
    Setting(name="fields", where=GROUP, kind="answers", help="Field → what is done when it changes.", default="none"),
    Setting(
        name="rules", where=GROUP, kind="answers",
        help="Layer of the plan → what is done when an account would go there, whatever field changed.", default="none",
    ),
    Setting(
        name="new_accounts", where=GROUP, kind="choice", help="What is done with accounts without a territory.",
        default="propose", choices=ANSWERS,
    ),
    Setting(
        name="hold_days", where=GROUP, kind="whole number",
        help="Days a change must have held before an account moves.", default="7",
    ),
    Setting(
        name="margin_percent", where=GROUP, kind="positive number",
        help="A number that changed by at least so much need not hold that long.", default="50",
    ),
    Setting(
        name="rest_days", where=GROUP, kind="whole number",
        help="Days an account that moved so does not move again.", default="90",
    ),
)  # fmt: skip


def read(node: Node, reader: SectionReader) -> Policy:
    """The policy a person wrote."""

    def answers(one: Node, place: str, _: Setting) -> dict[str, Answer]:
        found = {}
        for name, here, _key, value in reader.named(one, place, "employees: act"):
            with reader.reported(value, here, f"{name}: "):
                found[name] = Answer(values.choice(value, ANSWERS))
        return found

    reader.of_kind("answers", answers)
    made, _ = reader.settings(node, "live_changes", GROUP)
    for name in ("default", "new_accounts"):
        if name in made:
            made[name] = Answer(made[name])
    return Policy(**made)


SECTION = Section(
    name="live_changes",
    help="What is done when a field of an account changes: act, propose or ignore, and how much change it takes.",
    read=read,
    default=Policy,
    settings=SETTINGS,
)
