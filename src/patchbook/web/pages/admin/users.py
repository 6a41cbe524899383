"""Who can come in: people with their roles, granting and taking them away, passwords and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook import access
from patchbook.access.users import OpenSession, User, Which, end_all_sessions, sessions, user, users
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal, Role
from patchbook.territories import store as territories
from patchbook.web.models import After, InPath, Search
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab
from patchbook.words import counted

router = Pages()

A_PAGE = 50
WHICH = tuple((one.value, one.value.capitalize()) for one in Which)
ROLES = tuple((one.value, one.value.capitalize()) for one in Role)

SomeRole = Annotated[Role, Form()]
Territory = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class UsersPage:
    """What the page of users shows."""

    tabs: tuple[Tab, ...]
    users: tuple[User, ...]
    next: str | None
    territories: dict[str, str]
    which: str
    role: str
    search: str
    choices: tuple[tuple[str, str], ...] = WHICH
    roles: tuple[tuple[str, str], ...] = (("", "Any role"), *ROLES)


@dataclass(frozen=True, kw_only=True)
class UserPage:
    """What the page of one user shows."""

    tabs: tuple[Tab, ...]
    user: User
    sessions: tuple[OpenSession, ...]
    territories: dict[str, str]
    is_self: bool
    roles: tuple[tuple[str, str], ...] = ROLES


def load(
    tx: Connection,
    *,
    which: Which = Which.WITH_ROLE,
    search: str = "",
    role: Role | None = None,
    after: str | None = None,
    limit: int = A_PAGE,
    by: Principal,
    at: datetime,
) -> UsersPage:
    """The people asked for."""
    found = users(tx, which=which, search=search, role=role, after=after, limit=limit, by=by, at=at)
    return UsersPage(
        tabs=tabs(by),
        users=found.rows,
        next=found.next_cursor,
        territories=_territories(tx, at),
        which=which.value,
        role=role.value if role else "",
        search=search,
    )


def load_one(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> UserPage:
    """One person."""
    return UserPage(
        tabs=tabs(by),
        user=user(tx, person_id, by=by, at=at),
        sessions=sessions(tx, person_id, by=by, at=at),
        territories=_territories(tx, at),
        is_self=person_id == by.person_id,
    )


def _territories(tx: Connection, at: datetime) -> dict[str, str]:
    return {one.territory_id: one.name for one in territories.at_day(tx, at)}


def _path(person_id: str) -> str:
    return f"/admin/users/{person_id}"


@router.page("/admin/users", Deed.GRANT)
def show_users(
    here: Looked,
    which: Annotated[Which, Query()] = Which.WITH_ROLE,
    search: Search = "",
    role: Annotated[str, Query(max_length=20)] = "",
    after: After = None,
) -> Response:
    """The page of users."""
    wanted = Role(role) if role in set(Role) else None
    page = load(here.tx, which=which, search=search, role=wanted, after=after, by=here.person, at=here.at)
    return here.show("admin/users.html", page)


@router.page("/admin/users/{person_id}", Deed.GRANT)
def show_user(here: Looked, person_id: InPath) -> Response:
    """The page of one user."""
    return here.show("admin/user.html", load_one(here.tx, person_id, by=here.person, at=here.at))


@router.form("/admin/users/{person_id}/grants", Deed.GRANT)
def grant_by_form(here: Looked, person_id: InPath, role: SomeRole, territory_id: Territory = "") -> Response:
    """Give a role."""
    access.grant(here.tx, person_id, role, territory_id=territory_id.strip() or None, by=here.person, at=here.at)
    return here.done(_path(person_id), f"The role {role.value} is granted, from their next request on.")


@router.form("/admin/users/{person_id}/revocations", Deed.GRANT)
def revoke_by_form(
    here: Looked,
    person_id: InPath,
    role: SomeRole,
    territory_id: Territory = "",
    source: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take a role away."""
    access.revoke(
        here.tx, person_id, role, territory_id=territory_id or None, source=source, by=here.person, at=here.at
    )
    return here.done(_path(person_id), f"The role {role.value} is taken away, at once.")


@router.form("/admin/users/{person_id}/password", Deed.GRANT)
def set_password_by_form(
    here: Looked,
    person_id: InPath,
    new: Annotated[str, Form(min_length=1, max_length=1000)],
    old: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Set a password, which ends their sessions."""
    access.set_password(here.tx, person_id, new, old=old or None, by=here.person, at=here.at)
    if person_id == here.person.person_id:
        return here.done("/sign-in", "Your password is set, and your sessions have ended; sign in with the new one.")
    return here.done(_path(person_id), "The password is set, and their sessions have ended.")


@router.form("/admin/users/{person_id}/sessions/end", Deed.GRANT)
def end_sessions_by_form(here: Looked, person_id: InPath) -> Response:
    """End every session of somebody."""
    ended = end_all_sessions(here.tx, person_id, by=here.person, at=here.at)
    return here.done(_path(person_id), f"{counted(ended, 'session has', 'sessions have')} ended.")
