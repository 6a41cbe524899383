"""Lay new facts over what is believed: the one way history is written.

A new fact takes its period from the believed facts of its key. Those are closed (`recorded_to`), and what was true of
them outside the new period is recorded again beside it. Nothing is changed or deleted, so any earlier belief can still
be asked for (Snodgrass, *Developing Time-Oriented Database Applications in SQL*, 1999, ch. 10: sequenced changes).
Everything is done set by set: one fact or a million cost the same number of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from patchbook.db.crash import crash_point
from patchbook.ledger.clock import advance, recording_at
from patchbook.period import FOREVER

KEYS: Mapping[str, tuple[str, ...]] = {
    "assignment": ("account_id",),
    "staffing": ("seat_id",),
    "override": ("account_id", "role", "opportunity_id"),
    "cover": ("person_id",),
    "employment": ("person_id",),
    "place": ("territory_id",),
    "split": ("territory_id", "account_id", "role"),
}
"""Table → the columns of which one combination has one fact at any instant."""

TOLD = frozenset({"cause", "source", "reason"})
"""Columns that say why; a new fact that differs only in these from what is believed is not written."""

_ENDS = ("valid_from", "valid_to", "recorded_from", "recorded_to")
_CHUNK = 20_000


@dataclass(frozen=True, kw_only=True)
class Laid:
    """How many facts a call closed, and how many it wrote."""

    closed: int
    written: int


def lay(tx: Connection, table: Table, facts: Iterable[Mapping[str, Any]], *, at: datetime) -> Laid:
    """
    Write facts over those believed, leaving out what is believed already.

    Parameters
    ----------
    table
        One of those in `KEYS`.
    facts
        The key, `valid_from`, `valid_to` (open when absent) and the values of each; no two of one key may overlap.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        The database refuses: two facts of one key overlap, or give work to somebody who is not employed.
    """
    incoming = _incoming(tx, table, facts)
    try:
        _drop_known(tx, table, incoming)
        return _succeed(tx, table, incoming, at, write=True)
    finally:
        _forget(tx, incoming)


def lift(tx: Connection, table: Table, keys: Iterable[Mapping[str, Any]], *, at: datetime) -> Laid:
    """End what is believed of these keys for `valid_from` to `valid_to`, and put nothing in its place."""
    incoming = _incoming(tx, table, keys)
    try:
        return _succeed(tx, table, incoming, at, write=False)
    finally:
        _forget(tx, incoming)


def _incoming(tx: Connection, table: Table, facts: Iterable[Mapping[str, Any]]) -> Table:
    """A table of this connection alone that holds the new facts."""
    columns = [column for column in table.columns if column.name not in ("fact_id", "recorded_from", "recorded_to")]
    incoming = Table(
        f"incoming_{table.name}",
        MetaData(),
        Column("number", Integer, primary_key=True),
        *(Column(column.name, column.type, nullable=True) for column in columns),
        prefixes=["TEMPORARY"],
    )
    incoming.create(tx)
    names = [column.name for column in columns]
    for chunk in _chunks(_rows(facts, names)):
        tx.execute(insert(incoming), chunk)
        crash_point("lay.incoming")
    return incoming


def _forget(tx: Connection, incoming: Table) -> None:
    if tx.in_transaction() and tx.get_transaction().is_active:  # type: ignore[union-attr]
        incoming.drop(tx)


def _rows(facts: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    defaults = {"valid_to": FOREVER, "opportunity_id": ""}
    for number, fact in enumerate(facts):
        yield {"number": number, **{name: fact.get(name, defaults.get(name)) for name in names}}


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _drop_known(tx: Connection, table: Table, incoming: Table) -> None:
    """Leave out facts that are believed already, for their whole period, with the same values."""
    values = [name for name in _values(table) if name not in TOLD]
    known = exists().where(
        _same_key(table, incoming),
        table.c.recorded_to == FOREVER,
        table.c.valid_from <= incoming.c.valid_from,
        table.c.valid_to >= incoming.c.valid_to,
        *(table.c[name].is_not_distinct_from(incoming.c[name]) for name in values),
    )
    tx.execute(delete(incoming).where(known))


def _succeed(tx: Connection, table: Table, incoming: Table, at: datetime, *, write: bool) -> Laid:
    """Close the believed facts in the way, record what remains of them, and write the new ones."""
    meets = and_(
        _same_key(table, incoming),
        table.c.recorded_to == FOREVER,
        table.c.valid_from < incoming.c.valid_to,
        incoming.c.valid_from < table.c.valid_to,
    )
    now = recording_at(tx, at)
    newest = tx.execute(select(func.max(table.c.recorded_from)).where(exists().where(meets))).scalar()
    if newest is not None and newest >= now:
        now = advance(tx, at)
    in_the_way = select(table.c.fact_id).where(exists().where(meets))
    remains = [dict(row) for row in _remains(tx, table, incoming, meets)]
    crash_point("lay.close")
    closed = tx.execute(update(table).where(table.c.fact_id.in_(in_the_way)).values(recorded_to=now)).rowcount
    crash_point("lay.remains")
    for row in remains:
        row["recorded_from"] = now
    for chunk in _chunks(iter(remains)):
        tx.execute(insert(table), chunk)
    crash_point("lay.write")
    names = [*KEYS[table.name], "valid_from", "valid_to", *_values(table)]
    written = 0
    if write:
        new = select(*(incoming.c[name] for name in names), *_recorded(table, now)).order_by(incoming.c.number)
        tx.execute(insert(table).from_select([*names, "recorded_from", "recorded_to"], new))
        written = tx.execute(select(func.count()).select_from(incoming)).scalar_one()
    return Laid(closed=closed, written=written + len(remains))


def _recorded(table: Table, now: datetime) -> list[Any]:
    return [literal(now, table.c.recorded_from.type), literal(FOREVER, table.c.recorded_to.type)]


def _remains(tx: Connection, table: Table, incoming: Table, meets: Any) -> Iterator[dict[str, Any]]:
    """What of the facts in the way lies outside the new periods: pieces of the old facts, with the old values."""
    names = [*KEYS[table.name], *_values(table)]
    found = tx.execute(
        select(
            table.c.fact_id,
            table.c.valid_from,
            table.c.valid_to,
            incoming.c.valid_from.label("new_from"),
            incoming.c.valid_to.label("new_to"),
            *(table.c[name] for name in names),
        )
        .select_from(table.join(incoming, meets))
        .where((table.c.valid_from < incoming.c.valid_from) | (table.c.valid_to > incoming.c.valid_to))
        .order_by(table.c.fact_id, incoming.c.valid_from)
    )
    last = None
    for row in map(dict, found.mappings()):
        if last is not None and row["fact_id"] != last["fact_id"]:
            yield from _tail(last, names)
        start = row["valid_from"] if last is None or row["fact_id"] != last["fact_id"] else last["new_to"]
        if start < row["new_from"]:
            yield {**{name: row[name] for name in names}, "valid_from": start, "valid_to": row["new_from"]}
        last = row
    if last is not None:
        yield from _tail(last, names)


def _tail(row: Mapping[str, Any], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    if row["new_to"] < row["valid_to"]:
        yield {**{name: row[name] for name in names}, "valid_from": row["new_to"], "valid_to": row["valid_to"]}


def _same_key(table: Table, incoming: Table) -> Any:
    return and_(*(table.c[name] == incoming.c[name] for name in KEYS[table.name]))


def _values(table: Table) -> list[str]:
    taken = {"fact_id", *_ENDS, *KEYS[table.name]}
    return [column.name for column in table.columns if column.name not in taken]
