"""Which people a list is about: those who are here, away, coming or gone; of one role; below one manager."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from patchbook.db.believed import believed_at
from patchbook.ledger.tables import cover
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.people.store import employment, person, reports_of
from patchbook.period import FOREVER


class Presence(StrEnum):
    """Where somebody is on a day."""

    HERE = "here"
    AWAY = "away"
    LEAVING = "leaving"
    COMING = "coming"
    GONE = "gone"


def is_so(presence: Presence, at: datetime) -> ColumnElement[bool]:
    """Whether a person is so at an instant; who is away or leaving is employed too."""
    who = person.c.person_id
    employed = select(employment.c.person_id).where(*believed_at(employment, at))
    away = select(cover.c.person_id).where(*believed_at(cover, at))
    later = select(employment.c.person_id).where(employment.c.recorded_to == FOREVER, employment.c.valid_from > at)
    ends = select(employment.c.person_id).where(*believed_at(employment, at), employment.c.valid_to < FOREVER)
    match presence:
        case Presence.HERE:
            return and_(who.in_(employed), not_(who.in_(away)))
        case Presence.AWAY:
            return who.in_(away)
        case Presence.LEAVING:
            return who.in_(ends)
        case Presence.COMING:
            return and_(not_(who.in_(employed)), who.in_(later))
        case Presence.GONE:
            return and_(not_(who.in_(employed)), not_(who.in_(later)))


def narrowed(
    *, role: str | None, team_of: str | None, presence: Presence | None, at: datetime
) -> list[ColumnElement[bool]]:
    """What a list of people is narrowed to; `team_of` takes everybody below a manager."""
    found: list[ColumnElement[bool]] = []
    if role:
        found.append(person.c.role == role)
    if team_of:
        found.append(person.c.person_id.in_(select(reports_of(team_of).c.person_id)))
        found.append(person.c.person_id != team_of)
    if presence is not None:
        found.append(is_so(presence, at))
    return found


def roles(tx: Connection, *, by: Principal, at: datetime) -> list[str]:
    """The roles that people one may see have, by name."""
    allow_somewhere(by, Deed.SEE)
    seen = in_sight(by, person=person.c.person_id, at=at)
    query = select(person.c.role).where(seen, person.c.role.is_not(None)).distinct().order_by(person.c.role)
    return list(tx.execute(query).scalars())


def managers(tx: Connection, *, by: Principal, at: datetime) -> dict[str, str]:
    """Id → name of everybody one may see to whom somebody reports, by name."""
    allow_somewhere(by, Deed.SEE)
    seen = in_sight(by, person=person.c.person_id, at=at)
    report = person.alias("report")
    leads = select(report.c.manager_id).where(report.c.manager_id.is_not(None))
    query = select(person.c.person_id, person.c.name).where(seen, person.c.person_id.in_(leads))
    rows = tx.execute(query.order_by(func.lower(person.c.name), person.c.person_id))
    return {row.person_id: row.name for row in rows}
