"""People in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from patchbook.audit.store import event
from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.db.constraints import bitemporal
from patchbook.db.metadata import Json, metadata, valid_and_recorded
from patchbook.people.person import Person
from patchbook.people.profile import Profile
from patchbook.period import FOREVER, Period

person = Table(
    "person",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("revision", Integer, nullable=False, default=1),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True),
    Column("role", Text),
    Column("segment", Text),
    Column("manager_id", Text, ForeignKey("person.person_id"), index=True),
    Column("skills", Json, nullable=False, default=list),
    Column("languages", Json, nullable=False, default=list),
    Column("products", Json, nullable=False, default=list),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("time_zone", Text),
    Column("working_hours", Json),
    Column("capacity", Float, nullable=False, default=1.0),
    Column("ramp", Float, nullable=False, default=1.0),
    Column("other", Json, nullable=False, default=dict),
)

employment = Table(
    "employment",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_employment_person", "person_id", "valid_from"),
)
bitemporal(employment, key=["person_id"])


def find(tx: Connection, person_ids: Sequence[str], *, seen: ColumnElement[bool] | None = None) -> dict[str, Profile]:
    """The profiles of these ids that there are, or that may be seen."""
    found: dict[str, Profile] = {}
    for ids in chunks(person_ids):
        query = select(person).where(person.c.person_id.in_(ids), true() if seen is None else seen)
        rows = tx.execute(query).mappings().all()
        employed = employments(tx, [row["person_id"] for row in rows])
        found |= {row["person_id"]: _profile(row, employed.get(row["person_id"], ())) for row in rows}
    return found


def listed(
    tx: Connection,
    *,
    seen: ColumnElement[bool],
    search: str | None,
    on: datetime | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Profile]:
    """Profiles by name, from after a name and id, up to a number of them."""
    name = func.lower(person.c.name)
    query = select(person, name.label("sorted_by")).where(seen).order_by(name, person.c.person_id).limit(limit)
    if search:
        wanted = f"%{search.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        columns = (name, func.lower(person.c.person_id), func.lower(func.coalesce(person.c.email, "")))
        query = query.where(or_(*(column.like(wanted, escape="!") for column in columns)))
    if on is not None:
        working = select(employment.c.person_id).where(*believed_at(employment, on))
        query = query.where(person.c.person_id.in_(working))
    if after is not None:
        query = query.where(tuple_(name, person.c.person_id) > tuple_(literal(after[0]), literal(after[1])))
    rows = tx.execute(query).mappings().all()
    employed = employments(tx, [row["person_id"] for row in rows])
    return [_profile(row, employed.get(row["person_id"], ())) for row in rows]


def insert_many(tx: Connection, profiles: Sequence[Person]) -> None:
    """Add people; managers may stand anywhere among them."""
    if not profiles:
        return
    tx.execute(insert(person), [{**_row(one), "manager_id": None, "revision": 1} for one in profiles])
    managed = [{"who": one.person_id, "manager": one.manager_id} for one in profiles if one.manager_id is not None]
    if managed:
        tx.execute(
            update(person).where(person.c.person_id == bindparam("who")).values(manager_id=bindparam("manager")),
            managed,
        )


def update_many(tx: Connection, profiles: Sequence[Person]) -> None:
    """Keep people as they are now, each one revision further."""
    if not profiles:
        return
    rows = [{f"new_{name}": value for name, value in _row(one).items()} for one in profiles]
    told = {name.removeprefix("new_"): bindparam(name, type_=person.c[name[4:]].type) for name in rows[0]}
    who = told.pop("person_id")
    tx.execute(
        update(person).where(person.c.person_id == who).values(**told, revision=person.c.revision + 1),
        rows,
    )


def names(tx: Connection, person_ids: Sequence[str]) -> dict[str, str]:
    """Person → what they are called, of those ids that there are."""
    found: dict[str, str] = {}
    for ids in chunks(person_ids):
        query = select(person.c.person_id, person.c.name).where(person.c.person_id.in_(ids))
        found |= {row.person_id: row.name for row in tx.execute(query)}
    return found


def emails(tx: Connection, addresses: Sequence[str]) -> dict[str, str]:
    """E-mail address → who has it, of these."""
    found: dict[str, str] = {}
    for some in chunks(addresses):
        query = select(person.c.email, person.c.person_id).where(person.c.email.in_(some))
        found |= {row.email: row.person_id for row in tx.execute(query)}
    return found


def managers(tx: Connection) -> dict[str, str | None]:
    """Everybody → their manager."""
    return {row.person_id: row.manager_id for row in tx.execute(select(person.c.person_id, person.c.manager_id))}


def reports_of(person_id: str) -> CTE:
    """Everybody below a manager, the manager too: a query of `person_id`."""
    line = select(literal(person_id).label("person_id")).cte(recursive=True)
    return line.union(select(person.c.person_id).join(line, person.c.manager_id == line.c.person_id))


def employments(tx: Connection, person_ids: Sequence[str]) -> dict[str, tuple[Period, ...]]:
    """Person → the employments believed, oldest first."""
    found: dict[str, tuple[Period, ...]] = {}
    for ids in chunks(person_ids):
        query = (
            select(employment.c.person_id, employment.c.valid_from, employment.c.valid_to)
            .where(employment.c.person_id.in_(ids), employment.c.recorded_to == FOREVER)
            .order_by(employment.c.valid_from)
        )
        for row in tx.execute(query):
            found[row.person_id] = (*found.get(row.person_id, ()), Period(row.valid_from, row.valid_to))
    return found


def last_changed(tx: Connection, subject: str, kind: str) -> tuple[str, datetime] | None:
    """Who changed something last, and when, as the audit trail tells."""
    query = (
        select(event.c.by, event.c.at)
        .where(event.c.subject == subject, event.c.kind == kind)
        .order_by(event.c.number.desc())
    )
    found = tx.execute(query.limit(1)).first()
    return None if found is None else (found.by, found.at)


_COLUMNS = tuple(column.name for column in person.columns if column.name != "revision")


def _row(one: Person) -> dict[str, Any]:
    plain: dict[str, Any] = {"time_zone": None, "working_hours": {}}
    plain |= {field.name: getattr(one, field.name) for field in fields(one)}
    plain = {name: plain[name] for name in _COLUMNS}
    for name in ("skills", "languages", "products"):
        plain[name] = sorted(plain[name])
    plain["other"] = dict(plain["other"])
    plain["working_hours"] = {
        day: [list(stretch) for stretch in stretches] for day, stretches in plain["working_hours"].items()
    } or None
    return plain


def _profile(row: RowMapping, employed: tuple[Period, ...]) -> Profile:
    told = {name: row[name] for name in (*_COLUMNS, "revision")}
    for name in ("skills", "languages", "products"):
        told[name] = frozenset(told[name])
    told["working_hours"] = {
        day: tuple((start, end) for start, end in stretches) for day, stretches in (told["working_hours"] or {}).items()
    }
    return Profile(**told, employed=employed)
