"""What is done with pools: people who share what comes in, each with a weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.errors import Conflict
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.profile import StaleRevision, UnknownPerson
from patchbook.territories import store
from patchbook.territories.territory import Member, Pool, UnknownPool


def add_pool(tx: Connection, name: str, members: Sequence[Member], *, by: Principal, at: datetime) -> Pool:
    """Add a pool; fill seats with it by `staff`."""
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    made = Pool(pool_id=new_id("pool"), name=name.strip(), members=tuple(members))
    _refuse_taken_name(tx, made)
    _refuse_unknown(tx, made)
    store.insert_pool(tx, made)
    audit.record(tx, "add", made.pool_id, kind="pool", by=by.person_id, at=at, after=_tellable(made))
    return made


def change_pool(
    tx: Connection,
    pool_id: str,
    revision: int,
    *,
    name: str | None = None,
    members: Sequence[Member] | None = None,
    by: Principal,
    at: datetime,
) -> Pool:
    """
    Change who is in a pool, or what it is called.

    Raises
    ------
    StaleRevision
        Somebody changed it since `revision`; the message says who.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    known = find(tx, pool_id)
    if known.revision != revision:
        who, when = people.last_changed(tx, pool_id, "pool") or (None, None)
        raise StaleRevision(f"The pool {known.name!r}", read=revision, now=known.revision, by=who, at=when)
    changed = replace(
        known,
        name=known.name if name is None else name.strip(),
        members=known.members if members is None else tuple(members),
    )
    if changed == known:
        return known
    _refuse_taken_name(tx, changed)
    _refuse_unknown(tx, changed)
    return keep_changed(tx, known, changed, by=by, at=at)


def keep_changed(tx: Connection, known: Pool, changed: Pool, *, by: Principal, at: datetime) -> Pool:
    """Keep a pool as it is now and tell the audit trail; rights are the caller's."""
    changed = replace(changed, revision=known.revision + 1)
    store.update_pool(tx, changed)
    audit.record(
        tx,
        "change",
        known.pool_id,
        kind="pool",
        by=by.person_id,
        at=at,
        before=_tellable(known),
        after=_tellable(changed),
    )
    return changed


def get_pool(tx: Connection, pool_id: str, *, by: Principal, at: datetime) -> Pool:
    """One pool. Whoever sees anything of the record sees its pools."""
    allow_somewhere(by, Deed.SEE)
    return find(tx, pool_id)


def pools(tx: Connection, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime) -> Page[Pool]:
    """The pools there are, by name."""
    allow_somewhere(by, Deed.SEE)
    start = None if after is None else key_of(after, str)[0]
    return page_of(store.list_pools(tx, after=start, limit=limit_of(limit) + 1), limit, lambda pool: (pool.name,))


def find(tx: Connection, pool_id: str) -> Pool:
    """A pool by its id; rights are the caller's."""
    found = store.find_pools(tx, pool_ids=[pool_id])
    if not found:
        raise UnknownPool(pool_id)
    return found[0]


def _refuse_taken_name(tx: Connection, pool: Pool) -> None:
    if any(other.pool_id != pool.pool_id for other in store.find_pools(tx, name=pool.name)):
        raise Conflict(f"There is a pool called {pool.name!r} already; names of pools are different.")


def _refuse_unknown(tx: Connection, pool: Pool) -> None:
    there = people.find(tx, [member.person_id for member in pool.members])
    for member in pool.members:
        if member.person_id not in there:
            raise UnknownPerson(member.person_id)


def _tellable(pool: Pool) -> dict[str, object]:
    members = [[member.person_id, member.weight] for member in pool.members]
    return {"members": members, "revision": pool.revision}
