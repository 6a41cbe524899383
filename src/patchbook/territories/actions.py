"""What is done with the tree of territories. Everything is dated: it is so from a day on, and was otherwise before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.errors import Conflict
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import staffing
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere, in_scope
from patchbook.people.principal import Principal
from patchbook.people.profile import UnknownPerson
from patchbook.period import FOREVER, Period, told
from patchbook.territories import store
from patchbook.territories.store import place
from patchbook.territories.territory import (
    BadTerritory,
    Kind,
    Node,
    StillNeeded,
    Territory,
    TreeCycle,
    UnknownTerritory,
)
from patchbook.words import counted


def add(
    tx: Connection,
    name: str,
    *,
    kind: str = Kind.GEOGRAPHIC,
    parent_id: str | None = None,
    steward_id: str | None = None,
    review_on: datetime | None = None,
    since: datetime,
    reason: str = "",
    by: Principal,
    at: datetime,
) -> Territory:
    """
    Add a territory from a day on, below another or as a root of the tree.

    Raises
    ------
    UnknownTerritory
        There is no parent of that id on the day.
    Conflict
        Another territory has the name.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=parent_id)
    made = keep_new(
        tx,
        name,
        kind=kind,
        parent_id=parent_id,
        steward_id=steward_id,
        review_on=review_on,
        since=since,
        reason=reason,
        at=at,
    )
    told_after = {"parent": parent_id, "kind": made.kind.value, "since": told(since)}
    audit.record(tx, "add", made.territory_id, kind="territory", by=by.person_id, at=at, after=told_after)
    return made


def keep_new(
    tx: Connection,
    name: str,
    *,
    kind: str,
    parent_id: str | None,
    steward_id: str | None = None,
    review_on: datetime | None = None,
    since: datetime,
    reason: str,
    at: datetime,
) -> Territory:
    """Keep a new territory; rights and the audit event are the caller's."""
    made = Territory(
        territory_id=new_id("territory"),
        name=_name(name),
        kind=_kind(kind),
        parent_id=parent_id,
        steward_id=steward_id,
        review_on=review_on,
        valid=Period(since),
    )
    refuse_taken_name(tx, made.name, made.valid)
    if parent_id is not None:
        _refuse_missing_parent(tx, parent_id, made.valid)
    _refuse_unknown_steward(tx, steward_id)
    store.insert_territories(tx, [made.territory_id], at)
    lay(tx, place, [fact(made, reason or "added")], at=at)
    return made


def rename(
    tx: Connection, territory_id: str, name: str, *, on: datetime, by: Principal, at: datetime
) -> tuple[Territory, ...]:
    """Call a territory something else from a day on, until a change of its name that is planned already."""
    return change(tx, territory_id, on=on, by=by, at=at, name=name)


def change(
    tx: Connection, territory_id: str, *, on: datetime, reason: str = "", by: Principal, at: datetime, **changed: Any
) -> tuple[Territory, ...]:
    """
    Change a territory's name, kind, steward or review date from a day on; what is planned for later still holds.

    Raises
    ------
    UnknownTerritory
        There is no such territory on the day.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    if unknown := sorted(changed.keys() - {"name", "kind", "steward_id", "review_on"}):
        raise BadTerritory(f"A territory has no {unknown[0]!r} to change; there are name, kind, steward_id, review_on.")
    if "kind" in changed:
        changed["kind"] = _kind(changed["kind"])
    _refuse_unknown_steward(tx, changed.get("steward_id"))
    before = _known(tx, territory_id, on)
    after = _changed(before, on, changed)
    if "name" in changed:
        within = Period(on, after[-1].valid.end)
        refuse_taken_name(tx, _name(changed["name"]), within, except_for=territory_id)
    return _succeeded(tx, "change", before, after, reason or "changed", by=by, at=at)


def move_subtree(
    tx: Connection, territory_id: str, parent_id: str | None, *, on: datetime, by: Principal, at: datetime
) -> tuple[Territory, ...]:
    """
    Put a territory, with all below it, under another from a day on, until a move that is planned already.

    Raises
    ------
    TreeCycle
        The new parent lies below it, on the day or on a later one; the message names the loop.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=parent_id)
    before, after = moved(tx, territory_id, parent_id, on=on)
    return _succeeded(tx, "move", before, after, "moved in the tree", by=by, at=at)


def moved(
    tx: Connection, territory_id: str, parent_id: str | None, *, on: datetime
) -> tuple[list[Territory], list[Territory]]:
    """What is believed of a territory from a day on, and what would be once it is put elsewhere; or the refusal."""
    before = _known(tx, territory_id, on)
    after = _changed(before, on, {"parent_id": parent_id})
    within = Period(on, after[-1].valid.end)
    if parent_id is not None:
        _refuse_cycle(tx, territory_id, parent_id, within)
        _refuse_missing_parent(tx, parent_id, within)
    return before, after


def close(tx: Connection, territory_id: str, *, on: datetime, by: Principal, at: datetime) -> None:
    """
    End a territory on a day, with the seats in it.

    Raises
    ------
    StillNeeded
        Territories lie below it or accounts are assigned to it on that day or later.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    known = _known(tx, territory_id, on)
    rest = Period(on, FOREVER)
    if below := store.children_during(tx, territory_id, rest):
        raise StillNeeded(
            f"{known[0].name} cannot close on {told(on)} while {len(below)} territories lie below it, {below[0]} first;"
            " move or close them."
        )
    if accounts := store.accounts_during(tx, territory_id, rest):
        raise StillNeeded(
            f"{known[0].name} cannot close on {told(on)} while {counted(accounts, 'account is', 'accounts are')}"
            " assigned to it then or later;"
            " publish a plan that assigns them elsewhere."
        )
    seats = store.seats(tx, territory_ids=[territory_id])
    ends = {"valid_from": on, "valid_to": FOREVER}
    lift(tx, staffing, [{"seat_id": seat.seat_id, **ends} for seat in seats], at=at)
    lift(tx, place, [{"territory_id": territory_id, **ends}], at=at)
    after = {"on": told(on), "seats": len(seats)}
    audit.record(tx, "close", territory_id, kind="territory", by=by.person_id, at=at, after=after)


def get(tx: Connection, territory_id: str, *, on: datetime, by: Principal, at: datetime) -> Territory:
    """A territory as it is on a day."""
    allow_somewhere(by, Deed.SEE)
    seen = in_scope(by, territory=place.c.territory_id, at=at)
    found = store.find(tx, territory_id, since=on, seen=seen)
    if not found or not found[0].valid.contains(on):
        raise UnknownTerritory(territory_id)
    return found[0]


def tree(tx: Connection, *, on: datetime, by: Principal, at: datetime) -> tuple[Node, ...]:
    """The territories this principal may see on a day, each before those below it, siblings by name."""
    allow_somewhere(by, Deed.SEE)
    found = store.at_day(tx, on, seen=in_scope(by, territory=place.c.territory_id, at=at))
    return grown(found)


def grown(territories: list[Territory]) -> tuple[Node, ...]:
    """Territories as a tree; one whose parent is not among them is a root."""
    there = {one.territory_id for one in territories}
    under: dict[str | None, list[Territory]] = {}
    for one in territories:
        under.setdefault(one.parent_id if one.parent_id in there else None, []).append(one)
    nodes: list[Node] = []
    waiting: list[tuple[Territory, tuple[str, ...]]] = [(one, ()) for one in reversed(under.get(None, []))]
    while waiting:
        one, above = waiting.pop()
        path = (*above, one.name)
        nodes.append(Node(territory=one, depth=len(above), path=path))
        waiting += [(child, path) for child in reversed(under.get(one.territory_id, []))]
    return tuple(nodes)


def path(tx: Connection, territory_id: str, *, on: datetime, by: Principal, at: datetime) -> tuple[Territory, ...]:
    """A territory and those above it that this principal may see, the highest first."""
    allow_somewhere(by, Deed.SEE)
    found = store.path(tx, territory_id, on, seen=in_scope(by, territory=place.c.territory_id, at=at))
    if not found or found[-1].territory_id != territory_id:
        raise UnknownTerritory(territory_id)
    return tuple(found)


def overdue(tx: Connection, *, on: datetime, by: Principal, at: datetime) -> tuple[Territory, ...]:
    """Territories whose review was due before a day, the longest overdue first."""
    nodes = tree(tx, on=on, by=by, at=at)
    due = [(node.territory.review_on, node.territory) for node in nodes if node.territory.review_on is not None]
    return tuple(one for when, one in sorted(due, key=lambda pair: (pair[0], pair[1].name)) if when < on)


def _known(tx: Connection, territory_id: str, on: datetime) -> list[Territory]:
    found = store.find(tx, territory_id, since=on)
    if not found or not found[0].valid.contains(on):
        raise UnknownTerritory(territory_id)
    return found


def _changed(before: list[Territory], on: datetime, changed: Mapping[str, Any]) -> list[Territory]:
    """The facts from a day on with other values, up to where one of these values was to change anyway."""
    first, end = before[0], on
    after: list[Territory] = []
    for one in before:
        start = max(one.valid.start, on)
        if (start != end and after) or any(getattr(one, name) != getattr(first, name) for name in changed):
            break
        end = one.valid.end
        plain = {name: getattr(one, name) for name in _FIELDS} | dict(changed)
        after.append(Territory(**plain, valid=Period(start, end)))
    return after


_FIELDS = ("territory_id", "name", "kind", "parent_id", "steward_id", "review_on")


def _succeeded(
    tx: Connection,
    deed: str,
    before: list[Territory],
    after: list[Territory],
    reason: str,
    *,
    by: Principal,
    at: datetime,
) -> tuple[Territory, ...]:
    laid = lay(tx, place, [fact(one, reason) for one in after], at=at)
    if laid.written:
        audit.record(
            tx,
            deed,
            after[0].territory_id,
            kind="territory",
            by=by.person_id,
            at=at,
            before=_tellable(before[0]),
            after={**_tellable(after[0]), "valid": str(Period(after[0].valid.start, after[-1].valid.end))},
        )
    return tuple(after)


def _tellable(one: Territory) -> dict[str, Any]:
    """What of a territory may enter the audit trail: its name may be a person's, so it does not."""
    return {"parent": one.parent_id, "kind": one.kind.value, "steward": one.steward_id}


def fact(one: Territory, reason: str) -> dict[str, Any]:
    """A fact of `place` for `lay`."""
    plain = {name: getattr(one, name) for name in _FIELDS}
    return {
        **plain,
        "kind": one.kind.value,
        "valid_from": one.valid.start,
        "valid_to": one.valid.end,
        "reason": reason,
    }


def _name(name: str) -> str:
    if not name.strip():
        raise BadTerritory("A territory needs a name.")
    return name.strip()


def _kind(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise BadTerritory(f"There is no kind of territory {kind!r}; there are {', '.join(Kind)}.") from None


def refuse_taken_name(tx: Connection, name: str, within: Period, except_for: str | None = None) -> None:
    """Refuse a name that another territory has at some instant of a period."""
    if others := [one for one in store.called(tx, name, within) if one != except_for]:
        raise Conflict(f"There is a territory called {name!r} already ({others[0]}); names are different on any day.")


def _refuse_missing_parent(tx: Connection, parent_id: str, within: Period) -> None:
    found = store.find(tx, parent_id, since=within.start)
    if not found or not found[0].valid.contains(within.start):
        raise UnknownTerritory(parent_id)
    reached = within.start
    for one in found:
        if one.valid.start > reached:
            break
        reached = one.valid.end
    if reached < within.end:
        raise StillNeeded(f"{found[0].name} closes on {told(reached)}; nothing can lie below it after that.")


def _refuse_unknown_steward(tx: Connection, steward_id: str | None) -> None:
    if steward_id is not None and not people.find(tx, [steward_id]):
        raise UnknownPerson(steward_id)


def _refuse_cycle(tx: Connection, territory_id: str, parent_id: str, within: Period) -> None:
    for on in (within.start, *store.tree_changes(tx, within)):
        line = store.path(tx, parent_id, on)
        ids = [one.territory_id for one in line]
        if territory_id in ids:
            raise TreeCycle([one.name for one in line[ids.index(territory_id) :]], on)
