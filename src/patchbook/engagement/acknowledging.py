"""The document of the rules, its versions, and who has read which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, or_, select

from patchbook.audit import actions as audit
from patchbook.db.believed import believed_at
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.engagement import rules
from patchbook.engagement.document import Document, digest_of, render
from patchbook.engagement.tables import acknowledgement, rules_document
from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.people.store import employment, person


class NoDocument(NotFound):
    """There is no such version of the rules of engagement."""

    def __init__(self, version: int, newest: int) -> None:
        super().__init__(f"There is no version {version} of the rules of engagement; the newest is {newest}.")


class OldDocument(Conflict):
    """Somebody acknowledges a version that is no longer the newest."""


class NobodyReads(BadInput):
    """Whoever acknowledges is nobody of the record."""


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """Somebody, and whether they read the rules as they are."""

    person_id: str
    person: str
    version: int | None
    """The newest version they acknowledged."""
    at: datetime | None
    is_current: bool


def document(tx: Connection, *, version: int | None = None, by: Principal, at: datetime) -> Document:
    """
    The rules of engagement as they are, or as an earlier version told them.

    Rules that changed a moment ago and that nobody has acknowledged are the next version already.
    """
    allow_somewhere(by, Deed.SEE)
    current = _current(tx, at)
    if version is None or version == current.version:
        return current
    row = tx.execute(select(rules_document).where(rules_document.c.version == version)).mappings().first()
    if row is None:
        raise NoDocument(version, current.version)
    return Document(**row)


def keep(tx: Connection, *, at: datetime) -> Document:
    """The rules as they are, kept as a version where they differ from the last one."""
    current = _current(tx, at)
    known = tx.execute(select(func.max(rules_document.c.version))).scalar() or 0
    if current.version > known:
        values = {name: getattr(current, name) for name in Document.__dataclass_fields__}
        tx.execute(insert(rules_document).values(**values))
    return current


def acknowledge(tx: Connection, *, version: int | None = None, by: Principal, at: datetime) -> Acknowledged:
    """
    Say that one has read the rules as they are; saying so twice is saying it once.

    Parameters
    ----------
    version
        The version that was read; refused where it is no longer the newest.
    """
    allow_somewhere(by, Deed.SEE)
    current = keep(tx, at=at)
    if version is not None and version != current.version:
        raise OldDocument(
            f"Version {version} of the rules of engagement is not the newest; read version {current.version} first."
        )
    me = people.find(tx, [by.person_id]).get(by.person_id)
    if me is None:
        raise NobodyReads(f"{by.person_id!r} is nobody of the record, so there is nobody to keep it for.")
    mine = and_(acknowledgement.c.version == current.version, acknowledgement.c.person_id == by.person_id)
    when = tx.execute(select(acknowledgement.c.at).where(mine)).scalar()
    if when is None:
        when = at
        values = {"version": current.version, "person_id": by.person_id, "digest": current.digest, "at": at}
        tx.execute(insert(acknowledgement).values(acknowledgement_id=new_id("acknowledgement"), **values))
        told = {"version": current.version, "digest": current.digest}
        audit.record(tx, "acknowledge", "rules", kind="engagement", by=by.person_id, at=at, after=told)
    return Acknowledged(person_id=by.person_id, person=me.name, version=current.version, at=when, is_current=True)


def acknowledgements(
    tx: Connection, *, missing: bool = False, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[Acknowledged]:
    """
    Who has read the rules as they are, and who has not: managers see their people, others themselves.

    Parameters
    ----------
    missing
        Only those who have not.
    """
    allow_somewhere(by, Deed.SEE)
    current = _current(tx, at)
    latest = (
        select(acknowledgement.c.person_id, func.max(acknowledgement.c.version).label("version"))
        .group_by(acknowledgement.c.person_id)
        .subquery("latest")
    )
    working = select(employment.c.person_id).where(*believed_at(employment, at))
    seen = person.c.person_id == by.person_id
    if may(by, Deed.SEE_EVERYONE):
        seen = or_(seen, in_sight(by, person=person.c.person_id, at=at))
    told = and_(acknowledgement.c.person_id == person.c.person_id, acknowledgement.c.version == latest.c.version)
    query = (
        select(person.c.person_id, person.c.name, latest.c.version, acknowledgement.c.at)
        .select_from(person)
        .join(latest, latest.c.person_id == person.c.person_id, isouter=True)
        .join(acknowledgement, told, isouter=True)
        .where(seen, person.c.person_id.in_(working))
        .order_by(person.c.person_id)
        .limit(limit_of(limit) + 1)
    )
    if missing:
        query = query.where(or_(latest.c.version.is_(None), latest.c.version < current.version))
    if after is not None:
        query = query.where(person.c.person_id > key_of(after, str)[0])
    rows = [
        Acknowledged(
            person_id=row.person_id,
            person=row.name,
            version=row.version,
            at=row.at,
            is_current=row.version == current.version,
        )
        for row in tx.execute(query)
    ]
    return page_of(rows, limit, lambda row: (row.person_id,))


def _current(tx: Connection, at: datetime) -> Document:
    """The rules as they are: the version that was kept of them, or the next."""
    found = rules.in_force(tx)
    markdown = render(found.engagement)
    digest = digest_of(markdown)
    last = tx.execute(select(rules_document).order_by(rules_document.c.version.desc()).limit(1)).mappings().first()
    if last is not None and last["digest"] == digest:
        return Document(**last)
    version = 1 if last is None else last["version"] + 1
    routing = found.routing_version
    return Document(version=version, digest=digest, routing_version=routing, markdown=markdown, at=at)
