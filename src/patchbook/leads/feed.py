"""The decisions there were, the newest first: what one looks at to see leads find their owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.leads.actions import seen
from patchbook.leads.lead import Cause, Status
from patchbook.leads.names import named, people_in
from patchbook.leads.tables import decision, lead
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.routing.lead import Kind

SETTLES = timedelta(seconds=5)
"""A decision may come into view so much later than the instant it was made at: another process was writing."""


class Came(StrEnum):
    """Where a decision put its lead."""

    ASSIGNED = "assigned"
    QUEUED = "queued"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One decision, as the feed tells it."""

    decision_id: str
    lead_id: str
    number: int
    at: datetime
    cause: Cause
    person_id: str | None
    person: str | None
    pool_id: str | None
    territory_id: str | None
    account_id: str | None
    route: str
    stage: str
    says: str
    source: str
    source_id: str
    kind: Kind
    status: Status
    """Of the lead, now."""
    who: str
    """What the lead is called: its company, or whom it is from."""

    @property
    def is_queued(self) -> bool:
        """Whether it was left in the orphan queue."""
        return self.person_id is None


def feed(
    tx: Connection,
    *,
    came: Came | None = None,
    pool_id: str | None = None,
    person_id: str | None = None,
    after: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
    by: Principal,
    at: datetime,
) -> Page[Line]:
    """
    Decisions about the leads one may see, the newest first.

    Parameters
    ----------
    came, pool_id, person_id
        Only those that left it with somebody or in the queue, took a turn of this pool, gave it to this person.
    since
        Only those made from a little before that instant on; those there already come again, and are known by their id.
    """
    allow_somewhere(by, Deed.SEE)
    query = _decisions().where(seen(by, at))
    if came is not None:
        nobody = decision.c.person_id.is_(None)
        query = query.where(nobody if came is Came.QUEUED else ~nobody)
    if pool_id is not None:
        query = query.where(decision.c.pool_id == pool_id)
    if person_id is not None:
        query = query.where(decision.c.person_id == person_id)
    if since is not None:
        query = query.where(decision.c.at >= since - SETTLES)
    before = moment_of(after)
    if before is not None:
        same = and_(decision.c.at == before[0], decision.c.decision_id < before[1])
        query = query.where(or_(decision.c.at < before[0], same))
    rows = tx.execute(query.limit(limit_of(limit) + 1)).all()
    names = people.names(tx, _people_of(rows))
    return page_of([_line(row, names) for row in rows], limit, lambda one: (microseconds(one.at), one.decision_id))


def _decisions() -> Select[Any]:
    return (
        select(
            decision.c.decision_id,
            decision.c.lead_id,
            decision.c.number,
            decision.c.at,
            decision.c.cause,
            decision.c.person_id,
            decision.c.pool_id,
            decision.c.territory_id,
            decision.c.account_id,
            decision.c.route,
            decision.c.stage,
            decision.c.says,
            lead.c.source,
            lead.c.source_id,
            lead.c.kind,
            lead.c.status,
            lead.c.fields,
        )
        .join(lead, lead.c.lead_id == decision.c.lead_id)
        .order_by(decision.c.at.desc(), decision.c.decision_id.desc())
    )


def _people_of(rows: Sequence[Row[Any]]) -> list[str]:
    told = {one for row in rows for one in people_in(row.says)}
    return sorted(told | {row.person_id for row in rows if row.person_id is not None})


def _line(row: Row[Any], names: Mapping[str, str]) -> Line:
    values = {name: value for name, value in row._mapping.items() if name != "fields"}
    told = {"cause": Cause(row.cause), "kind": Kind(row.kind), "status": Status(row.status)}
    says = named(row.says, lambda one: names.get(one, one))
    person = None if row.person_id is None else names.get(row.person_id, row.person_id)
    return Line(**{**values, **told, "says": says, "person": person, "who": called(row.fields, row.source_id)})


def titles(tx: Connection, lead_ids: Sequence[str], *, by: Principal, at: datetime) -> dict[str, str]:
    """What these leads are called, as far as one may see them."""
    allow_somewhere(by, Deed.SEE)
    query = select(lead.c.lead_id, lead.c.source_id, lead.c.fields).where(lead.c.lead_id.in_(lead_ids), seen(by, at))
    return {row.lead_id: called(row.fields, row.source_id) for row in tx.execute(query)}


def called(fields: Mapping[str, Any], otherwise: str) -> str:
    """
    What a lead is called: its company, else whom it is from, else its id where it comes from.

    Examples
    --------
    >>> called({"name": "Acme", "email": "ann@acme.example"}, "7"), called({}, "7")
    ('Acme', '7')
    """
    return next((str(fields[name]) for name in ("name", "contact", "email", "domain") if fields.get(name)), otherwise)
