"""Which rows about an account somebody may see, and where an account is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, true

from patchbook.db.believed import believed_at
from patchbook.ledger.tables import assignment
from patchbook.people import store as people
from patchbook.people.permission import in_account_scope
from patchbook.people.principal import Principal, Role
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.people.store import reports_of
from patchbook.period import Period
from patchbook.territories import store as territories
from patchbook.territories.territory import UnknownTerritory


def seen(by: Principal, *, account: ColumnElement[str], people: tuple[Any, ...], at: datetime) -> ColumnElement[bool]:
    """Whether a row is about an account one may see, or about oneself or, for a manager, somebody below."""
    if by.is_everywhere:
        return true()
    there = select(assignment.c.territory_id).where(assignment.c.account_id == account, *believed_at(assignment, at))
    mine = [one == by.person_id for one in people]
    if Role.MANAGER in by.roles:
        below = select(reports_of(by.person_id).c.person_id)
        mine += [one.in_(below) for one in people]
    return or_(in_account_scope(by, account=account, territory=there.scalar_subquery(), at=at), *mine)


def territory_of(tx: Connection, account_id: str, at: datetime) -> str | None:
    """The territory an account is assigned to."""
    query = select(assignment.c.territory_id).where(assignment.c.account_id == account_id, *believed_at(assignment, at))
    return tx.execute(query).scalar()


def called(tx: Connection, name: str, at: datetime) -> str:
    """The id of the territory of that name, or of that id."""
    known = territories.by_name(tx, at)
    if name in known:
        return known[name]
    if name in known.values():
        return name
    raise UnknownTerritory(name)


def with_all_below(tx: Connection, names: tuple[str, ...], at: datetime) -> frozenset[str]:
    """The ids of these territories and all below them; a name that is no longer there counts for nothing."""
    known = territories.by_name(tx, at)
    return frozenset(one for name in names if name in known for one in territories.below(tx, known[name], at))


def employed_until(tx: Connection, person_id: str, period: Period) -> datetime:
    """
    The end of a period, or of the employment somebody is in at its start, whichever is sooner.

    Raises
    ------
    UnknownPerson, NotEmployed
        There is nobody of the id, or they do not work here when it starts.
    """
    there = people.find(tx, [person_id])
    if person_id not in there:
        raise UnknownPerson(person_id)
    own = next((one for one in there[person_id].employed if one.contains(period.start)), None)
    if own is None:
        raise NotEmployed(person_id, period.start, there[person_id].employed)
    return min(own.end, period.end)
