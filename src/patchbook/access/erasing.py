"""Where somebody is named in the database, and blotting them out there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, Text, cast, delete, func, or_, select, update

from patchbook.access.store import attempt, identity, password, role_held, session, token
from patchbook.db.constraints import HISTORY
from patchbook.db.metadata import Json
from patchbook.db.record import Record
from patchbook.db.schema import all_tables
from patchbook.errors import Conflict
from patchbook.people.store import employment, person
from patchbook.period import FOREVER

BLOT = "[erased]"
SHORTEST_NAME = 5
"""A shorter name without a space could be part of other words, and is not looked for in what others wrote."""


def employed_until(tx: Connection, person_id: str, at: datetime) -> datetime | None:
    """The end of the last employment that is not over at `at`, or None where all are."""
    believed = (employment.c.person_id == person_id) & (employment.c.recorded_to == FOREVER)
    found = tx.execute(select(func.max(employment.c.valid_to)).where(believed, employment.c.valid_to > at)).scalar()
    assert found is None or isinstance(found, datetime)
    return found


def words_of(tx: Connection, person_id: str) -> frozenset[str]:
    """What names somebody: the e-mail address, and the name if it is no common word."""
    row = tx.execute(select(person.c.name, person.c.email).where(person.c.person_id == person_id)).one()
    name = row.name.strip() if " " in row.name.strip() or len(row.name.strip()) >= SHORTEST_NAME else None
    return frozenset(word.strip() for word in (name, row.email) if word)


def blank(tx: Connection, person_id: str, name: str) -> int:
    """Keep of a person that somebody was there."""
    nothing: dict[str, Any] = {"skills": [], "languages": [], "products": [], "other": {}}
    gone = dict.fromkeys(("email", "segment", "latitude", "longitude", "time_zone", "working_hours"))
    values = {"name": name, "revision": person.c.revision + 1, **nothing, **gone}
    return tx.execute(update(person).where(person.c.person_id == person_id).values(**values)).rowcount


def drop_access(tx: Connection, person_id: str, tries: Sequence[str]) -> int:
    """Delete all by which somebody came in."""
    count = tx.execute(delete(attempt).where(attempt.c.whom.in_(tries))).rowcount
    for table in (session, token, password, identity, role_held):
        count += tx.execute(delete(table).where(table.c.person_id == person_id)).rowcount
    return count


def blot_out_everywhere(tx: Connection, words: frozenset[str]) -> int:
    """Blot these words out of every text and document of the record that may be changed; how many rows that were."""
    changed = 0
    for table in all_tables().sorted_tables:
        keys = list(table.primary_key.columns)
        texts = [column for column in _texts(table) if column not in keys]
        if table.info.get(HISTORY) or not texts or not words:
            continue
        for row in tx.execute(select(*keys, *texts).where(_naming(texts, words))).all():
            values = {column.name: _blotted(getattr(row, column.name), words) for column in texts}
            mine = [column == getattr(row, column.name) for column in keys]
            changed += tx.execute(update(table).where(*mine).values(values)).rowcount
    return changed


def left_in(tx: Connection, words: frozenset[str]) -> Iterator[str]:
    """`table.column` of each column that still holds one of these words."""
    for table in all_tables().sorted_tables:
        for column in _texts(table):
            if words and tx.execute(select(column).where(_naming([column], words)).limit(1)).first() is not None:
                yield f"{table.name}.{column.name}"


def rewrite(record: Record) -> None:
    """Have the database write itself anew, without what was deleted."""
    if record.is_postgresql:
        with record.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in all_tables().sorted_tables:
                if not table.info.get(HISTORY):
                    connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
        return
    with closing(record.engine.raw_connection()) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise Conflict("Somebody is reading the record, so its log still holds what was deleted; scrub again later.")


def _texts(table: Table) -> list[Column[Any]]:
    """The columns of a table in which somebody may be named; who else has the same name keeps it."""
    own = {person.c.name, person.c.email}
    return [
        column
        for column in table.columns
        if isinstance(column.type, Text | Json) and not column.foreign_keys and column not in own
    ]


def _naming(columns: Iterable[Column[Any]], words: frozenset[str]) -> ColumnElement[bool]:
    """Rows with one of these words in one of these columns, in the usual spellings, also as JSON writes them."""
    spelled = {spelling for word in words for spelling in (word, word.lower(), word.upper(), word.title())}
    spelled |= {json.dumps(spelling, ensure_ascii=False)[1:-1] for spelling in spelled}
    texts = [cast(column, Text) for column in columns]
    exact = [text.contains(spelling, autoescape=True) for text in texts for spelling in sorted(spelled)]
    return or_(*exact, *(func.lower(text).contains(word.lower(), autoescape=True) for text in texts for word in words))


def _blotted(value: Any, words: frozenset[str]) -> Any:
    if isinstance(value, str):
        return re.sub("|".join(map(re.escape, sorted(words, key=len, reverse=True))), BLOT, value, flags=re.IGNORECASE)
    if isinstance(value, dict):
        return {_blotted(name, words): _blotted(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [_blotted(one, words) for one in value]
    return value
