"""Who may do what, and where: the one gate every action asks, and the one scope every list applies.

Rights are read from the record at each request. A thing outside somebody's scope is answered as if it were not there,
so that nobody learns of it from the refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, Text, literal, or_, select, true, union

from patchbook.db.believed import believed_at
from patchbook.db.metadata import each_of
from patchbook.errors import NotAllowed, NotFound
from patchbook.ledger.tables import cover, override, staffing
from patchbook.people.principal import Principal, Role
from patchbook.people.store import person
from patchbook.territories.store import place, pool, seat
from patchbook.words import listed


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
    ROUTE = "route leads"
    WORK_LEADS = "work leads"
    REASSIGN_LEADS = "reassign leads"
    SEE_CREDIT = "see credit"
    SEE_AUDIT = "see the audit trail"
    RUN_JOBS = "run jobs"
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
    Deed.ROUTE: _PLANNERS,
    Deed.WORK_LEADS: _MANAGERS | {Role.REP},
    Deed.REASSIGN_LEADS: _MANAGERS,
    Deed.SEE_CREDIT: _MANAGERS | {Role.FINANCE},
    Deed.SEE_AUDIT: frozenset({Role.ADMIN}),
    Deed.RUN_JOBS: _PLANNERS,
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
    roles = _roles(by, deed)
    if _is_company_wide(by, roles):
        return
    if territory is None:
        raise NotAllowed(f"To {deed} for the whole company takes a role that is not limited to a territory.")
    mine = territories_of(by, at=at, roles=roles)
    if tx.execute(select(mine.c.territory_id).where(mine.c.territory_id == territory)).first() is None:
        raise NotFound(f"There is no territory {territory!r}.")


def allow_somewhere(by: Principal, deed: Deed) -> None:
    """
    Let pass who may do this in some place or other: for lists that `scope` narrows, and where the place is not known.

    Raises
    ------
    NotAllowed
        None of the roles held may do it; the message says which may.
    """
    _roles(by, deed)


def may(by: Principal, deed: Deed) -> bool:
    """Whether somebody may do this somewhere, for what is shown only to those who could do it."""
    held = by.roles & MAY[deed]
    return bool(held) and (by.token_scopes is None or deed in by.token_scopes)


def reached(
    tx: Connection, by: Principal, territories: Iterable[str], *, at: datetime, deed: Deed = Deed.SEE
) -> frozenset[str]:
    """Which of these territories somebody may do this in."""
    asked = list(dict.fromkeys(territories))
    if not may(by, deed) or not asked:
        return frozenset()
    roles = _roles(by, deed)
    if _is_company_wide(by, roles):
        return frozenset(asked)
    mine = select(territories_of(by, at=at, roles=roles).c.territory_id)
    return frozenset(asked) & frozenset(tx.execute(mine).scalars())


def scope(query: Select[Any], by: Principal, *, territory: ColumnElement[str], at: datetime) -> Select[Any]:
    """The same query, narrowed to rows whose territory this person may see at `at`."""
    return query.where(in_scope(by, territory=territory, at=at))


def in_scope(by: Principal, *, territory: ColumnElement[str], at: datetime) -> ColumnElement[bool]:
    """Whether a territory column's value is one this person may see."""
    if by.is_everywhere:
        return true()
    return territory.in_(select(territories_of(by, at=at).c.territory_id))


def account_scope(
    query: Select[Any], by: Principal, *, account: ColumnElement[str], territory: ColumnElement[str], at: datetime
) -> Select[Any]:
    """The same query, narrowed to accounts this person may see at `at`."""
    return query.where(in_account_scope(by, account=account, territory=territory, at=at))


def in_account_scope(
    by: Principal, *, account: ColumnElement[str], territory: ColumnElement[str], at: datetime
) -> ColumnElement[bool]:
    """
    Whether an account is one this person may see.

    It is where its territory is in scope, and where it goes to them, or to a report of a manager, by an exception, a
    holdover or a cover.
    """
    if by.is_everywhere:
        return true()
    people = select(_acting(by, at=at, roles=_ALL).c.person_id)
    given = select(override.c.account_id).where(override.c.person_id.in_(people), *believed_at(override, at))
    return or_(in_scope(by, territory=territory, at=at), account.in_(given))


def in_people_scope(by: Principal, *, person_id: ColumnElement[str], at: datetime) -> ColumnElement[bool]:
    """Whether a person is one this person may see: themselves, whom they manage or cover, who works where they see."""
    if by.is_everywhere:
        return true()
    mine = select(territories_of(by, at=at).c.territory_id)
    beside = select(staffing.c.person_id).join(seat, seat.c.seat_id == staffing.c.seat_id)
    beside = beside.where(seat.c.territory_id.in_(mine), staffing.c.person_id.is_not(None), *believed_at(staffing, at))
    return or_(person_id.in_(select(_acting(by, at=at, roles=_ALL).c.person_id)), person_id.in_(beside))


def in_lead_scope(
    by: Principal,
    *,
    person_id: ColumnElement[str],
    territory: ColumnElement[str],
    at: datetime,
    deed: Deed = Deed.SEE,
) -> ColumnElement[bool]:
    """
    Whether a lead is one this person may see, or do another deed with, by the roles that may.

    It is where it is with them, or with whom they cover, and for a manager where it is with a report, or in a territory
    they reach.
    """
    roles = MAY[deed]
    if _is_company_wide(by, roles):
        return true()
    theirs = person_id.in_(select(_acting(by, at=at, roles=roles).c.person_id))
    held = [grant for grant in by.grants if grant.role in roles]
    if all(grant.role is not Role.MANAGER and grant.territory_id is None for grant in held):
        return theirs
    return or_(theirs, territory.in_(select(territories_of(by, at=at, roles=roles).c.territory_id)))


def territories_of(by: Principal, *, at: datetime, roles: frozenset[Role] = _ALL) -> CTE:
    """
    The territory ids a person's roles reach: `territory_id`.

    A grant reaches the territory it names and all below it. A manager also reaches what they and their reports staff,
    with all below it; a rep the territories they staff or stand in at, and no others. Who covers somebody on leave
    stands in for them.
    """
    held = by.roles & roles
    named = [grant.territory_id for grant in by.grants if grant.role in roles and grant.territory_id]
    roots = select(place.c.territory_id).where(place.c.territory_id.in_(named), *believed_at(place, at))
    staffed = _staffed(_acting(by, at=at, roles=roles), at)
    if Role.MANAGER in held:
        roots = roots.union(staffed)  # type: ignore[assignment]
    start = roots.subquery()
    tree = select(start.c.territory_id).cte(recursive=True)
    below = (
        select(place.c.territory_id).join(tree, place.c.parent_id == tree.c.territory_id).where(*believed_at(place, at))
    )
    whole = tree.union(below)
    if Role.REP in held and Role.MANAGER not in held:
        return union(select(whole.c.territory_id), staffed).cte()
    return whole


def territory_names(by: Principal, deed: Deed, *, at: datetime) -> Select[str]:
    """The names of the territories where somebody may do this, as the record has them now; drafts call theirs so."""
    mine = select(territories_of(by, at=at, roles=MAY[deed]).c.territory_id)
    return select(place.c.name).where(place.c.territory_id.in_(mine), *believed_at(place, at))


def visible_plans(by: Principal, *, at: datetime) -> Select[tuple[str]]:
    """The ids of the plans somebody may see, for what hangs on a plan: proposals, comments, counts."""
    from patchbook.plans.store import plan, visible  # plans are built on people, so they are named only here

    return select(plan.c.plan_id).where(visible(by, at=at))


def _roles(by: Principal, deed: Deed) -> frozenset[Role]:
    """The roles by which somebody may do this, at least somewhere."""
    if by.token_scopes is not None and deed not in by.token_scopes:
        raise NotAllowed(f"This token may not {deed}; it is limited to {', '.join(sorted(by.token_scopes))}.")
    roles = by.roles & MAY[deed]
    if not roles:
        raise NotAllowed(f"Only {listed([f'{role}s' for role in Role if role in MAY[deed]])} may {deed}.")
    return roles


def _is_company_wide(by: Principal, roles: frozenset[Role]) -> bool:
    """Whether any of these roles is held for the whole company; a manager's and a rep's never are."""
    return any(
        grant.role in roles and grant.territory_id is None and grant.role not in (Role.MANAGER, Role.REP)
        for grant in by.grants
    )


def _acting(by: Principal, *, at: datetime, roles: frozenset[Role]) -> CTE:
    """Whose seats count as one's own: oneself, whom one covers, and for a manager everybody below these."""
    covered = select(cover.c.person_id).where(cover.c.cover_id == by.person_id, *believed_at(cover, at))
    own = union(select(literal(by.person_id).label("person_id")), covered).subquery()
    line = select(own.c.person_id).cte(recursive=True)
    if Role.MANAGER not in by.roles & roles:
        return line
    return line.union(select(person.c.person_id).join(line, person.c.manager_id == line.c.person_id))


def _staffed(people: CTE, at: datetime) -> Select[tuple[str]]:
    """The territories these people have a seat at, alone, in a pool, or until somebody is hired."""
    whose = select(people.c.person_id)
    member = each_of(pool.c.members).table_valued("value", joins_implicitly=True)
    shares = member.c.value.op("->>", return_type=Text())("person_id").in_(whose)
    pools = select(pool.c.pool_id).select_from(pool, member).where(shares)
    theirs = or_(staffing.c.person_id.in_(whose), staffing.c.interim_id.in_(whose), staffing.c.pool_id.in_(pools))
    joined = select(seat.c.territory_id).join(staffing, staffing.c.seat_id == seat.c.seat_id)
    return joined.where(theirs, *believed_at(staffing, at))
