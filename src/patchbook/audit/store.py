"""The audit trail in the database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Integer, Select, Table, Text, select, type_coerce

from patchbook.audit.event import Event
from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

event = Table(
    "event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False, index=True),
    Column("deed", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("before", Json),
    Column("after", Json),
    Column("why", Text),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""One row a deed. `by` and `subject` are ids; names and mail addresses never enter the chain."""

append_only(event)

AT_ONCE = 5_000


def chain(tx: Connection) -> Iterator[Sequence[Any]]:
    """
    Every event from the first on, read piece by piece: number, at, by, deed, kind, subject, before, after, why,
    previous, digest.

    On SQLite what is kept comes as it is, unread: microseconds for `at`, texts for `before` and `after`.
    """
    columns: list[ColumnElement[Any]] = list(event.columns)
    if tx.dialect.name == "sqlite":
        raw: dict[str, Any] = {"at": BigInteger(), "before": Text(), "after": Text()}
        columns = [type_coerce(one, raw[one.name]) if one.name in raw else one for one in event.columns]
    with tx.execute(select(*columns).order_by(event.c.number).execution_options(yield_per=AT_ONCE)) as found:
        yield from found


def digest_of_event(tx: Connection, number: int) -> str | None:
    """The digest kept with an event."""
    return tx.execute(select(event.c.digest).where(event.c.number == number)).scalar()


def events(
    *,
    subject: str | None,
    kind: str | None,
    deed: str | None,
    by: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
) -> Select[Any]:
    """Events as asked for, newest first, those before a number."""
    query = select(*(event.c[one.name] for one in fields(Event)))
    for column, wanted in ((event.c.subject, subject), (event.c.kind, kind), (event.c.deed, deed), (event.c.by, by)):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(event.c.at >= since)
    if until is not None:
        query = query.where(event.c.at < until)
    if before is not None:
        query = query.where(event.c.number < before)
    return query.order_by(event.c.number.desc())


def read(tx: Connection, query: Select[Any]) -> list[Event]:
    """The events a query finds."""
    return [Event(**row) for row in tx.execute(query).mappings()]


def as_frame(tx: Connection) -> pl.DataFrame:
    """Every event, oldest first, documents as text."""
    names = ["number", "at", "by", "deed", "kind", "subject", "before", "after", "why"]
    rows = tx.execute(select(*(event.c[name] for name in names)).order_by(event.c.number))
    told = [
        (
            row.number,
            row.at.isoformat(),
            row.by,
            row.deed,
            row.kind,
            row.subject,
            _told(row.before),
            _told(row.after),
            row.why,
        )
        for row in rows
    ]
    return pl.DataFrame(told, schema={"number": pl.Int64, **dict.fromkeys(names[1:], pl.String)}, orient="row")


def _told(document: Any) -> str | None:
    return None if document is None else json.dumps(document, sort_keys=True, ensure_ascii=False)
