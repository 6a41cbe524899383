"""What dated changes read of the record, beside what the rooms they change offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from patchbook.db.believed import believed_at, believed_during
from patchbook.db.chunks import chunks
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.store import person
from patchbook.period import Period
from patchbook.territories.store import seat, territory
from patchbook.territories.territory import SeatRole


@dataclass(frozen=True)
class Assigned:
    """An account in a territory for a period."""

    account_id: str
    territory_id: str
    valid: Period


@dataclass(frozen=True)
class Covered:
    """Somebody on leave for a period, and who acts for them."""

    person_id: str
    cover_id: str
    valid: Period


def assigned(tx: Connection, within: Period, territory_ids: Sequence[str]) -> list[Assigned]:
    """The accounts of territories in a period, cut to it."""
    found = []
    for some in chunks(territory_ids):
        query = select(*_ASSIGNED).where(assignment.c.territory_id.in_(some), *believed_during(assignment, within))
        found += [Assigned(row.account_id, row.territory_id, _cut(row, within)) for row in tx.execute(query)]
    return sorted(found, key=lambda one: (one.account_id, one.valid))


def assigned_on(tx: Connection, on: datetime, territory_ids: Sequence[str]) -> list[Assigned]:
    """The accounts of territories on a day, each for as long as it stays there."""
    found = []
    for some in chunks(territory_ids):
        query = select(*_ASSIGNED).where(assignment.c.territory_id.in_(some), *believed_at(assignment, on))
        rows = tx.execute(query)
        found += [Assigned(row.account_id, row.territory_id, Period(on, row.valid_to)) for row in rows]
    return sorted(found, key=lambda one: one.account_id)


def accounts_on(tx: Connection, on: datetime, territory_ids: Sequence[str]) -> dict[str, int]:
    """Territory → how many accounts it has on a day."""
    found: dict[str, int] = {}
    for some in chunks(territory_ids):
        query = (
            select(assignment.c.territory_id, func.count().label("accounts"))
            .where(assignment.c.territory_id.in_(some), *believed_at(assignment, on))
            .group_by(assignment.c.territory_id)
        )
        found |= {row.territory_id: row.accounts for row in tx.execute(query)}
    return found


def territories_of(tx: Connection, account_ids: Sequence[str], within: Period) -> set[str]:
    """The territories accounts are assigned to in a period."""
    found: set[str] = set()
    for some in chunks(account_ids):
        query = select(assignment.c.territory_id).where(
            assignment.c.account_id.in_(some), *believed_during(assignment, within)
        )
        found.update(tx.execute(query.distinct()).scalars())
    return found


def looked_after(tx: Connection, within: Period, territory_ids: Sequence[str] | None) -> dict[str, list[Period]]:
    """Every territory, or these → the periods in which its owner seat is filled or has an interim, oldest first."""
    somebody = or_(
        staffing.c.person_id.is_not(None), staffing.c.pool_id.is_not(None), staffing.c.interim_id.is_not(None)
    )
    owner = and_(
        seat.c.territory_id == territory.c.territory_id, seat.c.role == SeatRole.OWNER.value, seat.c.number == 1
    )
    fact = and_(staffing.c.seat_id == seat.c.seat_id, somebody, *believed_during(staffing, within))
    query = (
        select(territory.c.territory_id, staffing.c.valid_from, staffing.c.valid_to)
        .select_from(territory.outerjoin(seat, owner).outerjoin(staffing, fact))
        .order_by(territory.c.territory_id, staffing.c.valid_from)
    )
    named: list[ColumnElement[bool]] = [territory.c.territory_id.in_(some) for some in chunks(territory_ids or ())]
    found: dict[str, list[Period]] = {}
    for wanted in named if territory_ids is not None else [territory.c.territory_id.is_not(None)]:
        for row in tx.execute(query.where(wanted)):
            periods = found.setdefault(row.territory_id, [])
            if row.valid_from is not None:
                periods.append(_cut(row, within))
    return found


def owned_otherwise(tx: Connection, account_ids: Sequence[str], within: Period) -> dict[str, list[Period]]:
    """Account → the periods in which an override says who owns it."""
    found: dict[str, list[Period]] = {}
    for some in chunks(account_ids):
        query = select(override.c.account_id, override.c.valid_from, override.c.valid_to).where(
            override.c.account_id.in_(some),
            override.c.role == SeatRole.OWNER.value,
            override.c.opportunity_id == "",
            *believed_during(override, within),
        )
        for row in tx.execute(query):
            found.setdefault(row.account_id, []).append(_cut(row, within))
    return found


def held(tx: Connection, account_ids: Sequence[str], on: datetime) -> set[str]:
    """Accounts that an override gives to somebody on a day."""
    return set(owned_otherwise(tx, account_ids, Period(on, on + timedelta(microseconds=1))))


def owners(
    tx: Connection, on: datetime, *, territory_ids: Sequence[str] = (), person_ids: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """Territory and person, for every owner seat that one fills on a day in these territories or of these people."""
    query = (
        select(seat.c.territory_id, staffing.c.person_id)
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .where(seat.c.role == SeatRole.OWNER.value, seat.c.number == 1, staffing.c.person_id.is_not(None))
        .where(*believed_at(staffing, on))
        .order_by(seat.c.territory_id)
    )
    found: list[tuple[str, str]] = []
    for column, values in ((seat.c.territory_id, territory_ids), (staffing.c.person_id, person_ids)):
        for some in chunks(values):
            found += [(row.territory_id, row.person_id) for row in tx.execute(query.where(column.in_(some)))]
    return found


def covers(tx: Connection, within: Period, *, of: Sequence[str] = (), given_by: Sequence[str] = ()) -> list[Covered]:
    """Leaves in a period of these people, and those they cover, by when they start."""
    query = select(cover.c.person_id, cover.c.cover_id, cover.c.valid_from, cover.c.valid_to).where(
        or_(cover.c.person_id.in_(of), cover.c.cover_id.in_(given_by)), *believed_during(cover, within)
    )
    rows = tx.execute(query.order_by(cover.c.valid_from, cover.c.person_id))
    return [Covered(row.person_id, row.cover_id, Period(row.valid_from, row.valid_to)) for row in rows]


def direct_reports(tx: Connection, person_id: str) -> list[str]:
    """Who reports to somebody, right below."""
    return list(
        tx.execute(
            select(person.c.person_id).where(person.c.manager_id == person_id).order_by(person.c.person_id)
        ).scalars()
    )


def pools_in_use(tx: Connection, within: Period) -> dict[str, list[Period]]:
    """Pool → the parts of a period in which it fills a seat."""
    query = select(staffing.c.pool_id, staffing.c.valid_from, staffing.c.valid_to).where(
        staffing.c.pool_id.is_not(None), *believed_during(staffing, within)
    )
    found: dict[str, list[Period]] = {}
    for row in tx.execute(query):
        found.setdefault(row.pool_id, []).append(_cut(row, within))
    return found


_ASSIGNED = (assignment.c.account_id, assignment.c.territory_id, assignment.c.valid_from, assignment.c.valid_to)


def _cut(row: Any, within: Period) -> Period:
    return Period(max(row.valid_from, within.start), min(row.valid_to, within.end))
