"""One change of a plan's layers: what it is in words, and the document after it. Pure.

Layers are counted as people do, from 1, in the order in which they are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patchbook.errors import BadInput, Conflict
from patchbook.plans import rewriting
from patchbook.plans.plan import HouseLayer, Layer, NamedLayer, Plan, RuleLayer
from patchbook.words import listed

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "rule": ("territory", "where", "person"),
    "carve": ("name", "where"),
    "house": ("name",),
    "named": ("name",),
}
"""What can be changed of each kind of layer; the rest stands in the document."""
REQUIRED = frozenset({("rule", "territory"), ("rule", "where"), ("carve", "name")})


class NoSuchLayer(Conflict):
    """A change names a layer that the plan does not have, or not in its document."""


@dataclass(frozen=True, kw_only=True)
class MoveLayer:
    """A layer asked at another place."""

    layer: int
    to: int
    """Its number afterwards."""


@dataclass(frozen=True, kw_only=True)
class RemoveLayer:
    """A layer taken away."""

    layer: int


@dataclass(frozen=True, kw_only=True)
class ChangeLayer:
    """Other settings for a layer."""

    layer: int
    settings: Mapping[str, str]
    """Those that change; an empty text takes one away."""


@dataclass(frozen=True, kw_only=True)
class AddLayer:
    """A new layer."""

    kind: str
    """rule, carve or house."""
    settings: Mapping[str, str]
    before: int | None = None
    """The layer it comes before; without one it is the last, but for a house."""


LayerChange = MoveLayer | RemoveLayer | ChangeLayer | AddLayer


def kind_of(layer: Layer) -> str:
    """The word a layer has in the document."""
    if isinstance(layer, RuleLayer):
        return "rule"
    return {NamedLayer: "named", HouseLayer: "house"}.get(type(layer), "carve")


def called(plan: Plan, number: int) -> str:
    """A layer in a sentence: `rule 3 (Georgia)`."""
    if not 1 <= number <= len(plan.layers):
        raise NoSuchLayer(f"The plan has {len(plan.layers)} layers; there is none with the number {number}.")
    layer = plan.layers[number - 1]
    words = {"named": "list", "rule": "rule", "carve": "carve", "house": "house"}
    return f"{words[kind_of(layer)]} {number} ({layer.name})"


def says(plan: Plan, change: LayerChange) -> str:
    """What a change does, as it is said before and after it."""
    if isinstance(change, AddLayer):
        name = change.settings.get("territory") or change.settings.get("name") or "House"
        where = f" before {called(plan, change.before)}" if change.before is not None else ""
        return f"Add the {change.kind} {name}{where}"
    told = called(plan, change.layer)
    if isinstance(change, RemoveLayer):
        return f"Delete {told}"
    if isinstance(change, ChangeLayer):
        names = {"where": "condition", "person": "person", "territory": "territory", "name": "name"}
        return f"Change the {listed([names[name] for name in change.settings])} of {told}"
    called(plan, change.to)
    if change.to < change.layer:
        return f"Move {told} before {called(plan, change.to)}"
    return f"Move {told} after {called(plan, change.to)}"


def document_after(plan: Plan, document: str, change: LayerChange) -> str:
    """
    The document with the change in it, all else as it was.

    Raises
    ------
    NoSuchLayer
        The layer is not there, or stands for the catch-all of a group.
    CannotRewrite
        Only a person can change the text without losing something.
    """
    places = places_in_document(plan)
    if isinstance(change, AddLayer):
        settings = {name: value for name, value in _clean(change.kind, change.settings).items() if value}
        for kind, name in REQUIRED:
            if kind == change.kind and name not in settings:
                raise BadInput(f"A {kind} needs a {'condition' if name == 'where' else name}.")
        at = len(plan.layers) if change.before is None else change.before - 1
        if change.before is None and plan.layers and isinstance(plan.layers[-1], HouseLayer):
            at -= change.kind != "house"
        return rewriting.with_new(document, _next_place(places, at), change.kind, settings)
    place = _place(plan, places, change.layer)
    if isinstance(change, MoveLayer):
        return rewriting.moved(document, place, _place(plan, places, change.to))
    if isinstance(change, RemoveLayer):
        return rewriting.without(document, place)
    kind = kind_of(plan.layers[change.layer - 1])
    for name, value in _clean(kind, change.settings).items():
        if not value and (kind, name) in REQUIRED:
            raise BadInput(f"A {kind} needs a {'condition' if name == 'where' else name}.")
        document = rewriting.with_setting(document, place, name, value or None)
    return document


def places_in_document(plan: Plan) -> tuple[int | None, ...]:
    """For each layer its place among those of the document, from 0; None for the catch-all of a group."""
    found: list[int | None] = []
    number = 0
    for layer in plan.layers:
        stands = not (isinstance(layer, RuleLayer) and layer.catches_all)
        found.append(number if stands else None)
        number += stands
    return tuple(found)


def _clean(kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    known = SETTINGS.get(kind)
    if known is None:
        raise BadInput(f"{kind!r} is no kind of layer; there are {', '.join(SETTINGS)}.")
    for name in settings:
        if name not in known:
            raise BadInput(f"{name!r} of a {kind} is changed in the document, not here.")
    return {name: settings[name].strip() for name in known if name in settings}


def _place(plan: Plan, places: tuple[int | None, ...], number: int) -> int:
    told = called(plan, number)
    found = places[number - 1]
    if found is None:
        raise NoSuchLayer(
            f"{told[:1].upper()}{told[1:]} is the catch-all of a group; it follows the group, which is changed in the"
            " document."
        )
    return found


def _next_place(places: tuple[int | None, ...], at: int) -> int:
    """The place of the first layer of the document from there on."""
    standing = [place for place in places if place is not None]
    return next((place for place in places[at:] if place is not None), len(standing))
