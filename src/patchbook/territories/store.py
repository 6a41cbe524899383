"""Territories and seats in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    literal,
    select,
    true,
    update,
)

from patchbook.db.believed import believed_at, believed_during
from patchbook.db.chunks import chunks
from patchbook.db.constraints import bitemporal
from patchbook.db.metadata import Instant, Json, metadata, valid_and_recorded
from patchbook.ledger.tables import assignment, staffing
from patchbook.period import BEGINNING, FOREVER, Period
from patchbook.territories.territory import Filler, Kind, Member, Pool, Seat, SeatRole, Staffed, Territory

territory = Table(
    "territory",
    metadata,
    Column("territory_id", Text, primary_key=True),
    Column("made_at", Instant, nullable=False),
)
"""That a territory is; what it is called and where it hangs are facts of `place`."""

place = Table(
    "place",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("parent_id", Text, ForeignKey("territory.territory_id")),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("steward_id", Text, ForeignKey("person.person_id")),
    Column("review_on", Instant),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_place_territory", "territory_id", "valid_from"),
    Index("ix_place_parent", "parent_id", "valid_from"),
)
"""Name, kind (geographic, named, vertical, overlay, pool, house, group) and parent of a territory for a period."""
bitemporal(place, key=["territory_id"])

seat = Table(
    "seat",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("number", Integer, nullable=False, default=1),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("territory_id", "role", "number"),
)
"""A role at a territory. `number` tells several seats of one role apart; who fills a seat is a fact of `staffing`."""

pool = Table(
    "pool",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("members", Json, nullable=False, default=list),
    Column("revision", Integer, nullable=False, default=1),
)
"""People who share what comes in: `members` is a list of {"person_id", "weight"}."""

split = Table(
    "split",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("account_id", Text, nullable=False, default=""),
    Column("role", Text, nullable=False),
    Column("shares", Json, nullable=False),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_split_territory", "territory_id", "account_id", "valid_from"),
)
"""How credit is shared for a period: `shares` is a list of {"person_id", "percent"} that sums to 100.

`account_id` is empty where the split holds for the whole territory; one for an account goes before it.
"""
bitemporal(split, key=["territory_id", "account_id", "role"])


def by_name(tx: Connection, on: datetime) -> dict[str, str]:
    """The name every territory has on a day → its id."""
    found = tx.execute(select(place.c.name, place.c.territory_id).where(*believed_at(place, on)))
    return {row.name: row.territory_id for row in found}


def leaves_by_name(tx: Connection, on: datetime) -> dict[str, str]:
    """The name every territory that holds accounts has on a day → its id; a group may have the same name."""
    query = select(place.c.name, place.c.territory_id).where(place.c.kind != Kind.GROUP, *believed_at(place, on))
    found = tx.execute(query.order_by(place.c.territory_id))
    return {row.name: row.territory_id for row in found}


def children(tx: Connection, territory_id: str, on: datetime) -> list[str]:
    """The ids of what lies right below a territory on a day, by name."""
    query = select(place.c.territory_id).where(place.c.parent_id == territory_id, *believed_at(place, on))
    return list(tx.execute(query.order_by(place.c.name, place.c.territory_id)).scalars())


def below(tx: Connection, territory_id: str, on: datetime) -> list[str]:
    """The ids of a territory and of all below it on a day."""
    tree = select(literal(territory_id).label("territory_id")).cte("subtree", recursive=True)
    query = (
        select(place.c.territory_id).join(tree, place.c.parent_id == tree.c.territory_id).where(*believed_at(place, on))
    )
    return list(tx.execute(select(tree.union(query).c.territory_id)).scalars())


def path(
    tx: Connection, territory_id: str, on: datetime, *, seen: ColumnElement[bool] | None = None
) -> list[Territory]:
    """A territory and those above it on a day, the root first."""
    line = (
        select(place, literal(0).label("up"))
        .where(place.c.territory_id == territory_id, *believed_at(place, on))
        .cte("line", recursive=True)
    )
    above = place.alias("above")
    up = select(above, (line.c.up + 1).label("up")).join(line, line.c.parent_id == above.c.territory_id)
    line = line.union_all(up.where(*believed_at(above, on)))
    query = select(line).order_by(line.c.up.desc())
    if seen is not None:
        query = query.where(line.c.territory_id.in_(select(place.c.territory_id).where(seen)))
    return [_territory(row) for row in tx.execute(query).mappings()]


def at_day(tx: Connection, on: datetime, *, seen: ColumnElement[bool] | None = None) -> list[Territory]:
    """Every territory there is on a day, by name."""
    query = select(place).where(*believed_at(place, on), true() if seen is None else seen)
    return [_territory(row) for row in tx.execute(query.order_by(place.c.name, place.c.territory_id)).mappings()]


def find(
    tx: Connection, territory_id: str, *, since: datetime, seen: ColumnElement[bool] | None = None
) -> list[Territory]:
    """What is believed of a territory at and after an instant, oldest first."""
    query = select(place).where(
        place.c.territory_id == territory_id,
        place.c.recorded_to == FOREVER,
        place.c.valid_to > since,
        true() if seen is None else seen,
    )
    return [_territory(row) for row in tx.execute(query.order_by(place.c.valid_from)).mappings()]


def tree_changes(tx: Connection, within: Period) -> list[datetime]:
    """The instants at which the tree is believed to change within a period, its start not counted."""
    query = select(place.c.valid_from).where(
        place.c.recorded_to == FOREVER, place.c.valid_from > within.start, place.c.valid_from < within.end
    )
    return list(tx.execute(query.distinct().order_by(place.c.valid_from)).scalars())


def called(tx: Connection, name: str, within: Period) -> list[str]:
    """The ids of territories that have a name at some instant of a period."""
    query = select(place.c.territory_id).where(place.c.name == name, *believed_during(place, within))
    return list(tx.execute(query.distinct()).scalars())


def children_during(tx: Connection, territory_id: str, within: Period) -> list[str]:
    """The names of what lies right below a territory at some instant of a period."""
    query = select(place.c.name).where(place.c.parent_id == territory_id, *believed_during(place, within))
    return list(tx.execute(query.distinct().order_by(place.c.name)).scalars())


def accounts_during(tx: Connection, territory_id: str, within: Period) -> int:
    """How many accounts are assigned to a territory at some instant of a period."""
    query = select(func.count(assignment.c.account_id.distinct())).where(
        assignment.c.territory_id == territory_id, *believed_during(assignment, within)
    )
    return int(tx.execute(query).scalar_one())


def insert_territories(tx: Connection, territory_ids: Iterable[str], at: datetime) -> None:
    """Say that territories are; what they are called is laid in `place`."""
    if rows := [{"territory_id": one, "made_at": at} for one in territory_ids]:
        tx.execute(insert(territory), rows)


def insert_seats(tx: Connection, seats: Iterable[Seat], at: datetime) -> None:
    """Make seats; who fills them is laid in `staffing`."""
    rows = [
        {"seat_id": one.seat_id, "territory_id": one.territory_id, "role": one.role.value, "number": one.number}
        for one in seats
    ]
    if rows:
        tx.execute(insert(seat), [{**row, "made_at": at} for row in rows])


def any_in(tx: Connection, territory_ids: Sequence[str], seen: ColumnElement[bool]) -> bool:
    """Whether any seat of these territories is among those that may be seen."""
    query = select(seat.c.seat_id).where(seat.c.territory_id.in_(territory_ids), seen).limit(1)
    return tx.execute(query).first() is not None


def next_number(tx: Connection, territory_id: str, role: SeatRole) -> int:
    """The number the next seat of a role at a territory gets."""
    query = select(func.max(seat.c.number)).where(seat.c.territory_id == territory_id, seat.c.role == role.value)
    return (tx.execute(query).scalar() or 0) + 1


def seats(tx: Connection, *, seat_ids: Sequence[str] = (), territory_ids: Sequence[str] = ()) -> list[Seat]:
    """The seats of these ids, and those of these territories, by territory, role and number."""
    found = []
    for column, values in ((seat.c.seat_id, seat_ids), (seat.c.territory_id, territory_ids)):
        for some in chunks(values):
            found += [_seat(row) for row in tx.execute(select(seat).where(column.in_(some))).mappings()]
    return sorted(found, key=lambda one: (one.territory_id, one.role, one.number))


def staffed(
    tx: Connection,
    within: Period,
    *,
    seat_ids: Sequence[str] | None = None,
    territory_ids: Sequence[str] | None = None,
    pool_id: str | None = None,
) -> list[Staffed]:
    """Who is believed to fill these seats in a period, cut to it; by seat and when it starts."""
    base = (
        select(staffing, *_SEAT)
        .join(seat, seat.c.seat_id == staffing.c.seat_id)
        .where(*believed_during(staffing, within))
    )
    if pool_id is not None:
        base = base.where(staffing.c.pool_id == pool_id)
    rows: list[RowMapping] = []
    if seat_ids is None and territory_ids is None:
        rows += tx.execute(base).mappings()
    for some in chunks(seat_ids or ()):
        rows += tx.execute(base.where(staffing.c.seat_id.in_(some))).mappings()
    for some in chunks(territory_ids or ()):
        rows += tx.execute(base.where(seat.c.territory_id.in_(some))).mappings()
    found = [staffed_of(row, within) for row in rows]
    return sorted(found, key=lambda one: (one.seat.territory_id, one.seat.role, one.seat.number, one.valid.start))


def seat_history(tx: Connection, seat_id: str) -> list[Staffed]:
    """Who is believed to have filled a seat, to fill it and to be going to, oldest first."""
    return staffed(tx, Period(BEGINNING), seat_ids=[seat_id])


def staffed_of(row: Mapping[str, Any] | RowMapping, within: Period) -> Staffed:
    """A staffing fact joined to its seat, cut to a period."""
    return Staffed(
        seat=_seat(row),
        filler=Filler(person_id=row["person_id"], pool_id=row["pool_id"], interim_id=row["interim_id"]),
        valid=Period(max(row["valid_from"], within.start), min(row["valid_to"], within.end)),
        cause=row["cause"],
        source=row["source"],
        reason=row["reason"],
    )


def managers_above(tx: Connection, territory_id: str, on: datetime) -> list[str]:
    """Who manages a territory on a day, nearest first: its manager, then the managers and owners of those above."""
    line = [one.territory_id for one in reversed(path(tx, territory_id, on))]
    return managers_of(tx, line, on, not_owner_of=territory_id)


def managers_of(tx: Connection, line: Sequence[str], on: datetime, *, not_owner_of: str | None = None) -> list[str]:
    """Who manages or owns these territories on a day, in their order, managers first."""
    wanted = (SeatRole.MANAGER.value, SeatRole.OWNER.value)
    query = (
        select(seat.c.territory_id, seat.c.role, seat.c.number, staffing.c.person_id)
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .where(seat.c.territory_id.in_(line), seat.c.role.in_(wanted), staffing.c.person_id.is_not(None))
        .where(*believed_at(staffing, on))
    )
    rows = [row for row in tx.execute(query) if (row.territory_id, row.role) != (not_owner_of, SeatRole.OWNER.value)]
    rows.sort(key=lambda row: (line.index(row.territory_id), row.role != SeatRole.MANAGER.value, row.number))
    return list(dict.fromkeys(row.person_id for row in rows))


def find_pools(tx: Connection, *, pool_ids: Sequence[str] | None = None, name: str | None = None) -> list[Pool]:
    """Pools by id or name, or all."""
    query = select(pool).order_by(pool.c.name)
    if pool_ids is not None:
        query = query.where(pool.c.pool_id.in_(pool_ids))
    if name is not None:
        query = query.where(pool.c.name == name)
    return [_pool(row) for row in tx.execute(query).mappings()]


def list_pools(tx: Connection, *, after: str | None, limit: int) -> list[Pool]:
    """Pools by name, from after one of them."""
    query = select(pool).order_by(pool.c.name).limit(limit)
    if after is not None:
        query = query.where(pool.c.name > after)
    return [_pool(row) for row in tx.execute(query).mappings()]


def insert_pool(tx: Connection, one: Pool) -> None:
    """Add a pool."""
    tx.execute(insert(pool).values(pool_id=one.pool_id, **_pool_row(one)))


def update_pool(tx: Connection, one: Pool) -> None:
    """Keep a pool as it is now."""
    tx.execute(update(pool).where(pool.c.pool_id == one.pool_id).values(**_pool_row(one)))


def splits(tx: Connection, within: Period, *, territory_id: str | None = None) -> list[RowMapping]:
    """The splits believed to hold in a period, by when they start."""
    query = select(split).where(*believed_during(split, within)).order_by(split.c.valid_from, split.c.fact_id)
    if territory_id is not None:
        query = query.where(split.c.territory_id == territory_id)
    return list(tx.execute(query).mappings())


_SEAT = (seat.c.territory_id, seat.c.role, seat.c.number)


def _territory(row: RowMapping) -> Territory:
    return Territory(
        territory_id=row["territory_id"],
        name=row["name"],
        kind=Kind(row["kind"]),
        parent_id=row["parent_id"],
        steward_id=row["steward_id"],
        review_on=row["review_on"],
        valid=Period(row["valid_from"], row["valid_to"]),
    )


def _seat(row: Mapping[str, Any] | RowMapping) -> Seat:
    return Seat(
        seat_id=row["seat_id"], territory_id=row["territory_id"], role=SeatRole(row["role"]), number=row["number"]
    )


def _pool(row: RowMapping) -> Pool:
    return Pool(
        pool_id=row["pool_id"],
        name=row["name"],
        members=tuple(Member(**member) for member in row["members"]),
        revision=row["revision"],
    )


def _pool_row(one: Pool) -> dict[str, Any]:
    members = [{"person_id": member.person_id, "weight": member.weight} for member in one.members]
    return {"name": one.name, "members": members, "revision": one.revision}
