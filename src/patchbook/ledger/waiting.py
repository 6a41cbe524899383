"""Where new facts wait before they are laid: tables of one connection, filled the fastest way each driver has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Integer, MetaData, Table, select, text
from sqlalchemy.schema import CreateTable

from patchbook.db.crash import crash_point
from patchbook.db.metadata import Instant
from patchbook.period import Period

_CHUNK = 20_000
_WORTH_COUNTING = 1_000


@dataclass(frozen=True)
class Waiting:
    """The facts that wait, and which believed facts each of them meets."""

    facts: Table
    met: Table

    def tell_planner(self, tx: Connection) -> None:
        """Let PostgreSQL count large temporary tables, which it never does by itself."""
        if tx.dialect.name != "postgresql":
            return
        if tx.execute(select(self.facts.c.number).offset(_WORTH_COUNTING).limit(1)).first() is not None:
            tx.execute(text(f"ANALYZE {self.facts.name}"))
            tx.execute(text(f"ANALYZE {self.met.name}"))


def count_anew(tx: Connection, table: Table, rows: int) -> None:
    """Let PostgreSQL count a table that many rows were just written to, or readers would wait for its guesses."""
    if rows >= _WORTH_COUNTING and tx.dialect.name == "postgresql":
        tx.execute(text(f"ANALYZE {table.name}"))


def waiting_for(tx: Connection, table: Table) -> Waiting:
    """Empty tables for facts of one table; made once for each connection, and seen by no other."""
    waiting = _tables(table)
    for each in (waiting.facts, waiting.met):
        tx.execute(CreateTable(each, if_not_exists=True))
        tx.execute(text(f"{'TRUNCATE' if tx.dialect.name == 'postgresql' else 'DELETE FROM'} {each.name}"))
    return waiting


@cache
def _tables(table: Table) -> Waiting:
    columns = [column for column in table.columns if column.name not in ("fact_id", "recorded_from", "recorded_to")]
    metadata = MetaData()
    options: dict[str, Any] = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DELETE ROWS"}
    facts = Table(
        f"waiting_{table.name}",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        *(Column(column.name, column.type, nullable=True) for column in columns),
        **options,
    )
    met = Table(
        f"met_{table.name}",
        metadata,
        Column("number", Integer, nullable=False),
        Column("fact_id", Integer, nullable=False),
        Column("recorded_from", Instant, nullable=False),
        **options,
    )
    return Waiting(facts, met)


def fill(tx: Connection, table: Table, facts: Iterable[Mapping[str, Any]], *, defaults: Mapping[str, Any]) -> None:
    """
    Put facts into their table, numbered from 0, a chunk at a time: memory does not grow with their number.

    Raises
    ------
    BadPeriod
        A fact holds at no instant.
    """
    names = [column.name for column in table.columns]
    rows = _rows(facts, names[1:], defaults, _processors(table, tx.dialect))
    insert = _copy if tx.dialect.name == "postgresql" else _insert_many
    while chunk := list(islice(rows, _CHUNK)):
        insert(tx, table.name, names, chunk)
        crash_point("lay.incoming")


def _rows(
    facts: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    defaults: Mapping[str, Any],
    processors: Sequence[Callable[[Any], Any]],
) -> Iterator[tuple[Any, ...]]:
    known = frozenset(names)
    told = [(name, defaults.get(name), process) for name, process in zip(names, processors[1:], strict=True)]
    for number, fact in enumerate(facts):
        if not fact.keys() <= known:
            raise TypeError(f"a fact has {', '.join(sorted(fact.keys() - known))}; there are {', '.join(names)}")
        start, end = fact["valid_from"], fact.get("valid_to", defaults["valid_to"])
        if not start < end:
            Period(start, end)
        yield (number, *[process(fact.get(name, default)) for name, default, process in told])


def _processors(table: Table, dialect: Dialect) -> list[Callable[[Any], Any]]:
    """What each column's values go through on their way to the driver."""
    found = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    return [process or _as_it_is for process in found]


def _as_it_is(value: Any) -> Any:
    return value


def _insert_many(tx: Connection, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(names))
    cursor = tx.connection.cursor()
    try:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)
    finally:
        cursor.close()


def _copy(tx: Connection, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
