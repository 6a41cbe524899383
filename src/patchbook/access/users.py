"""Who can come in: people with their roles, how they sign in, and the sessions they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, exists, func, literal, or_, select, tuple_

from patchbook.access import store
from patchbook.access.grants import Held, NoSuchPerson
from patchbook.access.session import IDLE
from patchbook.audit import actions as audit
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal, Role
from patchbook.people.store import employment, person


class Which(StrEnum):
    """Which people are asked for."""

    WITH_ROLE = "with a role"
    SIGNING_IN = "can sign in"
    EVERYBODY = "everybody"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person, as far as coming in goes."""

    person_id: str
    name: str
    email: str | None
    is_employed: bool
    """Who is not holds no role, whatever was granted."""
    has_password: bool
    is_linked: bool
    """Whether a sign-in provider knows them."""
    sessions: int
    last_used: datetime | None
    roles: tuple[Held, ...]

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a way in for them."""
        return self.is_employed and bool(self.roles) and (self.has_password or self.is_linked)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session that has not ended; what it is known by is kept nowhere."""

    how: str
    made_at: datetime
    used_at: datetime
    ends_at: datetime


def users(
    tx: Connection,
    *,
    which: Which = Which.WITH_ROLE,
    search: str | None = None,
    role: Role | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[User]:
    """People by name, with the roles they hold and how they come in; for admins."""
    allow(tx, by, Deed.GRANT, at=at)
    name = func.lower(person.c.name)
    query = _users(at).order_by(name, person.c.person_id)
    held = select(store.role_held.c.held_id).where(store.role_held.c.person_id == person.c.person_id)
    if role is not None:
        query = query.where(exists(held.where(store.role_held.c.role == role.value)))
    if which is not Which.EVERYBODY:
        query = query.where(exists(held))
    if which is Which.SIGNING_IN:
        query = query.where(or_(_has_password(), _is_linked()), _is_employed(at))
    if search:
        wanted = f"%{search.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        columns = (name, func.lower(person.c.person_id), func.lower(func.coalesce(person.c.email, "")))
        query = query.where(or_(*(column.like(wanted, escape="!") for column in columns)))
    if after is not None:
        last = key_of(after, str, str)
        query = query.where(tuple_(name, person.c.person_id) > tuple_(literal(last[0]), literal(last[1])))
    found = _with_roles(tx, tx.execute(query.limit(limit_of(limit) + 1)).all())
    return page_of(found, limit, lambda one: (one.name.lower(), one.person_id))


def user(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> User:
    """One person; for admins."""
    allow(tx, by, Deed.GRANT, at=at)
    rows = tx.execute(_users(at).where(person.c.person_id == person_id)).all()
    if not rows:
        raise NoSuchPerson(person_id)
    return _with_roles(tx, rows)[0]


def sessions(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> tuple[OpenSession, ...]:
    """Somebody's sessions, the last used first; for admins."""
    allow(tx, by, Deed.GRANT, at=at)
    table = store.session
    query = select(table.c.how, table.c.made_at, table.c.used_at, table.c.ends_at).where(
        table.c.person_id == person_id, table.c.used_at > at - IDLE, table.c.ends_at > at
    )
    return tuple(OpenSession(**row._mapping) for row in tx.execute(query.order_by(table.c.used_at.desc())))


def end_all_sessions(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> int:
    """End every session of somebody at once, and say how many there were; their tokens stay."""
    allow(tx, by, Deed.GRANT, at=at)
    if not store.is_person(tx, person_id):
        raise NoSuchPerson(person_id)
    ended = store.drop_sessions_of(tx, person_id)
    if ended:
        audit.record(
            tx, "end sessions", person_id, kind="person", by=by.person_id, at=at, after={"sessions": ended}
        )  # fmt: skip
    return ended


def _is_employed(at: datetime) -> Any:
    return exists(select(employment.c.fact_id).where(store.works(person.c.person_id, at)))


def _has_password() -> Any:
    return exists(select(store.password.c.person_id).where(store.password.c.person_id == person.c.person_id))


def _is_linked() -> Any:
    return exists(select(store.identity.c.issuer).where(store.identity.c.person_id == person.c.person_id))


def _users(at: datetime) -> Select[Any]:
    table = store.session
    is_open = (table.c.person_id == person.c.person_id) & (table.c.used_at > at - IDLE) & (table.c.ends_at > at)
    return select(
        person.c.person_id,
        person.c.name,
        person.c.email,
        _is_employed(at).label("is_employed"),
        _has_password().label("has_password"),
        _is_linked().label("is_linked"),
        select(func.count()).select_from(table).where(is_open).scalar_subquery().label("sessions"),
        select(func.max(table.c.used_at)).where(is_open).scalar_subquery().label("last_used"),
    )


def _with_roles(tx: Connection, rows: Sequence[Any]) -> list[User]:
    table = store.role_held
    query = select(table).where(table.c.person_id.in_([row.person_id for row in rows]))
    held: dict[str, list[Held]] = defaultdict(list)
    for one in tx.execute(query.order_by(table.c.role, table.c.territory_id)):
        held[one.person_id].append(Held(**{**one._mapping, "role": Role(one.role)}))
    return [
        User(
            **{
                **row._mapping,
                "is_employed": bool(row.is_employed),
                "has_password": bool(row.has_password),
                "is_linked": bool(row.is_linked),
            },
            roles=tuple(held[row.person_id]),
        )
        for row in rows
    ]
