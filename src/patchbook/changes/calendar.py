"""What happens to people over a stretch of time: leaves, hires, departures, and what expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, true

from patchbook.db.believed import believed_during
from patchbook.ledger.tables import cover, override
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.people.store import employment, reports_of
from patchbook.period import FOREVER, Period


class Event(StrEnum):
    """What can happen to somebody."""

    LEAVE = "leave"
    JOINS = "joins"
    LEAVES = "leaves"
    EXCEPTION = "exception"
    HOLDOVER = "holdover"
    NAMED = "named account"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happens to one person; for the whole of `period`, or at its start where it is one instant's."""

    event: Event
    person_id: str
    period: Period
    cover_id: str | None = None
    """Who acts meanwhile."""
    account_id: str | None = None
    """What expires."""
    source: str = ""


MOST = 2_000
"""So many things that expire are told; a calendar of more cannot be read."""


def calendar(
    tx: Connection, within: Period, *, team_of: str | None = None, by: Principal, at: datetime
) -> tuple[Entry, ...]:
    """
    What happens to the people one may see in a period, by when it starts; three queries.

    Leaves with who covers, employments that begin or end, and exceptions and holdovers that expire.
    """
    allow_somewhere(by, Deed.SEE)
    found = [*_leaves(tx, within, team_of, by, at), *_employments(tx, within, team_of, by, at)]
    found += _expiring(tx, within, team_of, by, at)
    return tuple(sorted(found, key=lambda one: (one.period.start, one.event, one.person_id)))


def _of(column: ColumnElement[str], team_of: str | None, by: Principal, at: datetime) -> list[ColumnElement[bool]]:
    """Conditions: somebody one may see, and below a manager where one is named."""
    below = true() if team_of is None else column.in_(select(reports_of(team_of).c.person_id))
    return [in_sight(by, person=column, at=at), below]


def _leaves(tx: Connection, within: Period, team_of: str | None, by: Principal, at: datetime) -> list[Entry]:
    query = select(cover).where(*believed_during(cover, within), *_of(cover.c.person_id, team_of, by, at))
    return [
        Entry(
            event=Event.LEAVE,
            person_id=row["person_id"],
            period=Period(row["valid_from"], row["valid_to"]),
            cover_id=row["cover_id"],
            source=row["source"],
        )
        for row in _rows(tx, query)
    ]


def _employments(tx: Connection, within: Period, team_of: str | None, by: Principal, at: datetime) -> list[Entry]:
    query = select(employment).where(
        employment.c.recorded_to == FOREVER,
        *_of(employment.c.person_id, team_of, by, at),
        (employment.c.valid_from.between(within.start, within.end))
        | (employment.c.valid_to.between(within.start, within.end)),
    )
    found = []
    for row in _rows(tx, query):
        held = Period(row["valid_from"], row["valid_to"])
        if within.contains(held.start):
            found.append(Entry(event=Event.JOINS, person_id=row["person_id"], period=held))
        if within.contains(held.end):
            found.append(Entry(event=Event.LEAVES, person_id=row["person_id"], period=Period(held.end)))
    return found


def _expiring(tx: Connection, within: Period, team_of: str | None, by: Principal, at: datetime) -> list[Entry]:
    events = {"exception": Event.EXCEPTION, "holdover": Event.HOLDOVER, "named": Event.NAMED}
    query = select(override).where(
        override.c.recorded_to == FOREVER,
        override.c.kind.in_(list(events)),
        override.c.valid_to.between(within.start, within.end),
        *_of(override.c.person_id, team_of, by, at),
    )
    query = query.order_by(override.c.valid_to, override.c.fact_id).limit(MOST)
    return [
        Entry(
            event=events[row["kind"]],
            person_id=row["person_id"],
            period=Period(row["valid_to"]),
            account_id=row["account_id"],
            source=row["source"],
        )
        for row in _rows(tx, query)
        if row["valid_to"] < FOREVER
    ]


def _rows(tx: Connection, query: Any) -> list[Any]:
    return list(tx.execute(query).mappings())


def names(tx: Connection, entries: tuple[Entry, ...]) -> dict[str, str]:
    """Id → name of everybody in a calendar."""
    ids = {one.person_id for one in entries} | {one.cover_id for one in entries if one.cover_id}
    return people.names(tx, sorted(ids))
