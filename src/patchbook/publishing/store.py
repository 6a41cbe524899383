"""Publications in the database, and what publishing reads of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    exists,
    func,
    insert,
    select,
)

from patchbook.db.believed import believed_at
from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.ledger.tables import assignment, opportunity, override, staffing
from patchbook.people.principal import Principal
from patchbook.people.store import employment, person
from patchbook.period import FOREVER, Period
from patchbook.plans.store import plan, visible
from patchbook.publishing.publication import Kind, Publication
from patchbook.territories.store import place, seat, territory

publication = Table(
    "publication",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("publication_id", Text, nullable=False, unique=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("of", Text, ForeignKey("publication.publication_id"), unique=True),
    Column("effective", Instant, nullable=False),
    Column("recorded", Instant, nullable=False),
    Column("recorded_to", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("counts", Json, nullable=False),
    CheckConstraint("kind IN ('publish', 'rollback')", name="kind_is_known"),
    CheckConstraint("(kind = 'rollback') = (of IS NOT NULL)", name="rollback_of_something"),
    Index("ix_publication_effective", "effective"),
)
"""One row a publish or roll back; the facts it wrote have its id as their `source`."""
append_only(publication)

_back = publication.alias("back")
_is_rolled_back = exists().where(_back.c.of == publication.c.publication_id)


def add(tx: Connection, made: Publication) -> Publication:
    """Keep a new publication."""
    tx.execute(
        insert(publication).values(
            publication_id=made.publication_id,
            plan_id=made.plan_id,
            kind=made.kind,
            of=made.of,
            effective=made.effective,
            recorded=made.recorded,
            recorded_to=made.recorded_to,
            at=made.at,
            by=made.by,
            counts=dict(made.counts),
        )
    )
    return made


def rollback_of(tx: Connection, publication_id: str) -> str | None:
    """The roll back that took a publication back."""
    return tx.execute(select(publication.c.publication_id).where(publication.c.of == publication_id)).scalar()


def standing(tx: Connection, plan_id: str | None = None) -> list[Publication]:
    """Publishes that were not rolled back, in the order they were made."""
    query = _publications().where(publication.c.kind == Kind.PUBLISH, ~_is_rolled_back)
    if plan_id is not None:
        query = query.where(publication.c.plan_id == plan_id)
    return [_publication(row) for row in tx.execute(query.order_by(publication.c.number)).mappings()]


def newest_first(
    tx: Connection,
    by: Principal,
    *,
    at: datetime,
    publication_id: str | None = None,
    plan_id: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[tuple[int, Publication]]:
    """Publications of the plans somebody may see, with their numbers."""
    seen = select(plan.c.plan_id).where(visible(by, at=at))
    query = _publications().where(publication.c.plan_id.in_(seen))
    if publication_id is not None:
        query = query.where(publication.c.publication_id == publication_id)
    if plan_id is not None:
        query = query.where(publication.c.plan_id == plan_id)
    if before is not None:
        query = query.where(publication.c.number < before)
    rows = tx.execute(query.order_by(publication.c.number.desc()).limit(limit)).mappings()
    return [(row["number"], _publication(row)) for row in rows]


def up_to(on: datetime) -> Select[Any]:
    """Ids of whatever was published or rolled back for this date or an earlier one: what a new plan succeeds."""
    return select(publication.c.publication_id).where(publication.c.effective <= on)


def _publications() -> Select[Any]:
    return select(publication, _is_rolled_back.label("is_rolled_back"))


def _publication(row: RowMapping) -> Publication:
    told = {name: value for name, value in row.items() if name != "number"}
    return Publication(**{**told, "kind": Kind(row["kind"])})


OWNER = "owner"
_STRIDE = 50_000


def frame(tx: Connection, query: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of a query as a frame, read in strides so that a million of them fit beside what is made of them."""
    found = tx.execute(query, execution_options={"yield_per": _STRIDE})
    parts = [
        pl.DataFrame(dict(zip(schema, zip(*part, strict=True), strict=True)), schema=schema)
        for part in found.partitions(_STRIDE)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


INSTANT = pl.Datetime("us", "UTC")


Fact = dict[str, Any]


def places(tx: Connection) -> list[Fact]:
    """What is believed of every territory: its places, oldest first."""
    query = select(place).where(place.c.recorded_to == FOREVER)
    return _facts(tx, query.order_by(place.c.valid_from, place.c.territory_id))


def owner_seats(tx: Connection) -> dict[str, str]:
    """Territory → its first owner seat."""
    query = select(seat.c.territory_id, seat.c.seat_id).where(seat.c.role == OWNER, seat.c.number == 1)
    return dict(tx.execute(query).all())


def seats_of(tx: Connection, territory_ids: Collection[str]) -> list[str]:
    """Every seat of these territories, whatever its role."""
    query = select(seat.c.seat_id).where(seat.c.territory_id.in_(territory_ids)).order_by(seat.c.seat_id)
    return list(tx.execute(query).scalars())


def staffings(tx: Connection, on: datetime) -> list[Fact]:
    """
    What is believed of owner seats from `on`, oldest first.

    `is_superseded` says of each whether a publication for this date or an earlier one wrote it.
    """
    query = (
        select(staffing, staffing.c.source.in_(up_to(on)).label("is_superseded"))
        .join(seat, and_(seat.c.seat_id == staffing.c.seat_id, seat.c.role == OWNER, seat.c.number == 1))
        .where(staffing.c.recorded_to == FOREVER, staffing.c.valid_to > on)
    )
    return _facts(tx, query.order_by(staffing.c.seat_id, staffing.c.valid_from))


def holders(tx: Connection, on: datetime) -> dict[str, str | None]:
    """Territory → who has its owner seat at `on`: a person, a pool, or whoever takes care in the interim."""
    query = select(
        seat.c.territory_id, func.coalesce(staffing.c.person_id, staffing.c.pool_id, staffing.c.interim_id)
    ).join(staffing, staffing.c.seat_id == seat.c.seat_id)
    query = query.where(seat.c.role == OWNER, seat.c.number == 1, *believed_at(staffing, on))
    return dict(tx.execute(query).all())


def employments(tx: Connection) -> dict[str, list[Period]]:
    """Person → the periods they are employed."""
    query = select(employment.c.person_id, employment.c.valid_from, employment.c.valid_to)
    rows = tx.execute(query.where(employment.c.recorded_to == FOREVER).order_by(employment.c.valid_from))
    found: dict[str, list[Period]] = {}
    for who, start, end in rows:
        found.setdefault(who, []).append(Period(start, end))
    return found


def managers(tx: Connection) -> dict[str, str]:
    """Person → their manager."""
    query = select(person.c.person_id, person.c.manager_id).where(person.c.manager_id.is_not(None))
    return dict(tx.execute(query).all())


def decided_for_later(tx: Connection, on: datetime) -> pl.DataFrame:
    """Assignments that begin after `on` by another cause than a publication this one succeeds; they are kept."""
    query = (
        select(
            assignment.c.account_id,
            assignment.c.valid_from,
            assignment.c.valid_to,
            assignment.c.source.in_(select(publication.c.publication_id)),
        )
        .where(assignment.c.recorded_to == FOREVER, assignment.c.valid_from > on)
        .where(assignment.c.source.not_in(up_to(on)))
        .order_by(assignment.c.account_id, assignment.c.valid_from)
    )
    schema = {"account_id": pl.String, "valid_from": INSTANT, "valid_to": INSTANT, "by_plan": pl.Boolean}
    return frame(tx, query, schema)


def book(tx: Connection, on: datetime) -> pl.DataFrame:
    """
    Who has which account at `on`, as believed now: one row an assigned account.

    account_id, territory_id, territory (its name), person (the owner: by an override, else the territory's, an interim
    too).
    """
    held = override.alias("held")
    query = (
        select(
            assignment.c.account_id,
            assignment.c.territory_id,
            place.c.name,
            func.coalesce(held.c.person_id, staffing.c.person_id, staffing.c.pool_id, staffing.c.interim_id),
        )
        .select_from(assignment)
        .join(place, and_(place.c.territory_id == assignment.c.territory_id, *believed_at(place, on)), isouter=True)
        .join(
            seat,
            and_(seat.c.territory_id == assignment.c.territory_id, seat.c.role == OWNER, seat.c.number == 1),
            isouter=True,
        )
        .join(staffing, and_(staffing.c.seat_id == seat.c.seat_id, *believed_at(staffing, on)), isouter=True)
        .join(
            held,
            and_(
                held.c.account_id == assignment.c.account_id,
                held.c.role == OWNER,
                held.c.opportunity_id == "",
                *believed_at(held, on),
            ),
            isouter=True,
        )
        .where(*believed_at(assignment, on))
    )
    return frame(tx, query, dict.fromkeys(("account_id", "territory_id", "territory", "person"), pl.String))


def overrides(tx: Connection, on: datetime, kinds: Collection[str]) -> list[Fact]:
    """
    Overrides of whole accounts that hold from `on` or later, of these kinds.

    `is_superseded` says of each whether a publication for this date or an earlier one wrote it.
    """
    query = select(override, override.c.source.in_(up_to(on)).label("is_superseded")).where(
        override.c.recorded_to == FOREVER,
        override.c.valid_to > on,
        override.c.role == OWNER,
        override.c.opportunity_id == "",
        override.c.kind.in_(kinds),
    )
    return _facts(tx, query.order_by(override.c.account_id, override.c.valid_from))


def open_opportunities(tx: Connection) -> pl.DataFrame:
    """Deals that are neither won nor lost."""
    columns = (opportunity.c.opportunity_id, opportunity.c.account_id, opportunity.c.stage, opportunity.c.amount_usd)
    query = select(*columns).where(opportunity.c.closed.is_(None)).order_by(opportunity.c.opportunity_id)
    texts = dict.fromkeys(("opportunity_id", "account_id", "stage"), pl.String)
    return frame(tx, query, {**texts, "amount_usd": pl.Float64})


def still_assigned(tx: Connection, territory_ids: Collection[str], on: datetime) -> set[str]:
    """Which of these territories hold any account at `on` or later."""
    query = select(assignment.c.territory_id).distinct()
    query = query.where(
        assignment.c.territory_id.in_(territory_ids), assignment.c.recorded_to == FOREVER, assignment.c.valid_to > on
    )
    return set(tx.execute(query).scalars())


def published_before(tx: Connection, on: datetime) -> set[str]:
    """Territories whose owner seat a publication for this date or an earlier one staffed."""
    query = select(seat.c.territory_id).distinct().join(staffing, staffing.c.seat_id == seat.c.seat_id)
    return set(tx.execute(query.where(staffing.c.source.in_(up_to(on)))).scalars())


def make_territories(tx: Connection, territory_ids: Sequence[str], at: datetime) -> None:
    """Note that these territories are."""
    if territory_ids:
        tx.execute(insert(territory), [{"territory_id": made, "made_at": at} for made in territory_ids])


def make_owner_seats(tx: Connection, seats: Mapping[str, str], at: datetime) -> None:
    """Territory → the id of its new owner seat."""
    if seats:
        rows = [
            {"seat_id": made, "territory_id": where, "role": OWNER, "number": 1, "made_at": at}
            for where, made in seats.items()
        ]
        tx.execute(insert(seat), rows)


def _facts(tx: Connection, query: Select[Any]) -> list[Fact]:
    return [dict(row) for row in tx.execute(query).mappings()]
