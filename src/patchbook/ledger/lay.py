"""Lay new facts over what is believed: the one way history is written.

A new fact takes its period from the believed facts of its key. Those are closed (`recorded_to`), and what was true of
them outside the new period is recorded again beside it. Nothing is changed or deleted, so any earlier belief can still
be asked for (Snodgrass, *Developing Time-Oriented Database Applications in SQL*, 1999, ch. 10: sequenced changes).
Everything is done set by set inside the database: one fact or a million cost the same number of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Interval,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    type_coerce,
    union_all,
    update,
)

from patchbook.db.crash import crash_point
from patchbook.errors import BadInput
from patchbook.ledger.clock import advance, recording_at
from patchbook.ledger.waiting import Waiting, count_anew, fill, waiting_for
from patchbook.period import FOREVER, Period

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


class OverlappingFacts(BadInput):
    """Two of the facts to be written speak of the same thing at the same instant."""

    def __init__(self, table: str, key: Mapping[str, str], first: Period, second: Period) -> None:
        of = " and ".join(f"{name} {value!r}" for name, value in key.items() if value) or "the same thing"
        super().__init__(
            f"Two facts of {table} for {of} overlap: {first} and {second}; one must end before the other begins."
        )


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
    OverlappingFacts
        Two of the facts have the same key and share an instant.
    BadPeriod
        A fact holds at no instant.
    sqlalchemy.exc.IntegrityError
        The database refuses: a fact gives work to somebody who is not employed, or to somebody unknown.
    """
    waiting = _waiting(tx, table, facts)
    _drop_known(tx, table, waiting.facts)
    return _succeed(tx, table, waiting, at, write=True)


def lift(tx: Connection, table: Table, keys: Iterable[Mapping[str, Any]], *, at: datetime) -> Laid:
    """End what is believed of these keys for `valid_from` to `valid_to`, and put nothing in its place."""
    return _succeed(tx, table, _waiting(tx, table, keys), at, write=False)


def _waiting(tx: Connection, table: Table, facts: Iterable[Mapping[str, Any]]) -> Waiting:
    """The new facts in a table of this connection alone, checked."""
    waiting = waiting_for(tx, table)
    fill(tx, waiting.facts, facts, defaults={"valid_to": FOREVER, "opportunity_id": ""})
    _refuse_overlaps(tx, table, waiting.facts)
    return waiting


def _refuse_overlaps(tx: Connection, table: Table, new: Table) -> None:
    key = [new.c[name] for name in KEYS[table.name]]
    order = func.lead(new.c.valid_from).over(partition_by=key, order_by=new.c.valid_from)
    after = func.lead(new.c.valid_to).over(partition_by=key, order_by=new.c.valid_from)
    ordered = select(
        *key,
        new.c.valid_from,
        new.c.valid_to,
        type_coerce(order, new.c.valid_from.type).label("next_from"),
        type_coerce(after, new.c.valid_to.type).label("next_to"),
    ).subquery()
    found = tx.execute(select(ordered).where(ordered.c.next_from < ordered.c.valid_to).limit(1)).mappings().first()
    if found is not None:
        named = {name: found[name] for name in KEYS[table.name]}
        first, second = (Period(found[f"{one}_from"], found[f"{one}_to"]) for one in ("valid", "next"))
        raise OverlappingFacts(table.name, named, first, second)


def _drop_known(tx: Connection, table: Table, new: Table) -> None:
    """
    Leave out facts that are believed already, for their whole period, with the same values.

    Believed facts of one key never overlap, so those with the same values cover a new one exactly when the times they
    share with it add up to all of it.
    """
    values = [name for name in _values(table) if name not in TOLD]
    pick_first, pick_last = (func.min, func.max) if tx.dialect.name == "sqlite" else (func.least, func.greatest)
    shared = pick_first(table.c.valid_to, new.c.valid_to) - pick_last(table.c.valid_from, new.c.valid_from)
    whole = new.c.valid_to - new.c.valid_from
    # Not a condition of the join: SQLite would look facts up by a value, of which there may be a million.
    same = and_(true(), *(table.c[name].is_not_distinct_from(new.c[name]) for name in values))
    total = func.sum(case((same, shared)))
    known = (
        select(new.c.number)
        .join(table, and_(*_meets(table, new)))
        .group_by(new.c.number, new.c.valid_from, new.c.valid_to)
        .having(type_coerce(total, Interval) == type_coerce(whole, Interval))
    )
    tx.execute(delete(new).where(new.c.number.in_(known)))


def _succeed(tx: Connection, table: Table, waiting: Waiting, at: datetime, *, write: bool) -> Laid:
    """Close the believed facts in the way, record what remains of them, and write the new ones."""
    new, met = waiting.facts, waiting.met
    in_the_way = select(new.c.number, table.c.fact_id, table.c.recorded_from).join(table, and_(*_meets(table, new)))
    tx.execute(insert(met).from_select(["number", "fact_id", "recorded_from"], in_the_way))
    waiting.tell_planner(tx)
    now = recording_at(tx, at)
    newest = tx.execute(select(func.max(met.c.recorded_from))).scalar()
    if newest is not None and newest >= now:
        now = advance(tx, at)
    closed = written = 0
    if newest is not None:
        crash_point("lay.close")
        closed = tx.execute(
            update(table).where(table.c.fact_id.in_(select(met.c.fact_id))).values(recorded_to=now)
        ).rowcount
        crash_point("lay.remains")
        written = _insert(tx, table, _remains(table, waiting, now))
    crash_point("lay.write")
    if write:
        facts = select(*(new.c[name] for name in _columns(table)), *_recorded(table, now)).order_by(new.c.number)
        written += _insert(tx, table, facts)
    count_anew(tx, table, written)
    return Laid(closed=closed, written=written)


def _insert(tx: Connection, table: Table, rows: Any) -> int:
    statement = insert(table).from_select([*_columns(table), "recorded_from", "recorded_to"], rows)
    return tx.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _remains(table: Table, waiting: Waiting, now: datetime) -> Any:
    """What of the facts in the way lies outside the new periods: pieces of the old facts, with the old values."""
    new, met = waiting.facts, waiting.met
    order: dict[str, Any] = {"partition_by": met.c.fact_id, "order_by": new.c.valid_from}
    instant = new.c.valid_from.type
    beside = (
        select(
            met.c.fact_id,
            new.c.valid_from.label("new_from"),
            new.c.valid_to.label("new_to"),
            type_coerce(func.lag(new.c.valid_to).over(**order), instant).label("before"),
            type_coerce(func.lead(new.c.valid_from).over(**order), instant).label("after"),
        )
        .join(new, new.c.number == met.c.number)
        .subquery("beside")
    )
    starts = func.coalesce(beside.c.before, table.c.valid_from)
    old = table.join(beside, beside.c.fact_id == table.c.fact_id)
    ahead = _piece(table, starts, beside.c.new_from, now).select_from(old).where(starts < beside.c.new_from)
    behind = (
        _piece(table, beside.c.new_to, table.c.valid_to, now)
        .select_from(old)
        .where(beside.c.after.is_(None), beside.c.new_to < table.c.valid_to)
    )
    return union_all(ahead, behind)


def _piece(table: Table, start: ColumnElement[Any], end: ColumnElement[Any], now: datetime) -> Any:
    ends = {"valid_from": start, "valid_to": end}
    return select(*(ends.get(name, table.c[name]).label(name) for name in _columns(table)), *_recorded(table, now))


def _recorded(table: Table, now: datetime) -> list[ColumnElement[Any]]:
    return [literal(now, table.c.recorded_from.type), literal(FOREVER, table.c.recorded_to.type)]


def _meets(table: Table, new: FromClause) -> list[ColumnElement[bool]]:
    """Whether a believed fact speaks of the same key and an instant of the same period as a new one."""
    return [
        *(table.c[name] == new.c[name] for name in KEYS[table.name]),
        table.c.recorded_to == FOREVER,
        table.c.valid_from < new.c.valid_to,
        new.c.valid_from < table.c.valid_to,
    ]


def _columns(table: Table) -> list[str]:
    return [*KEYS[table.name], "valid_from", "valid_to", *_values(table)]


def _values(table: Table) -> list[str]:
    taken = {"fact_id", *_ENDS, *KEYS[table.name]}
    return [column.name for column in table.columns if column.name not in taken]
