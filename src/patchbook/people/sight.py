"""Whom somebody may see: themselves, who works in the territories they reach, and who reports to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true

from patchbook.ledger.tables import staffing
from patchbook.people.permission import territories_of
from patchbook.people.principal import Principal, Role
from patchbook.people.store import reports_of
from patchbook.period import FOREVER
from patchbook.territories.store import seat


def in_sight(by: Principal, *, person: ColumnElement[str], at: datetime) -> ColumnElement[bool]:
    """Whether a column's person is one this principal may see; who works there later is seen already."""
    if by.is_everywhere:
        return true()
    reached = select(territories_of(by, at=at).c.territory_id)
    here = staffing.join(seat, seat.c.seat_id == staffing.c.seat_id)
    work = [seat.c.territory_id.in_(reached), staffing.c.recorded_to == FOREVER, staffing.c.valid_to > at]
    seen = [
        person == by.person_id,
        person.in_(select(staffing.c.person_id).select_from(here).where(*work, staffing.c.person_id.is_not(None))),
        person.in_(select(staffing.c.interim_id).select_from(here).where(*work, staffing.c.interim_id.is_not(None))),
    ]
    if Role.MANAGER in by.roles:
        seen.append(person.in_(select(reports_of(by.person_id).c.person_id)))
    return or_(*seen)
