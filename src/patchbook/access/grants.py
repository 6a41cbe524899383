"""The roles people hold, and who somebody is when they act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.access import store
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import SYSTEM, Grant, Principal, Role
from patchbook.period import midnight


class NoSuchPerson(NotFound):
    """Nobody has this id."""

    def __init__(self, person_id: str) -> None:
        super().__init__(f"There is no person {person_id!r}.")


class LastAdmin(Conflict):
    """Nobody would be left who could grant roles."""


class AlreadyBegun(Conflict):
    """The first admin is made once, while nobody holds a role."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A role somebody holds. `source` names the sign-in provider it follows; empty where it was granted by hand."""

    held_id: str
    person_id: str
    role: Role
    territory_id: str | None
    source: str
    by: str
    at: datetime


def principal(tx: Connection, person_id: str, *, at: datetime) -> Principal:
    """
    Somebody with the roles they hold now.

    Read anew for each request: a role taken away is gone at once, and whoever is not employed at `at` has none.
    """
    if not store.is_employed(tx, person_id, at):
        return Principal(person_id=person_id)
    grants = tuple(Grant(Role(row.role), row.territory_id) for row in store.held_by(tx, person_id))
    return Principal(person_id=person_id, grants=grants)


def grants(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> tuple[Held, ...]:
    """The roles somebody holds: one's own, or for an admin anybody's."""
    if person_id != by.person_id:
        allow(tx, by, Deed.GRANT, at=at)
    rows = store.held_by(tx, person_id)
    return tuple(Held(**{**row._mapping, "role": Role(row.role)}) for row in rows)


def grant(
    tx: Connection,
    person_id: str,
    role: Role,
    *,
    territory_id: str | None = None,
    by: Principal,
    at: datetime,
    source: str = "",
) -> None:
    """
    Give somebody a role, everywhere or in the subtree of a territory; holding it already changes nothing.

    A manager without a territory manages what their reports staff, a rep what they staff themselves.
    """
    allow(tx, by, Deed.GRANT, at=at)
    if role is Role.ADMIN and territory_id is not None:
        raise BadInput("An admin is one for the whole company; grant the role without a territory.")
    if not store.is_person(tx, person_id):
        raise NoSuchPerson(person_id)
    if territory_id is not None and not store.is_territory(tx, territory_id):
        raise NotFound(f"There is no territory {territory_id!r}.")
    if store.find_held(tx, person_id, role, territory_id, source) is not None:
        return
    store.add_held(
        tx,
        held_id=new_id("role"),
        person_id=person_id,
        role=role.value,
        territory_id=territory_id,
        source=source,
        by=by.person_id,
        at=at,
    )
    told = {"role": role.value, "territory_id": territory_id, "source": source}
    audit.record(tx, "grant", person_id, kind="person", by=by.person_id, at=at, after=told)


def revoke(
    tx: Connection,
    person_id: str,
    role: Role,
    *,
    territory_id: str | None = None,
    by: Principal,
    at: datetime,
    source: str = "",
) -> None:
    """
    Take a role away, at once.

    Raises
    ------
    NotFound
        They do not hold it.
    LastAdmin
        Nobody would be left who could grant roles.
    """
    allow(tx, by, Deed.GRANT, at=at)
    held_id = store.find_held(tx, person_id, role, territory_id, source)
    if held_id is None:
        where = f" for {territory_id!r}" if territory_id else ""
        raise NotFound(f"{person_id!r} is not granted the role {role.value}{where}.")
    if role is Role.ADMIN and store.admins_besides(tx, held_id, at) == 0:
        raise LastAdmin(f"{person_id!r} is the only admin; make somebody else one first.")
    store.drop_held(tx, held_id)
    told = {"role": role.value, "territory_id": territory_id, "source": source}
    audit.record(tx, "revoke", person_id, kind="person", by=by.person_id, at=at, before=told)


def first_admin(tx: Connection, name: str, email: str | None, *, at: datetime) -> str:
    """
    The id of the first admin, made or found by e-mail address; works only while nobody holds a role.

    Raises
    ------
    AlreadyBegun
        Somebody holds a role; an admin grants others.
    """
    if store.anybody_holds_a_role(tx):
        raise AlreadyBegun("Somebody holds a role already; an admin grants others theirs.")
    name, email = name.strip(), email.strip() if email else None
    if not name:
        raise BadInput("The first admin has no name; give one.")
    if email is not None and "@" not in email:
        raise BadInput(f"{email!r} is no e-mail address; write one as ann@example.com.")
    found = store.people_with_email(tx, email) if email else []
    person_id = found[0] if len(found) == 1 else new_id("person")
    if not found:
        store.add_person(tx, person_id, name, email)
    store.employ(tx, person_id, midnight(at.date()), "the first admin", at)
    store.add_held(
        tx,
        held_id=new_id("role"),
        person_id=person_id,
        role=Role.ADMIN.value,
        territory_id=None,
        source="",
        by=SYSTEM,
        at=at,
    )
    audit.record(tx, "first admin", person_id, kind="person", by=SYSTEM, at=at, after={"role": Role.ADMIN.value})
    return person_id
