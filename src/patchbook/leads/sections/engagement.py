"""The section `engagement`: rules of engagement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans.parts import items
from patchbook.plans.tree import Node
from patchbook.routing.engagement import (
    CASES,
    MOTIONS,
    SEATS,
    BadEngagement,
    Claims,
    DealRule,
    Deals,
    Engagement,
    Handoffs,
    Registrations,
    TimeOut,
)
from patchbook.routing.lead import Motion

Made = TypeVar("Made")

WHOLE, MOTION_RULES = "the engagement section", "the motions"
REGISTRATIONS, TIME_OUT, CLAIMS = "registrations", "a time-out", "claims"
DEALS, DEAL_RULE, HANDOFFS = "deals", "a rule for deals", "handoffs"
_SEATS = tuple(SEATS)


def _setting(name: str, where: str, kind: str, help: str, default: Any = "", **more: Any) -> Setting:
    return Setting(name=name, where=where, kind=kind, help=help, default=str(default), **more)


SETTINGS: tuple[Setting, ...] = (
    _setting("motions", WHOLE, "motion rules", "Who owns business by how it came about.", "as below"),
    _setting("cases", WHOLE, "list of choices", "Who gets a case: the first of these that somebody is.",
             ", ".join(CASES), choices=_SEATS),
    _setting("registrations", WHOLE, "registrations", "How long a deal that a partner registered is theirs.",
             "as below"),
    _setting("time_outs", WHOLE, "time-outs", "When an account nobody works on goes back, and where to.", "none"),
    _setting("claims", WHOLE, "claims", "What reps may take for themselves, and how much of it.", "as below"),
    _setting("deals", WHOLE, "deals", "Which territory an opportunity belongs to.", "as below"),
    _setting("handoffs", WHOLE, "handoffs", "What sales hands to customer success when a deal is won.", "as below"),
    _setting("notes", WHOLE, "list of texts", "Rules that only people can keep, told as they are written.",
             "none"),
    *(
        _setting(motion.value, MOTION_RULES, "list of choices",
                 f"Who owns {motion.value.removesuffix(' business')} business: the first of these that somebody is.",
                 ", ".join(seats), choices=_SEATS)
        for motion, seats in MOTIONS.items()
    ),
    _setting("days", REGISTRATIONS, "whole number", "Days a registration is in force.", 90),
    _setting("extension_days", REGISTRATIONS, "whole number", "Days it can be extended by, once.", 30),
    _setting("most_per_partner", REGISTRATIONS, "whole number",
             "Registrations of one partner that may wait or be in force at a time.", 20),
    _setting("motions", REGISTRATIONS, "list of choices",
             "Motions that go to the partner's manager while a registration is in force.",
             "partner sourced, inbound", choices=tuple(Motion)),
    _setting("days", TIME_OUT, "whole number", "Days without activity until an account goes back.", required=True),
    _setting("warning_days", TIME_OUT, "whole number", "Days before that its owner is told.", 14),
    _setting("returns_to", TIME_OUT, "text", "The territory, of a pool or the house, that gets it.", required=True),
    _setting("territories", TIME_OUT, "list of texts",
             "Territories it is for, with all below them.", "every territory"),
    _setting("open_deals_keep", TIME_OUT, "yes or no", "Whether an open opportunity counts as work going on.", "yes"),
    _setting("territories", CLAIMS, "list of texts", "Territories whose accounts may be claimed.", "none"),
    _setting("in_force", CLAIMS, "whole number", "The most claims one person has at a time.", 10),
    _setting("per_week", CLAIMS, "whole number", "The most one person makes in seven days.", 5),
    _setting("days", CLAIMS, "whole number", "Days a claim lasts.", 180),
    _setting("cool_down_days", CLAIMS, "whole number",
             "Days until somebody may claim an account again that was returned from them.", 30),
    _setting("rules", DEALS, "rules for deals", "Rules that give opportunities a territory of their own.", "none"),
    _setting("first_rule_wins", DEALS, "yes or no",
             "Whether of several rules that take one the first decides; otherwise somebody looks at it.", "no"),
    _setting("locked_at", DEALS, "list of texts", "Stages from which on the territory stays.", "none"),
    _setting("name", DEAL_RULE, "text", "What the rule is called.", required=True),
    _setting("where", DEAL_RULE, "condition",
             "A condition on the opportunity (deal, stage, amount_usd) and its account's fields.", required=True),
    _setting("territory", DEAL_RULE, "text", "The territory that gets it.", required=True),
    _setting("seats", HANDOFFS, "list of choices", "Who gets the customer: the first of these that somebody is.",
             "csm, am", choices=_SEATS),
    _setting("checklist", HANDOFFS, "list of texts", "What is to be done before it is accepted.",
             "four usual items"),
    _setting("days", HANDOFFS, "whole number", "Days there are to accept it.", 5),
)  # fmt: skip


def read(node: Node, reader: SectionReader) -> Engagement:
    """The rules of engagement a person wrote."""

    def group(where: str, make: Callable[..., Made]) -> Callable[[Node, str, Setting], Made | None]:
        return lambda one, place, _: _made(reader, one, place, where, make)

    def several(where: str, make: Callable[..., Made]) -> Callable[[Node, str, Setting], tuple[Made, ...]]:
        def read_all(one: Node, place: str, _: Setting) -> tuple[Made, ...]:
            made = (_made(reader, item, f"{place}[{index}]", where, make) for index, item in enumerate(items(one)))
            return tuple(found for found in made if found is not None)

        return read_all

    reader.of_kind("motion rules", lambda one, place, _: _motions(reader, one, place))
    reader.of_kind("registrations", group(REGISTRATIONS, _registrations))
    reader.of_kind("time-outs", several(TIME_OUT, TimeOut))
    reader.of_kind("claims", group(CLAIMS, Claims))
    reader.of_kind("deals", group(DEALS, Deals))
    reader.of_kind("rules for deals", several(DEAL_RULE, DealRule))
    reader.of_kind("handoffs", group(HANDOFFS, Handoffs))
    found, _ = reader.settings(node, "engagement", WHOLE)
    return Engagement(**{name: value for name, value in found.items() if value is not None})


def _made(reader: SectionReader, node: Node, place: str, where: str, make: Callable[..., Made]) -> Made | None:
    found, is_whole = reader.settings(node, place, where)
    if not is_whole:
        return None
    try:
        return make(**found)
    except BadEngagement as error:
        reader.report(node, place, str(error).rstrip("."))
        return None


def _registrations(motions: tuple[str, ...] | None = None, **found: Any) -> Registrations:
    if motions is not None:
        found["motions"] = tuple(map(Motion, motions))
    return Registrations(**found)


def _motions(reader: SectionReader, node: Node, place: str) -> dict[Motion, tuple[str, ...]]:
    found, _ = reader.settings(node, place, MOTION_RULES)
    return {**MOTIONS, **{Motion(motion): seats for motion, seats in found.items()}}


SECTION = Section(
    name="engagement",
    help="Rules of engagement: who owns business, registrations, time-outs, claims, deals and handoffs.",
    read=read,
    default=Engagement,
    settings=SETTINGS,
)
