"""The audit trail in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Integer, Table, Text, select, type_coerce

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

event = Table(
    "event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
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
