"""The section `pools`: how a pool shares what reaches it. Who is in it stands in the record."""

from __future__ import annotations

from collections.abc import Mapping

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans.tree import Node
from patchbook.routing.route import Absent, Choose, PoolRules

POOL = "a pool"
WAYS = ("owner", "sticky", "manual")
"""Ways a lead reaches a member that may count as a turn."""

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="choose",
        where=POOL,
        kind="choice",
        help="Who of those who may have it gets the next one.",
        default="turn",
        choices=tuple(Choose),
    ),
    Setting(
        name="absent",
        where=POOL,
        kind="choice",
        help="What becomes of turns somebody could not take.",
        default="hold position",
        choices=tuple(Absent),
    ),
    Setting(
        name="catch_up_to",
        where=POOL,
        kind="whole number",
        help="How many missed turns are made up for at most, with `absent: catch up`.",
        default="1",
    ),
    Setting(
        name="value",
        where=POOL,
        kind="text",
        help="The field that says what a lead is worth, with `choose: value`.",
        default="amount_usd",
    ),
    Setting(
        name="counts",
        where=POOL,
        kind="list of choices",
        help="Leads that reach a member another way and count as a turn all the same.",
        default="none",
        choices=WAYS,
    ),
)


def read(node: Node, reader: SectionReader) -> Mapping[str, PoolRules]:
    """How each pool shares, by the name or id it is written under."""
    found: dict[str, PoolRules] = {}
    for name, told in reader.groups(node, "pools", POOL, "Inbound: {choose: turn}"):
        if "choose" in told:
            told["choose"] = Choose(told["choose"])
        if "absent" in told:
            told["absent"] = Absent(told["absent"])
        found[name] = PoolRules(**{**told, "counts": frozenset(told.get("counts", ()))})
    return found


SECTION = Section(
    name="pools",
    help="How pools share what reaches them.",
    read=read,
    default=dict,
    settings=SETTINGS,
)
