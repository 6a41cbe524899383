"""Territories: the tree with who has what, the vacant seats, and how much of it all somebody covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.page import Page, cursor_of, key_of
from patchbook.ledger import desks
from patchbook.ledger.covering import Coverage, Covered, coverage
from patchbook.ledger.desks import Desk
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans.kept_borders import KeptBorders, borders_in_force
from patchbook.plans.workloads import Workload, workloads
from patchbook.territories import actions as territories
from patchbook.territories.territory import Node, Territory
from patchbook.web.models import After, InPath
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.ask import account_path, person_path, territory_path
from patchbook.web.pages.people import Load
from patchbook.web.pages.plan_borders import told

NAV = (Nav(title="Territories", path="/territories", section="Own"),)

router = Pages()

SHOWN = 200
GAPS = 20
BORDERS = 8


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has a seat."""

    role: str
    name: str
    path: str | None
    is_vacant: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A territory where it stands in the tree, with all below it."""

    name: str
    path: str
    kind: str
    depth: int
    holders: tuple[Holder, ...]
    covered: Covered
    """Of it and all below it."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """An account that nobody looks after."""

    name: str
    path: str
    territory: str | None
    worth: float | None


@dataclass(frozen=True, kw_only=True)
class TerritoriesPage:
    """The tree one may see, and how much of it is covered."""

    total: Covered
    worth: str | None
    lines: tuple[Line, ...]
    next: str | None
    segments: tuple[tuple[str, Covered], ...]
    gaps: tuple[Gap, ...]
    vacant: int
    """Owner seats that nobody fills."""


@dataclass(frozen=True, kw_only=True)
class TerritoryPage:
    """One territory."""

    territory: Territory
    above: tuple[tuple[str, str], ...]
    holders: tuple[Holder, ...]
    seats: tuple[Desk, ...]
    below: tuple[Line, ...]
    covered: Covered
    worth: str | None
    loads: tuple[Load, ...]
    gaps: tuple[Gap, ...]
    steward: str | None
    borders: tuple[KeptBorders, ...]
    """Why it ends where it does, by each active plan that carved it; those that hold most accounts."""


def load(
    tx: Connection, *, after: str | None = None, limit: int = SHOWN, by: Principal, at: datetime
) -> TerritoriesPage:
    """The tree from the top down; the same number of queries however many territories there are."""
    nodes = territories.tree(tx, on=at, by=by, at=at)
    found = coverage(tx, by=by, at=at)
    sums = _with_below(nodes, found.by_territory)
    page = _page(nodes, after, limit)
    seats = desks.desks(tx, territory_ids=[node.territory.territory_id for node in page.rows], on=at, by=by, at=at)
    vacant = [one for one in desks.vacant(tx, on=at, by=by, at=at) if one.owns]
    return TerritoriesPage(
        total=found.total,
        worth=found.worth,
        lines=_lines(tx, page.rows, seats, sums, at=at),
        next=page.next_cursor,
        segments=tuple(sorted(found.by_segment.items(), key=lambda pair: -pair[1].accounts)),
        gaps=_gaps(found, nodes),
        vacant=len(vacant),
    )


def load_one(tx: Connection, territory_id: str, *, by: Principal, at: datetime) -> TerritoryPage:
    """
    One territory with its seats, what lies below it, and how full and how covered it is.

    Raises
    ------
    UnknownTerritory
        There is none on this day, or none this person may see.
    """
    one = territories.get(tx, territory_id, on=at, by=by, at=at)
    line = territories.path(tx, territory_id, on=at, by=by, at=at)
    nodes = territories.tree(tx, on=at, by=by, at=at)
    here = next(place for place, node in enumerate(nodes) if node.territory.territory_id == territory_id)
    under = []
    for node in nodes[here + 1 :]:
        if node.depth <= nodes[here].depth:
            break
        under.append(node)
    found = coverage(tx, by=by, at=at)
    sums = _with_below(nodes, found.by_territory)
    shown = [node for node in under if node.depth == nodes[here].depth + 1]
    ids = [territory_id, *(node.territory.territory_id for node in shown)]
    seats = desks.desks(tx, territory_ids=ids, on=at, by=by, at=at)
    theirs = [desk for desk in seats if desk.territory_id == territory_id]
    names = names_of(tx, [one.steward_id], at=at)
    inside = {territory_id, *(node.territory.territory_id for node in under)}
    (self_line,) = _lines(tx, [nodes[here]], theirs, sums, at=at)
    return TerritoryPage(
        territory=one,
        above=tuple((part.name, territory_path(part.territory_id)) for part in line[:-1]),
        holders=self_line.holders,
        seats=tuple(theirs),
        below=_lines(tx, shown, seats, sums, at=at),
        covered=sums.get(territory_id, Covered()),
        worth=found.worth,
        loads=tuple(_load(part) for part in workloads(tx, by=by, at=at).get(one.name, ())),
        gaps=tuple(gap for gap, where in _gaps_in(found, nodes) if where in inside)[:GAPS],
        steward=names.get(one.steward_id or ""),
        borders=tuple(
            replace(kept, borders=told(tx, list(kept.borders[:BORDERS]), by=by, at=at))
            for kept in borders_in_force(tx, one.name, by=by, at=at)
        ),
    )


def _load(part: Workload) -> Load:
    return Load(measure=part.measure, plan=part.plan, carries=part.carries, target=part.target)


def _page(nodes: tuple[Node, ...], after: str | None, limit: int) -> Page[Node]:
    start = 0
    if after is not None:
        (last,) = key_of(after, str)
        found = (place for place, node in enumerate(nodes, start=1) if node.territory.territory_id == last)
        start = next(found, len(nodes))
    shown = nodes[start : start + limit]
    more = cursor_of(shown[-1].territory.territory_id) if start + limit < len(nodes) else None
    return Page(shown, more)


def _with_below(nodes: tuple[Node, ...], own: Mapping[str, Covered]) -> dict[str, Covered]:
    """Territory → what is covered in it and in all below it; those below come after those above."""
    sums = {node.territory.territory_id: own.get(node.territory.territory_id, Covered()) for node in nodes}
    for node in reversed(nodes):
        above = node.territory.parent_id
        if above in sums:
            sums[above] += sums[node.territory.territory_id]
    return sums


def _lines(
    tx: Connection,
    nodes: tuple[Node, ...] | list[Node],
    seats: list[Desk],
    sums: Mapping[str, Covered],
    *,
    at: datetime,
) -> tuple[Line, ...]:
    by_territory: dict[str, list[Desk]] = {}
    for desk in seats:
        by_territory.setdefault(desk.territory_id, []).append(desk)
    names = names_of(tx, [desk.person_id for desk in seats], at=at)
    least = min((node.depth for node in nodes), default=0)
    return tuple(
        Line(
            name=node.territory.name,
            path=territory_path(node.territory.territory_id),
            kind=node.territory.kind.value,
            depth=min(node.depth - least, 8),
            holders=tuple(_holder(desk, names) for desk in by_territory.get(node.territory.territory_id, ())),
            covered=sums.get(node.territory.territory_id, Covered()),
        )
        for node in nodes
    )


def _holder(desk: Desk, names: Mapping[str, str]) -> Holder:
    who = desk.person_id or desk.interim_id
    path = person_path(who) if who else None
    if desk.person_id is not None:
        return Holder(role=desk.role, name=names.get(desk.person_id, desk.person_id), path=path, is_vacant=False)
    if desk.pool_id is not None:
        return Holder(role=desk.role, name=f"the pool {desk.pool_id}", path=None, is_vacant=False)
    name = f"{desk.interim or desk.interim_id} in the interim" if desk.interim_id else "nobody"
    return Holder(role=desk.role, name=name, path=path, is_vacant=True)


def _gaps(found: Coverage, nodes: tuple[Node, ...]) -> tuple[Gap, ...]:
    return tuple(gap for gap, _ in _gaps_in(found, nodes))[:GAPS]


def _gaps_in(found: Coverage, nodes: tuple[Node, ...]) -> list[tuple[Gap, str | None]]:
    called = {node.territory.territory_id: node.territory.name for node in nodes}
    return [
        (
            Gap(
                name=one.name or one.account_id,
                path=account_path(one.account_id),
                territory=called.get(one.territory_id or ""),
                worth=one.worth,
            ),
            one.territory_id,
        )
        for one in found.gaps
    ]


@router.page("/territories", Deed.SEE)
def show(here: Looked, after: After = None) -> Response:
    """The tree."""
    return here.show("territories.html", load(here.tx, after=after, by=here.person, at=here.at))


@router.page("/territories/{territory_id}", Deed.SEE)
def show_one(here: Looked, territory_id: InPath) -> Response:
    """One territory."""
    return here.show("territory.html", load_one(here.tx, territory_id, by=here.person, at=here.at))
