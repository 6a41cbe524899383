"""Who may do what, and where: the one gate every action asks, and the one scope every list applies.

Rights are read from the record at each request. A thing outside somebody's scope is answered as if it were not there,
so that nobody learns of it from the refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal, or_, select, true, union

from patchbook.errors import NotAllowed, NotFound
from patchbook.ledger.tables import staffing
from patchbook.people.principal import Principal, Role
from patchbook.people.store import person
from patchbook.period import FOREVER
from patchbook.territories.store import place, seat


class Deed(StrEnum):
    """Everything somebody can be allowed to do. Each has a line in `MAY`."""

    SEE = "see"
    SEE_EVERYONE = "see everyone"
    IMPORT = "import"
    EDIT_PEOPLE = "edit people"
    EDIT_TERRITORIES = "edit territories"
    EDIT_PLAN = "edit a plan"
    PROPOSE = "propose"
    COMMIT = "commit"
    APPROVE = "approve"
    CHALLENGE = "challenge"
    DECIDE = "decide"
    REQUEST_EXCEPTION = "request an exception"
    COMMENT = "comment"
    PUBLISH = "publish"
    ROLL_BACK = "roll back"
    CHANGE_PEOPLE = "change people"
    SEE_CREDIT = "see credit"
    SEE_AUDIT = "see the audit trail"
    GRANT = "grant roles"
    ADMINISTER = "administer"


_ALL = frozenset(Role)
_PLANNERS = frozenset({Role.ADMIN, Role.PLANNER})
_MANAGERS = _PLANNERS | {Role.MANAGER}

MAY: Mapping[Deed, frozenset[Role]] = {
    Deed.SEE: _ALL,
    Deed.SEE_EVERYONE: _MANAGERS | {Role.FINANCE, Role.VIEWER},
    Deed.IMPORT: _PLANNERS,
    Deed.EDIT_PEOPLE: _PLANNERS,
    Deed.EDIT_TERRITORIES: _PLANNERS,
    Deed.EDIT_PLAN: _PLANNERS,
    Deed.PROPOSE: _MANAGERS,
    Deed.COMMIT: _PLANNERS,
    Deed.APPROVE: _MANAGERS,
    Deed.CHALLENGE: _MANAGERS | {Role.REP},
    Deed.DECIDE: _MANAGERS,
    Deed.REQUEST_EXCEPTION: _MANAGERS | {Role.REP},
    Deed.COMMENT: _MANAGERS | {Role.REP},
    Deed.PUBLISH: _PLANNERS,
    Deed.ROLL_BACK: _PLANNERS,
    Deed.CHANGE_PEOPLE: _MANAGERS,
    Deed.SEE_CREDIT: _MANAGERS | {Role.FINANCE},
    Deed.SEE_AUDIT: frozenset({Role.ADMIN}),
    Deed.GRANT: frozenset({Role.ADMIN}),
    Deed.ADMINISTER: frozenset({Role.ADMIN}),
}
"""Deed → the roles that may do it, within the territories they hold it for."""


def allow(tx: Connection, by: Principal, deed: Deed, *, at: datetime, territory: str | None = None) -> None:
    """
    Let pass who may do this, and raise for everybody else.

    Parameters
    ----------
    territory
        Where it is to be done; somebody whose roles are for a subtree may only act inside it. Without one the deed
        concerns the whole company.

    Raises
    ------
    NotAllowed
        None of the roles held may do it; the message says which may.
    NotFound
        They may, but not here; worded as if the territory were not there.
    """
    roles = allow_somewhere(by, deed)
    if any(grant.role in roles and _is_company_wide(grant.role, grant.territory_id) for grant in by.grants):
        return
    if territory is None:
        raise NotAllowed(f"To {deed} for the whole company takes a role that is not limited to a territory.")
    mine = territories_of(by, at=at, roles=frozenset(roles))
    if tx.execute(select(mine.c.territory_id).where(mine.c.territory_id == territory)).first() is None:
        raise NotFound(f"There is no territory {territory!r}.")


def allow_somewhere(by: Principal, deed: Deed) -> frozenset[Role]:
    """Let pass who may do this anywhere at all; `scope` then narrows the rows. Returns the roles they may do it by."""
    roles = by.roles & MAY[deed]
    if by.token_scopes is not None and deed not in by.token_scopes:
        raise NotAllowed(f"This token may not {deed}; it is limited to {', '.join(sorted(by.token_scopes))}.")
    if not roles:
        raise NotAllowed(f"Only {_listed(MAY[deed])} may {deed}.")
    return roles


def scope(query: Select[Any], by: Principal, *, territory: ColumnElement[str], at: datetime) -> Select[Any]:
    """The same query, narrowed to rows whose territory this person may see at `at`."""
    return query.where(in_scope(by, territory=territory, at=at))


def in_scope(by: Principal, *, territory: ColumnElement[str], at: datetime) -> ColumnElement[bool]:
    """Whether a territory column's value is one this person may see."""
    if by.is_everywhere:
        return true()
    return territory.in_(select(territories_of(by, at=at).c.territory_id))


def territories_of(by: Principal, *, at: datetime, roles: frozenset[Role] = _ALL) -> Any:
    """
    A subquery of the territory ids a person's roles reach: `territory_id`.

    A grant reaches the territory it names and all below it. A manager also reaches what their reports staff, and
    whoever staffs a seat reaches its territory.
    """
    now = [place.c.recorded_to == FOREVER, place.c.valid_from <= at, place.c.valid_to > at]
    named = [grant.territory_id for grant in by.grants if grant.role in roles and grant.territory_id]
    roots: list[Select[Any]] = [select(place.c.territory_id).where(place.c.territory_id.in_(named), *now)]
    if by.roles & roles & {Role.MANAGER, Role.REP}:
        mine = [by.person_id]
        people: ColumnElement[bool] = or_(staffing.c.person_id.in_(mine), staffing.c.interim_id.in_(mine))
        if Role.MANAGER in by.roles & roles:
            reports = _reports(by.person_id)
            people = or_(people, staffing.c.person_id.in_(select(reports.c.person_id)))
        roots.append(
            select(seat.c.territory_id)
            .join(staffing, staffing.c.seat_id == seat.c.seat_id)
            .where(people, staffing.c.recorded_to == FOREVER, staffing.c.valid_from <= at, staffing.c.valid_to > at)
        )
    start = union(*roots).subquery()
    tree = select(start.c.territory_id).cte("reached", recursive=True)
    below = select(place.c.territory_id).join(tree, place.c.parent_id == tree.c.territory_id).where(*now)
    return tree.union(below)


def _reports(person_id: str) -> Any:
    """Everybody below a manager, the manager too."""
    line = select(literal(person_id).label("person_id")).cte("reports", recursive=True)
    return line.union(select(person.c.person_id).join(line, person.c.manager_id == line.c.person_id))


def _is_company_wide(role: Role, territory_id: str | None) -> bool:
    return territory_id is None and role not in (Role.MANAGER, Role.REP)


def _listed(roles: frozenset[Role]) -> str:
    names = [f"{role}s" for role in Role if role in roles]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
