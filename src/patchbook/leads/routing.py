"""What is done with the routing document: set, read, its versions listed and compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.errors import Conflict, NotFound
from patchbook.leads import store
from patchbook.leads.document import NAME, RoutingDocument, loads
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.routing.stages.person import Person as PersonStage
from patchbook.routing.stages.pool import Pool as PoolStage
from patchbook.territories import store as territories


class NoRouting(NotFound):
    """There is no such version of the routing document."""


class StaleRouting(Conflict):
    """Somebody set another version since it was read."""


@dataclass(frozen=True, kw_only=True)
class RoutingVersion:
    """A version of the routing document: who set it, when and why."""

    version: int
    document: str
    by: str
    at: datetime
    why: str
    warnings: tuple[str, ...] = ()
    """Told when it is set: people and pools that are named and not there, which may be on purpose."""


def set_routing(
    tx: Connection, text: str, *, why: str = "", name: str = NAME, read: int | None = None, by: Principal, at: datetime
) -> RoutingVersion:
    """
    Let a routing document hold from now on; the same text again changes nothing.

    Parameters
    ----------
    name
        What its file is called, for what is said of problems.
    read
        Refuse where the version in force is not this one any more.

    Raises
    ------
    BadRouting
        It cannot be meant; every problem is in it.
    StaleRouting
        Somebody set another since `read`.
    """
    allow(tx, by, Deed.ROUTE, at=at)
    strangers = strangers_in(tx, loads(text, name=name))
    newest = store.newest_routing(tx)
    if read is not None and read != newest:
        raise StaleRouting(f"The routing document is at version {newest}, and you read version {read}; read it again.")
    known = _version(tx, newest) if newest else None
    if known is not None and known.document == text:
        return replace(known, warnings=strangers)
    store.add_routing(tx, newest + 1, text, by=by.person_id, at=at, why=why.strip())
    audit.record(
        tx, "set routing", f"routing-{newest + 1}", kind="routing", by=by.person_id, at=at,
        after={"version": newest + 1}, why=why.strip() or None,
    )  # fmt: skip
    return RoutingVersion(
        version=newest + 1, document=text, by=by.person_id, at=at, why=why.strip(), warnings=strangers
    )


def strangers_in(tx: Connection, document: RoutingDocument) -> tuple[str, ...]:
    """A sentence for each person and pool a document names that is not in the record."""
    pools: dict[str, str] = {name: f"the section pools has rules for {name!r}" for name in document["pools"]}
    persons: dict[str, str] = {}
    for route in document["routes"]:
        for stage in route.stages:
            if isinstance(stage, PoolStage):
                pools.setdefault(stage.pool, f"the route {route.name!r} goes to {stage.pool!r}")
            if isinstance(stage, PersonStage):
                persons.setdefault(stage.person, f"the route {route.name!r} goes to {stage.person!r}")
    for cap in document["caps"]:
        for who in cap.people:
            persons.setdefault(who, f"the cap {cap.name!r} is for {who!r}")
    for who, calendar in document["calendars"].people.items():
        persons.setdefault(who, f"the calendar {calendar!r} is for {who!r}")
    known = {name for pool in territories.find_pools(tx) for name in (pool.pool_id, pool.name)}
    there = people.find(tx, sorted(persons))
    return (
        *(f"There is no pool of that name or id: {said}." for name, said in pools.items() if name not in known),
        *(f"There is nobody of that id: {said}." for who, said in persons.items() if who not in there),
    )


def get_routing(tx: Connection, version: int | None = None, *, by: Principal, at: datetime) -> RoutingVersion:
    """The routing document in force, or an earlier version; whoever gets leads may see how they come."""
    allow_somewhere(by, Deed.SEE)
    newest = store.newest_routing(tx)
    if not newest:
        raise NoRouting("There is no routing document yet: leads go to the account's owner, then by territory.")
    return _version(tx, version or newest)


def versions(
    tx: Connection, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[RoutingVersion]:
    """The versions there were, the newest first."""
    allow_somewhere(by, Deed.SEE)
    before = None if after is None else key_of(after, int)[0]
    rows = store.routing_versions(tx, before=before, limit=limit_of(limit) + 1)
    return page_of([RoutingVersion(**row._mapping) for row in rows], limit, lambda one: (one.version,))


def changes(tx: Connection, first: int, second: int, *, by: Principal, at: datetime) -> str:
    """What a later version changes, line by line."""
    allow_somewhere(by, Deed.SEE)
    before, now = (_version(tx, version).document.splitlines(keepends=True) for version in (first, second))
    return "".join(unified_diff(before, now, fromfile=f"version {first}", tofile=f"version {second}"))


def _version(tx: Connection, version: int) -> RoutingVersion:
    rows = store.routing_versions(tx, version=version)
    if not rows:
        raise NoRouting(f"There is no version {version} of the routing document.")
    return RoutingVersion(**rows[0]._mapping)
