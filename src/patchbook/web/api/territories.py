"""Territories: the tree on a date, and what is done with it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from patchbook.territories import actions as territories
from patchbook.territories.territory import Kind
from patchbook.web.models import Id, In, InPath, Listed, Name, On, Out, Paged, PeriodOut, When, Why, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["territories"])


class TerritoryIn(In):
    """A territory to be."""

    name: Name
    kind: Kind = Kind.GEOGRAPHIC
    parent_id: Id | None = None
    steward_id: Id | None = None
    review_on: When | None = None
    since: When
    reason: Why = "added"


class ChangedTerritoryIn(In):
    """What changes of a territory from a day on; what is left out stays."""

    on: When
    name: Name | None = None
    kind: Kind | None = None
    steward_id: Id | None = None
    review_on: When | None = None
    reason: Why = "changed"


class PlaceIn(In):
    """Under which territory this one goes with all below it, from when on; at the top where none is named."""

    parent_id: Id | None = None
    on: When


class TerritoryOut(Out):
    """A territory, as it is for a period."""

    territory_id: str
    name: str
    kind: Kind
    parent_id: str | None
    steward_id: str | None
    review_on: datetime | None
    valid: PeriodOut


class NodeOut(Out):
    """A territory where it stands in the tree; those above come before those below."""

    territory: TerritoryOut
    depth: int
    path: list[str]


@router.get("/territories")
def list_territories(tx: Transaction, person: SignedIn, at: Now, paging: Paged, on: On = None) -> Listed[NodeOut]:
    """The part of the tree one may see on a date, from the top down."""
    nodes = territories.tree(tx, on=on or at, by=person, at=at)
    return paging.sliced(NodeOut, nodes, key=lambda node: str(node.territory.territory_id))


@router.post("/territories", status_code=201)
def add_territory(what: TerritoryIn, tx: Transaction, person: SignedIn, at: Now) -> TerritoryOut:
    """Add a territory from a day on."""
    made = territories.add(tx, **what.model_dump(), by=person, at=at)
    return TerritoryOut.of(made)


@router.get("/territories/{territory_id}")
def get_territory(territory_id: InPath, tx: Transaction, person: SignedIn, at: Now, on: On = None) -> TerritoryOut:
    """A territory as it is on a date."""
    return TerritoryOut.of(territories.get(tx, territory_id, on=on or at, by=person, at=at))


@router.get("/territories/{territory_id}/path")
def list_path(territory_id: InPath, tx: Transaction, person: SignedIn, at: Now, on: On = None) -> Listed[TerritoryOut]:
    """The territory and those above it, the highest first."""
    return whole(TerritoryOut, territories.path(tx, territory_id, on=on or at, by=person, at=at))


@router.patch("/territories/{territory_id}")
def change_territory(
    territory_id: InPath, what: ChangedTerritoryIn, tx: Transaction, person: SignedIn, at: Now
) -> Listed[TerritoryOut]:
    """Change a territory's name, kind, steward or review date from a day on; the stretches it has from then on."""
    told = what.model_dump(exclude={"on", "reason"}, exclude_unset=True)
    found = territories.change(tx, territory_id, on=what.on, reason=what.reason, by=person, at=at, **told)
    return whole(TerritoryOut, found)


@router.put("/territories/{territory_id}/place")
def move_territory(
    territory_id: InPath, what: PlaceIn, tx: Transaction, person: SignedIn, at: Now
) -> Listed[TerritoryOut]:
    """Put a territory, with all below it, under another from a day on."""
    found = territories.move_subtree(tx, territory_id, what.parent_id, on=what.on, by=person, at=at)
    return whole(TerritoryOut, found)


class ClosingIn(In):
    """From when on a territory is no more."""

    on: When


@router.post("/territories/{territory_id}/closing", status_code=204)
def close_territory(territory_id: InPath, what: ClosingIn, tx: Transaction, person: SignedIn, at: Now) -> None:
    """End a territory on a day, with the seats in it."""
    territories.close(tx, territory_id, on=what.on, by=person, at=at)
