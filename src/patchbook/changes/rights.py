"""Who may change whose work: whoever may change people in all the territories it lies in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from patchbook.errors import NotAllowed, NotFound
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile, UnknownPerson
from patchbook.people.sight import in_sight


def known_person(tx: Connection, person_id: str, *, by: Principal) -> Profile:
    """Somebody's profile, for a principal who may change people somewhere; `allow_for` asks whether here."""
    allow_somewhere(by, Deed.CHANGE_PEOPLE)
    found = people.find(tx, [person_id])
    if person_id not in found:
        raise UnknownPerson(person_id)
    return found[person_id]


def allow_for(tx: Connection, by: Principal, person_id: str, territory_ids: Iterable[str], *, at: datetime) -> None:
    """
    Let pass who may change somebody's work; without a territory it takes a right for the whole company.

    Raises
    ------
    UnknownPerson
        Part of the work lies where this principal may change nothing; worded as if there were no such person.
    """
    for territory in dict.fromkeys(territory_ids) or (None,):
        try:
            allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=territory)
        except (NotFound, NotAllowed):
            raise UnknownPerson(person_id) from None


def refuse_unseen(tx: Connection, person_ids: Sequence[str], *, by: Principal, at: datetime) -> None:
    """Refuse to give work to people this principal cannot see, as if they were not there."""
    found = people.find(tx, person_ids, seen=in_sight(by, person=people.person.c.person_id, at=at))
    for one in person_ids:
        if one not in found:
            raise UnknownPerson(one)
