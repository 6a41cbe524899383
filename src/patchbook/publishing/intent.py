"""What a plan comes to in the record: its territories with their ids, seats and who fills them from a date on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.db.metadata import new_id
from patchbook.errors import BadInput
from patchbook.period import FOREVER, Period
from patchbook.plans.plan import CarveLayer, HouseLayer, Layer, NamedLayer
from patchbook.plans.state import PlanState, parsed
from patchbook.publishing import store
from patchbook.publishing.seats import Filling, fillings
from patchbook.territories.territory import Kind

ROOT = "Company"
"""What the top of the tree is called where there is none yet."""


class NotInTheRecord(BadInput):
    """A plan gives a territory to somebody the record does not know."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A territory or group of the plan as the record will hold it."""

    territory_id: str
    name: str
    kind: Kind
    parent_id: str | None
    is_new: bool
    places: tuple[Period, ...]
    """Periods for which its place has to be written; none where it is in the tree already."""


@dataclass(frozen=True, kw_only=True)
class PlannedSeat:
    """The owner seat of a territory of the plan."""

    node: Node
    seat_id: str
    is_new: bool
    wanted: str | None
    """Whom the plan names."""
    fillings: tuple[Filling, ...]
    """What to write; empty where people filled a seat that the plan leaves vacant, which then stands."""
    owner: str | None
    """Who owns its accounts on the date: the person, the pool or the interim."""
    is_vacant: bool


@dataclass(frozen=True, kw_only=True)
class Intent:
    """Everything a plan would write but the assignments themselves."""

    state: PlanState
    on: datetime
    groups: tuple[Node, ...]
    seats: tuple[PlannedSeat, ...]
    employed: Mapping[str, Sequence[Period]]
    later: pl.DataFrame
    """Assignments decided for a later date, see `store.decided_for_later`."""

    @property
    def by_name(self) -> dict[str, PlannedSeat]:
        """Territory of the plan → its seat."""
        return {seat.node.name: seat for seat in self.seats}


def intend(tx: Connection, state: PlanState, *, on: datetime) -> Intent:
    """
    What publishing this plan for `on` comes to.

    Raises
    ------
    NotInTheRecord
        The plan names people who were never imported.
    """
    employed = store.employments(tx)
    wanted = state.territories.select("territory", "person").rows()
    strangers = sorted({person for _, person in wanted if person is not None and person not in employed})
    if strangers:
        where = next(name for name, person in wanted if person == strangers[0])
        more = f" (and {len(strangers) - 1} more)" if len(strangers) > 1 else ""
        raise NotInTheRecord(
            f"The plan gives {where!r} to {strangers[0]!r}{more}, whom the record has no employment of;"
            " import the people first."
        )
    tree = _Tree(tx, on)
    nodes = _nodes(state, tree)
    return Intent(
        state=state,
        on=on,
        groups=tuple(tree.groups),
        seats=_seats(tx, state, nodes, employed, on),
        employed=employed,
        later=store.decided_for_later(tx, on),
    )


class _Tree:
    """Names → ids, as believed; groups are made on the way."""

    def __init__(self, tx: Connection, on: datetime) -> None:
        self.on = on
        self.known: dict[tuple[str, bool], str] = {}
        self.places: dict[str, list[Period]] = {}
        self.groups: list[Node] = []
        roots = []
        for row in store.places(tx):
            period = Period(row["valid_from"], row["valid_to"])
            is_group = row["kind"] == Kind.GROUP
            self.places.setdefault(row["territory_id"], []).append(period)
            if period.contains(on) or (row["name"], is_group) not in self.known:
                self.known[row["name"], is_group] = row["territory_id"]
            if period.contains(on) and row["parent_id"] is None and is_group:
                roots.append((row["name"], row["territory_id"]))
        named = [root for name, root in roots if name == ROOT]
        chosen = roots[0][1] if len(roots) == 1 else named[0] if named else None
        self.root = chosen or self.group(ROOT, None)

    def group(self, name: str, parent_id: str | None) -> str:
        """The id of a group of that name, which is made where there is none."""
        made = next((node for node in self.groups if node.name == name), None)
        if made is None:
            made = self.node(name, Kind.GROUP, parent_id)
            self.groups.append(made)
        return made.territory_id

    def node(self, name: str, kind: Kind, parent_id: str | None) -> Node:
        """A territory of that name, in the tree from the date on."""
        found = self.known.get((name, kind is Kind.GROUP))
        places = self.places.get(found, []) if found else []
        free: list[Period] = [] if any(place.contains(self.on) for place in places) else [Period(self.on, FOREVER)]
        for place in places:
            free = [piece for period in free for piece in period.without(place)]
        return Node(
            territory_id=found or new_id("territory"),
            name=name,
            kind=kind,
            parent_id=parent_id,
            is_new=found is None,
            places=tuple(free),
        )


def _nodes(state: PlanState, tree: _Tree) -> list[Node]:
    layers = {layer.name: _kind(layer) for layer in parsed(state.plan).layers}
    nodes = []
    for row in state.territories.iter_rows(named=True):
        parent = row.get("parent")
        parent_id = tree.root if parent is None else tree.group(parent, tree.root)
        nodes.append(tree.node(row["territory"], layers.get(row["layer"], Kind.GEOGRAPHIC), parent_id))
    return nodes


def _kind(layer: Layer) -> Kind:
    if isinstance(layer, NamedLayer):
        return Kind.NAMED
    if isinstance(layer, HouseLayer):
        return Kind.HOUSE
    if isinstance(layer, CarveLayer) and not layer.similar and (layer.compact or layer.contiguous or not layer.by):
        return Kind.GEOGRAPHIC
    return Kind.VERTICAL


def _seats(
    tx: Connection, state: PlanState, nodes: Sequence[Node], employed: Mapping[str, Sequence[Period]], on: datetime
) -> tuple[PlannedSeat, ...]:
    known = store.owner_seats(tx)
    believed: dict[str, list[store.Fact]] = {}
    for row in store.staffings(tx, on):
        believed.setdefault(row["seat_id"], []).append(row)
    managers = _manager_of_layer(state.territories, store.managers(tx))
    found = []
    for node, row in zip(nodes, state.territories.iter_rows(named=True), strict=True):
        seat_id = known.get(node.territory_id)
        beliefs = believed.get(seat_id, []) if seat_id else []
        now: store.Fact | None = next((fact for fact in beliefs if fact["valid_from"] <= on), None)
        by_people = now is not None and (now["pool_id"] or (now["person_id"] and not now["is_superseded"]))
        if now is not None and row["person"] is None and by_people:
            owner = now["person_id"] or now["pool_id"]
            filled: tuple[Filling, ...] = ()
        else:
            interim = _interim(row, now, managers) if node.kind is not Kind.HOUSE else None
            later = [
                Period(fact["valid_from"], fact["valid_to"])
                for fact in beliefs
                if fact["valid_from"] > on and not fact["is_superseded"]
            ]
            filled = fillings(row["person"], interim, on=on, employed=employed, later=later)
            owner = filled[0].person_id or filled[0].interim_id
        found.append(
            PlannedSeat(
                node=node,
                seat_id=seat_id or new_id("seat"),
                is_new=seat_id is None,
                wanted=row["person"],
                fillings=filled,
                owner=owner,
                is_vacant=bool(filled) and filled[0].person_id is None,
            )
        )
    return tuple(found)


def _interim(row: Mapping[str, Any], now: store.Fact | None, managers: Mapping[str | None, str]) -> str | None:
    """Who takes care of a seat while it is vacant: the plan's word, else today's, else the layer's manager."""
    told: str | None = row.get("interim") or (now["interim_id"] if now is not None else None)
    return told or managers.get(row["layer"])


def _manager_of_layer(territories: pl.DataFrame, managers: Mapping[str, str]) -> dict[str | None, str]:
    """Layer → who manages most of its people; of equals the first by id."""
    counts: dict[str | None, Counter[str]] = {}
    for layer, person in territories.select("layer", "person").rows():
        if person in managers:
            counts.setdefault(layer, Counter())[managers[person]] += 1
    return {layer: min(count, key=lambda who: (-count[who], who)) for layer, count in counts.items()}
