"""Who owns every account at once: for a set of accounts, or the whole company as a stream of Arrow batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import PGDialect

from patchbook.db.record import Record, record_of
from patchbook.ledger.store import in_force
from patchbook.ledger.tables import assignment, cover, override, staffing, tick
from patchbook.people.permission import in_scope
from patchbook.people.principal import Principal
from patchbook.territories.store import seat

SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("territory_id", pa.string()),
        pa.field("person_id", pa.string()),
        pa.field("pool_id", pa.string()),
        pa.field("acting_id", pa.string()),
        pa.field("since", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)
"""One row an account: `since` is the later of when it came to the territory and when the owner came to the seat."""

BATCH_ROWS = 65_536


def owners(
    tx: Connection, account_ids: Iterable[str], *, role: str, on: datetime, known: datetime | None
) -> dict[str, str | None]:
    """Account → owner, for those of these accounts that are in the ledger; one query."""
    ids = list(dict.fromkeys(account_ids))
    among: Any
    if tx.dialect.name == "postgresql":
        among = func.unnest(cast(ids, ARRAY(Text))).column_valued("id")
    else:
        among = func.json_each(json.dumps(ids)).table_valued("value").c.value
    found = tx.execute(ownership(role, on, known, only=lambda account: account.in_(select(among))))
    return {row.account_id: row.person_id for row in found}


def stream(
    tx: Connection, *, role: str, on: datetime, known: datetime | None, by: Principal, at: datetime
) -> Iterator[pa.RecordBatch]:
    """
    The whole company, batch by batch; memory does not grow with the number of accounts.

    The rows come over a connection of their own. It sees what the transaction sees, because what is asked for is what
    was known at the last instant the transaction knows of; a transaction that has written facts itself does not see
    those.
    """
    last = tx.execute(select(tick.c.last)).scalar()
    if last is None:
        return
    rows = ownership(role, on, last if known is None else min(known, last)).subquery("rows")
    mine = or_(rows.c.person_id == by.person_id, rows.c.acting_id == by.person_id)
    query = select(rows)
    if not by.is_everywhere:
        query = query.where(or_(in_scope(by, territory=rows.c.territory_id, at=at), mine))
    # An empty text instead of a null: the SQLite driver takes a column's type from its first rows.
    names = SCHEMA.names[:-1]
    told = query.subquery("told")
    plain = select(*(func.coalesce(told.c[name], "").label(name) for name in names), told.c.since)
    yield from _batches(record_of(tx), _text(plain, tx.dialect))


def _text(query: Select[Any], dialect: Dialect) -> str:
    """
    A query with its values in it, quoted by the dialect.

    PostgreSQL streams rows by COPY, which takes no parameters. A dialect that marks parameters by names leaves a % in a
    value as it is.
    """
    plain = PGDialect(paramstyle="named") if dialect.name == "postgresql" else dialect  # type: ignore[no-untyped-call]
    return str(query.compile(dialect=plain, compile_kwargs={"literal_binds": True}))


def _batches(record: Record, sql: str) -> Iterator[pa.RecordBatch]:
    with _connect(record) as connection, connection.cursor() as cursor:
        if not record.is_postgresql:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
        cursor.execute(sql)
        for batch in cursor.fetch_record_batch():
            if batch.num_rows:
                yield _typed(batch)


def _connect(record: Record) -> Any:
    if record.is_postgresql:
        import adbc_driver_postgresql.dbapi as postgresql  # type: ignore[import-untyped]

        url = record.engine.url.set(drivername="postgresql")
        return postgresql.connect(url.render_as_string(hide_password=False))
    import adbc_driver_sqlite.dbapi as sqlite

    return sqlite.connect(str(record.engine.url.database))


def _typed(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch.column(name) for name in SCHEMA.names]
    columns[1:-1] = [pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in columns[1:-1]]
    return pa.RecordBatch.from_arrays(
        [column.cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def ownership(
    role: str,
    on: datetime,
    known: datetime | None,
    *,
    only: Callable[[ColumnElement[str]], ColumnElement[bool]] | None = None,
) -> Select[Any]:
    """Account, territory, owner, pool, who acts, and since when; of all accounts or of those `only` lets pass."""
    first = and_(seat.c.territory_id == assignment.c.territory_id, seat.c.role == role, seat.c.number == 1)
    taken = [override.c.role == role, override.c.opportunity_id == "", *in_force(override, on, known)]
    held = func.coalesce(staffing.c.person_id, staffing.c.interim_id)
    came = case((staffing.c.valid_from > assignment.c.valid_from, staffing.c.valid_from), else_=assignment.c.valid_from)
    by_territory = (
        select(
            assignment.c.account_id,
            assignment.c.territory_id,
            func.coalesce(override.c.person_id, held).label("person_id"),
            case((override.c.person_id.is_(None), staffing.c.pool_id)).label("pool_id"),
            func.coalesce(override.c.valid_from, came).label("since"),
        )
        .outerjoin(seat, first)
        .outerjoin(staffing, and_(staffing.c.seat_id == seat.c.seat_id, *in_force(staffing, on, known)))
        .outerjoin(override, and_(override.c.account_id == assignment.c.account_id, *taken))
        .where(*in_force(assignment, on, known))
    )
    without = (
        select(
            override.c.account_id,
            cast(null(), Text),
            override.c.person_id,
            cast(null(), Text),
            override.c.valid_from,
        )
        .where(*taken)
        .where(
            ~exists().where(assignment.c.account_id == override.c.account_id, *in_force(assignment, on, known)),
        )
    )
    if only is not None:
        by_territory = by_territory.where(only(assignment.c.account_id))
        without = without.where(only(override.c.account_id))
    row = union_all(by_territory, without).subquery("row")
    return select(
        row.c.account_id,
        row.c.territory_id,
        row.c.person_id,
        row.c.pool_id,
        cover.c.cover_id.label("acting_id"),
        row.c.since,
    ).outerjoin(cover, and_(cover.c.person_id == row.c.person_id, *in_force(cover, on, known)))
