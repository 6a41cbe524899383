"""The section `routes`: which leads go which way, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans import values
from patchbook.plans.parts import items
from patchbook.plans.tree import Mapping as Group
from patchbook.plans.tree import Node, Scalar
from patchbook.plans.values import Wrong, shape
from patchbook.routing.decide import DEFAULT
from patchbook.routing.lead import Kind, Motion
from patchbook.routing.match import TIE_BREAKS
from patchbook.routing.questions.owners import OWNER
from patchbook.routing.route import Hours, Leave, Needs, Nobody, Route, Taking, Terms
from patchbook.routing.stage import Stage
from patchbook.routing.stages import STAGES
from patchbook.rules.parse import parse
from patchbook.rules.source import nearest

ROUTE, TAKING, NEEDS = "a route", "what a route is for", "what a route needs"
BY_KEY: Mapping[str, type[Stage]] = {stage.key: stage for stage in STAGES}
MAIN: Mapping[str, str] = {"pool": "pool", "person": "person"}
"""Stages that are about one thing, which may stand behind their name: `pool: Inbound`."""


def stage_of(key: str) -> str:
    """The group of a stage's settings, as a planner would say."""
    return f"the stage {key}"


def _setting(name: str, where: str, kind: str, help: str, default: str = "", **more: Any) -> Setting:
    return Setting(name=name, where=where, kind=kind, help=help, default=default, **more)


def _terms(key: str, **defaults: str) -> tuple[Setting, ...]:
    where = stage_of(key)
    return (
        _setting("hours", where, "choice", "What to do with somebody outside their working hours.",
                 defaults["hours"], choices=tuple(Hours)),
        _setting("leave", where, "choice", "What to do with somebody on leave.", defaults["leave"],
                 choices=tuple(Leave)),
        _setting("caps", where, "yes or no", "Whether caps hold.", defaults["caps"]),
        _setting("needs", where, "yes or no", "Whether they must have what the lead and the route need.",
                 defaults["needs"]),
        _setting("if_nobody", where, "choice", "What to do when everybody was passed over.", "next",
                 choices=tuple(Nobody)),
    )  # fmt: skip


_KNOWN = {"hours": "anyway", "leave": "cover", "caps": "no", "needs": "no"}
_SHARED = {"hours": "next", "leave": "next", "caps": "yes", "needs": "yes"}

SETTINGS: tuple[Setting, ...] = (
    _setting("name", ROUTE, "text", "What it is called.", required=True),
    _setting("for", ROUTE, "what a route is for", "Which leads it takes.", "all", attribute="takes"),
    _setting("needs", ROUTE, "needs", "What somebody must have to be given one of them.", "the lead's language"),
    _setting("stages", ROUTE, "stages", "Who is asked, in order; after the last comes the queue.", required=True),
    _setting("kind", TAKING, "list of choices", "Kinds it takes.", "all", choices=tuple(Kind), attribute="kinds"),
    _setting("motion", TAKING, "list of choices", "Motions it takes.", "all", choices=tuple(Motion),
             attribute="motions"),
    _setting("where", TAKING, "condition", "A condition on the lead's fields.", "none"),
    _setting("skills", NEEDS, "list of texts", "Skills somebody must have.", "none"),
    _setting("languages", NEEDS, "list of texts", "Languages somebody must speak.", "none"),
    _setting("products", NEEDS, "list of texts", "Products somebody must sell.", "none"),
    _setting("language_of_lead", NEEDS, "yes or no", "Whether they must speak the lead's language, if it has one.",
             "yes"),
    _setting("product_of_lead", NEEDS, "yes or no", "Whether they must sell the lead's product, if it has one.", "no"),
    _setting("at_least", stage_of("match"), "share", "The score from which a match is believed.", "0.7"),
    _setting("tie_within", stage_of("match"), "number",
             "How many bits of evidence behind the best another may be to count as good.", "1"),
    _setting("tie_breaks", stage_of("match"), "list of choices", "What decides between those, in order.",
             ", ".join(TIE_BREAKS), choices=tuple(TIE_BREAKS)),
    _setting("role", stage_of("owner"), "text", "The role that gets it.", OWNER),
    *_terms("owner", **_KNOWN),
    _setting("days", stage_of("sticky"), "whole number", "How long ago at most; 0 for however long.", "90"),
    *_terms("sticky", **_SHARED),
    _setting("role", stage_of("territory"), "text", "The role that gets it.", OWNER),
    *_terms("territory", hours="anyway", leave="cover", caps="yes", needs="yes"),
    _setting("pool", stage_of("pool"), "text", "The pool, by name or id.", required=True),
    *_terms("pool", **_SHARED),
    _setting("person", stage_of("person"), "text", "The person's id.", required=True),
    *_terms("person", **_KNOWN),
)  # fmt: skip


def read(node: Node, reader: SectionReader) -> tuple[Route, ...]:
    """The routes a person wrote."""
    reader.of_kind(TAKING, lambda one, place, _: _taking(reader, one, place))
    reader.of_kind("needs", lambda one, place, _: Needs(**reader.settings(one, place, NEEDS)[0]))
    reader.of_kind("stages", lambda one, place, _: _stages(reader, one, place))
    found: list[Route] = []
    for number, item in enumerate(items(node)):
        place = f"routes[{number}]"
        made, is_whole = reader.settings(item, place, ROUTE)
        if not is_whole:
            continue
        if any(made["name"] == route.name for route in found):
            reader.report(item, place, f"there are two routes called {made['name']!r}; give each a name of its own")
        elif any(route.takes == Taking() for route in found):
            before = next(route.name for route in found if route.takes == Taking())
            reader.report(
                item, place, f"the route {made['name']!r} takes nothing, since {before!r} above it takes all; swap them"
            )
        found.append(Route(**made))
    if not found and not reader.problems:
        raise Wrong("there is no route; leave the section out to go by owner and territory")
    return tuple(found)


def _taking(reader: SectionReader, node: Node, place: str) -> Taking:
    found, _ = reader.settings(node, place, TAKING)
    return Taking(
        kinds=tuple(map(Kind, found.get("kinds", ()))),
        motions=tuple(map(Motion, found.get("motions", ()))),
        where=parse(found["where"]) if "where" in found else None,
    )


def _stages(reader: SectionReader, node: Node, place: str) -> tuple[Stage, ...]:
    made = [_stage(reader, item, f"{place}[{number}]") for number, item in enumerate(items(node))]
    if not made:
        raise Wrong("there is no stage; name at least one, as in stages: [match, owner, territory]")
    return tuple(stage for stage in made if stage is not None)


def _stage(reader: SectionReader, node: Node, place: str) -> Stage | None:
    """A stage by its name alone, or with its settings below its name."""
    if isinstance(node, Scalar):
        return _made(reader, values.text(node), node, None, place)
    if not isinstance(node, Group) or len(node.value) != 1:
        raise Wrong(f"a {shape(node)} stands where a stage is expected; write it as owner, or as pool: Inbound")
    key_node, below = node.value[0]
    return _made(reader, values.text(key_node), key_node, below, place)


def _made(reader: SectionReader, key: str, node: Node, below: Node | None, place: str) -> Stage | None:
    made = BY_KEY.get(key)
    if made is None:
        near = nearest(key, BY_KEY)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(BY_KEY)}"
        reader.report(node, place, f"{key!r} is not a stage; {hint}")
        return None
    main = MAIN.get(key)
    if below is None or (isinstance(below, Scalar) and main is None):
        if main is not None or below is not None:
            written = "as {key}: and its name or id" if main is not None else "by its name alone, or with settings"
            reader.report(node, place, f"the stage {key} is written {written.format(key=key)}")
            return None
        return made()
    if isinstance(below, Scalar) and main is not None:
        return made(**{main: values.text(below)})
    found, is_whole = reader.settings(below, place, stage_of(key))
    return _with_terms(made, found) if is_whole else None


def _with_terms(made: type[Stage], found: dict[str, Any]) -> Stage:
    """The stage with its own options, and its terms where some are given."""
    named = {field.name for field in fields(Terms)} & set(found)
    own = {name: value for name, value in found.items() if name not in named}
    stage = made(**own)
    if not named:
        return stage
    told = {name: _TERMS[name](found[name]) for name in named}
    return replace(stage, terms=replace(stage.terms, **told))  # type: ignore[type-var, attr-defined]


_TERMS: Mapping[str, Any] = {"hours": Hours, "leave": Leave, "caps": bool, "needs": bool, "if_nobody": Nobody}

SECTION = Section(
    name="routes",
    help="Which leads go which way: the first route that takes a lead asks its stages in order.",
    read=read,
    default=lambda: DEFAULT.routes,
    settings=SETTINGS,
)
