"""Requests to extend holdovers, in the database; a holdover itself is a fact of `override`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Select,
    Table,
    Text,
    and_,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)

from patchbook.db.believed import believed_at
from patchbook.db.metadata import Instant, metadata
from patchbook.holdovers.holdover import Extension, Holdover, NoExtension
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, opportunity, override
from patchbook.people.permission import in_scope
from patchbook.people.principal import Principal
from patchbook.people.store import employment
from patchbook.period import FOREVER

OWNER = "owner"
KIND = "holdover"

extension = Table(
    "holdover_extension",
    metadata,
    Column("extension_id", Text, primary_key=True),
    Column("opportunity_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("is_granted", Boolean),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("comment", Text),
    CheckConstraint("(is_granted IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
    Index("ix_holdover_extension_opportunity", "opportunity_id"),
)
"""One row a request; `is_granted` is null until somebody decides."""

_CHUNK = 10_000


def open_opportunities(tx: Connection, owners: pl.DataFrame, *, on: datetime) -> pl.DataFrame:
    """
    The open opportunities of accounts, with who has each and until when that person works.

    Parameters
    ----------
    owners
        account_id and from_person. Who holds an opportunity over already keeps it in their place.
    """
    deal = opportunity.alias("deal")
    held = select(override.c.opportunity_id, override.c.person_id).where(
        override.c.opportunity_id != "", *believed_at(override, on)
    )
    holders = dict(tx.execute(held).all())
    rows = tx.execute(
        select(deal.c.opportunity_id, deal.c.account_id, deal.c.stage, deal.c.amount_usd)
        .where(deal.c.closed.is_(None))
        .order_by(deal.c.opportunity_id)
    ).all()
    schema = {"opportunity_id": pl.String, "account_id": pl.String, "stage": pl.String, "amount_usd": pl.Float64}
    deals = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    works = select(employment.c.person_id, employment.c.valid_to).where(*believed_at(employment, on))
    until = pl.DataFrame(
        [tuple(row) for row in tx.execute(works)],
        schema={"person_id": pl.String, "works_until": pl.Datetime("us", "UTC")},
        orient="row",
    )
    already = pl.DataFrame(
        {"opportunity_id": list(holders), "holder": list(holders.values())},
        schema={"opportunity_id": pl.String, "holder": pl.String},
    )
    return (
        deals.join(owners, on="account_id", how="inner")
        .join(already, on="opportunity_id", how="left")
        .select(*schema, person_id=pl.coalesce("holder", "from_person"))
        .join(until, on="person_id", how="left")
        .sort("opportunity_id")
    )


def write(tx: Connection, holdovers: Iterable[Holdover], *, cause: str, at: datetime) -> int:
    """Let these opportunities stay with these people; how many facts that took."""
    written = facts(holdovers, cause=cause)
    return lay(tx, override, written, at=at).written if written else 0


def facts(holdovers: Iterable[Holdover], *, cause: str) -> list[dict[str, Any]]:
    """Holdovers as facts of `override`."""
    return [
        {
            "account_id": one.account_id,
            "role": OWNER,
            "opportunity_id": one.opportunity_id,
            "person_id": one.person_id,
            "kind": KIND,
            "valid_from": one.starts,
            "valid_to": one.expires,
            "cause": cause,
            "source": one.source,
            "reason": one.reason,
        }
        for one in holdovers
    ]


def end(tx: Connection, opportunity_ids: Sequence[str], *, ends: datetime, at: datetime) -> int:
    """End the holdovers on these opportunities; how many there were."""
    keys: list[dict[str, Any]] = []
    for start in range(0, len(opportunity_ids), _CHUNK):
        part = opportunity_ids[start : start + _CHUNK]
        query = select(override.c.account_id, override.c.role, override.c.opportunity_id, override.c.valid_from)
        query = query.where(
            override.c.kind == KIND,
            override.c.opportunity_id.in_(part),
            override.c.recorded_to == FOREVER,
            override.c.valid_to > ends,
        )
        keys += [{**row, "valid_from": max(row["valid_from"], ends)} for row in tx.execute(query).mappings()]
    firsts: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in sorted(keys, key=lambda one: one["valid_from"]):
        firsts.setdefault((key["account_id"], key["role"], key["opportunity_id"]), key)
    if firsts:
        lift(tx, override, firsts.values(), at=at)
    return len({key["opportunity_id"] for key in keys})


def holdovers(
    tx: Connection,
    by: Principal,
    *,
    on: datetime,
    at: datetime,
    expiring_by: datetime | None = None,
    opportunity_ids: Collection[str] | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[Holdover]:
    """Holdovers in force at `on` that somebody may see, the first to expire first."""
    query = (
        select(
            *(override.c[name] for name in ("opportunity_id", "account_id", "person_id", "source", "reason")),
            override.c.valid_from.label("starts"),
            override.c.valid_to.label("expires"),
            *(opportunity.c[name] for name in ("name", "stage", "amount_usd")),
        )
        .join(opportunity, opportunity.c.opportunity_id == override.c.opportunity_id, isouter=True)
        .where(override.c.kind == KIND, *believed_at(override, on), _may_see(by, override, at=at))
    )
    if expiring_by is not None:
        query = query.where(override.c.valid_to <= expiring_by)
    if opportunity_ids is not None:
        query = query.where(override.c.opportunity_id.in_(opportunity_ids))
    if after is not None:
        expires, last = after
        query = query.where(
            or_(
                override.c.valid_to > expires,
                and_(override.c.valid_to == expires, override.c.opportunity_id > last),
            )
        )
    query = query.order_by(override.c.valid_to, override.c.opportunity_id)
    rows = tx.execute(query if limit is None else query.limit(limit)).mappings()
    return [Holdover(**row) for row in rows]


def territory_of(tx: Connection, account_id: str, on: datetime) -> str | None:
    """The territory an account is assigned to."""
    query = select(assignment.c.territory_id).where(assignment.c.account_id == account_id, *believed_at(assignment, on))
    return tx.execute(query).scalar()


def add_extension(tx: Connection, made: Extension, account_id: str) -> Extension:
    """Keep a request."""
    tx.execute(insert(extension).values(account_id=account_id, **asdict(made)))
    return made


def decided(tx: Connection, answered: Extension) -> Extension:
    """Keep the answer to a request."""
    tx.execute(
        update(extension)
        .where(extension.c.extension_id == answered.extension_id, extension.c.is_granted.is_(None))
        .values(
            is_granted=answered.is_granted,
            decided_by=answered.decided_by,
            decided_at=answered.decided_at,
            comment=answered.comment,
        )
    )
    return answered


def extension_of(tx: Connection, extension_id: str, by: Principal, *, at: datetime) -> tuple[Extension, str]:
    """A request and the account it is about."""
    row = tx.execute(_extensions(by, at=at).where(extension.c.extension_id == extension_id)).mappings().first()
    if row is None:
        raise NoExtension(extension_id)
    return _extension(row), row["account_id"]


def extensions(
    tx: Connection, by: Principal, *, at: datetime, is_open: bool | None, after: str | None, limit: int
) -> list[Extension]:
    """Requests somebody may see."""
    query = _extensions(by, at=at)
    if is_open is not None:
        query = query.where(extension.c.is_granted.is_(None) if is_open else extension.c.is_granted.is_not(None))
    if after is not None:
        query = query.where(extension.c.extension_id > after)
    rows = tx.execute(query.order_by(extension.c.extension_id).limit(limit)).mappings()
    return [_extension(row) for row in rows]


def open_extensions(tx: Connection, by: Principal, *, at: datetime, limit: int) -> list[tuple[Extension, str | None]]:
    """Requests of others that nobody has decided, with the territory the account is in, the oldest first."""
    where = select(assignment.c.territory_id).where(
        assignment.c.account_id == extension.c.account_id, *believed_at(assignment, at)
    )
    query = _extensions(by, at=at).add_columns(where.scalar_subquery().label("territory_id"))
    query = query.where(extension.c.is_granted.is_(None), extension.c.asked_by != by.person_id)
    rows = tx.execute(query.order_by(extension.c.asked_at, extension.c.extension_id).limit(limit)).mappings()
    found = []
    for row in rows:
        told = dict(row)
        territory_id = told.pop("territory_id")
        found.append((_extension(told), territory_id))
    return found


def _extensions(by: Principal, *, at: datetime) -> Select[Any]:
    return select(extension).where(or_(extension.c.asked_by == by.person_id, _may_see(by, extension, at=at)))


def _extension(row: Any) -> Extension:
    return Extension(**{name: value for name, value in row.items() if name != "account_id"})


def _may_see(by: Principal, table: Any, *, at: datetime) -> ColumnElement[bool]:
    """Whoever holds over sees it, and whoever sees the account's territory."""
    if by.is_everywhere:
        return true()
    inside = exists().where(
        assignment.c.account_id == table.c.account_id,
        *believed_at(assignment, at),
        in_scope(by, territory=assignment.c.territory_id, at=at),
    )
    return or_(inside, table.c.person_id == by.person_id) if "person_id" in table.c else inside
