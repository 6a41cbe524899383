"""Who sits where: the seats people fill on a day, the size of their books, and the seats nobody fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, func, literal, or_, select

from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.ledger.answers import OWNER
from patchbook.ledger.store import name_of
from patchbook.ledger.tables import assignment, override, staffing
from patchbook.people.permission import Deed, allow_somewhere, in_account_scope, in_scope
from patchbook.people.principal import Principal
from patchbook.people.store import person
from patchbook.period import FOREVER
from patchbook.territories.store import place, seat


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A seat on a day, and who has it: a person, a pool, or nobody, and then perhaps an interim."""

    seat_id: str
    role: str
    number: int
    territory_id: str
    territory: str
    person_id: str | None
    pool_id: str | None
    interim_id: str | None
    interim: str | None
    since: datetime
    until: datetime | None
    """None where no end is known."""

    @property
    def is_vacant(self) -> bool:
        """Whether nobody fills it."""
        return self.person_id is None and self.pool_id is None

    @property
    def owns(self) -> bool:
        """Whether who has it owns the accounts of its territory."""
        return self.role == OWNER and self.number == 1


def desks(
    tx: Connection,
    *,
    person_ids: Sequence[str] | None = None,
    territory_ids: Sequence[str] | None = None,
    on: datetime,
    by: Principal,
    at: datetime,
) -> list[Desk]:
    """The seats these people fill on a day, or those of these territories, as far as one may see them."""
    allow_somewhere(by, Deed.SEE)
    found: list[Desk] = []
    for column, ids in ((staffing.c.person_id, person_ids), (seat.c.territory_id, territory_ids)):
        for some in chunks(list(ids or ())):
            found += _read(tx, _seats(on, by, at).where(column.in_(some)))
    return found


def history(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> list[Desk]:
    """The seats somebody has filled, fills and is going to, of those one may see; the newest first."""
    allow_somewhere(by, Deed.SEE)
    query = (
        select(
            seat.c.seat_id,
            seat.c.role,
            seat.c.number,
            seat.c.territory_id,
            name_of(seat.c.territory_id, None).label("territory"),
            staffing.c.person_id,
            staffing.c.pool_id,
            staffing.c.interim_id,
            literal(None, Text()).label("interim"),
            staffing.c.valid_from,
            staffing.c.valid_to,
        )
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .where(or_(staffing.c.person_id == person_id, staffing.c.interim_id == person_id))
        .where(staffing.c.recorded_to == FOREVER, in_scope(by, territory=seat.c.territory_id, at=at))
        .order_by(staffing.c.valid_from.desc(), seat.c.seat_id)
    )
    return _read(tx, query)


def vacant(tx: Connection, *, on: datetime, by: Principal, at: datetime) -> list[Desk]:
    """The seats one may see that nobody fills on a day."""
    allow_somewhere(by, Deed.SEE)
    nobody = and_(staffing.c.person_id.is_(None), staffing.c.pool_id.is_(None))
    return _read(tx, _seats(on, by, at).where(nobody))


def accounts_in(
    tx: Connection, territory_ids: Iterable[str], *, on: datetime, by: Principal, at: datetime
) -> dict[str, int]:
    """Territory → how many accounts are assigned to it on a day, of those one may see."""
    allow_somewhere(by, Deed.SEE)
    found: dict[str, int] = {}
    for some in chunks(sorted(set(territory_ids))):
        query = (
            select(assignment.c.territory_id, func.count().label("accounts"))
            .where(assignment.c.territory_id.in_(some), *believed_at(assignment, on))
            .where(in_scope(by, territory=assignment.c.territory_id, at=at))
            .group_by(assignment.c.territory_id)
        )
        found |= {row.territory_id: row.accounts for row in tx.execute(query)}
    return found


def book_sizes(
    tx: Connection, person_ids: Sequence[str], *, on: datetime, by: Principal, at: datetime
) -> dict[str, int]:
    """
    Person → how many accounts they own on a day, as owner or in the interim, of those one may see.

    Three queries: the accounts of the territories whose owner seat is theirs, less those an override gives elsewhere,
    and those an override gives to them.
    """
    allow_somewhere(by, Deed.SEE)
    sizes = dict.fromkeys(person_ids, 0)
    holder = func.coalesce(staffing.c.person_id, staffing.c.interim_id)
    for some in chunks(list(person_ids)):
        theirs = or_(staffing.c.person_id.in_(some), staffing.c.interim_id.in_(some))
        first = and_(seat.c.role == OWNER, seat.c.number == 1)
        here = in_scope(by, territory=assignment.c.territory_id, at=at)
        base = (
            select(holder.label("who"), func.count().label("accounts"))
            .select_from(assignment)
            .join(seat, and_(seat.c.territory_id == assignment.c.territory_id, first))
            .join(staffing, and_(staffing.c.seat_id == seat.c.seat_id, *believed_at(staffing, on)))
            .where(theirs, here, *believed_at(assignment, on))
            .group_by(holder)
        )
        elsewhere = base.join(override, and_(override.c.account_id == assignment.c.account_id, *_whole(on)))
        seen = in_account_scope(by, account=override.c.account_id, territory=assignment.c.territory_id, at=at)
        given = (
            select(override.c.person_id.label("who"), func.count().label("accounts"))
            .select_from(override)
            .outerjoin(
                assignment,
                and_(assignment.c.account_id == override.c.account_id, *believed_at(assignment, on)),
            )
            .where(override.c.person_id.in_(some), seen, *_whole(on))
            .group_by(override.c.person_id)
        )
        for query, sign in ((base, 1), (elsewhere, -1), (given, 1)):
            for row in tx.execute(query):
                if row.who in sizes:
                    sizes[row.who] += sign * row.accounts
    return sizes


def _whole(on: datetime) -> list[ColumnElement[bool]]:
    """Conditions: an override says who owns the whole account on a day."""
    return [override.c.role == OWNER, override.c.opportunity_id == "", *believed_at(override, on)]


def _seats(on: datetime, by: Principal, at: datetime) -> Select[Any]:
    interim = person.alias("interim")
    return (
        select(
            seat.c.seat_id,
            seat.c.role,
            seat.c.number,
            seat.c.territory_id,
            place.c.name.label("territory"),
            staffing.c.person_id,
            staffing.c.pool_id,
            staffing.c.interim_id,
            interim.c.name.label("interim"),
            staffing.c.valid_from,
            staffing.c.valid_to,
        )
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .join(place, and_(place.c.territory_id == seat.c.territory_id, *believed_at(place, on)))
        .outerjoin(interim, interim.c.person_id == staffing.c.interim_id)
        .where(*believed_at(staffing, on), in_scope(by, territory=seat.c.territory_id, at=at))
        .order_by(place.c.name, seat.c.role, seat.c.number)
    )


def _read(tx: Connection, query: Select[Any]) -> list[Desk]:
    plain = [name for name in Desk.__dataclass_fields__ if name not in ("since", "until")]
    return [
        Desk(
            **{name: row[name] for name in plain},
            since=row["valid_from"],
            until=None if row["valid_to"] == FOREVER else row["valid_to"],
        )
        for row in tx.execute(query).mappings()
    ]
