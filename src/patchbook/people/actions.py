"""What is done with people: added, changed, taken from a file, employed for a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_

from patchbook.audit import actions as audit
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.errors import Conflict
from patchbook.ledger import work
from patchbook.ledger.lay import lay, lift
from patchbook.people import roster, store
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.people.profile import BadProfile, ManagerCycle, Profile, StaleRevision, UnknownPerson
from patchbook.people.roster import Presence
from patchbook.people.sight import in_sight
from patchbook.people.store import employment
from patchbook.period import Period, told

CHANGEABLE = frozenset(field.name for field in fields(Profile)) - {"person_id", "revision", "employed"}
TELLABLE = frozenset({"role", "segment", "manager_id", "capacity", "ramp"})
"""Fields whose values enter the audit trail. Of the others, which are personal, only the names do."""

LISTED = 100
"""So many people of a file the audit trail names; of more it tells the number."""


class WorkRemains(Conflict):
    """An employment cannot end while its person has work after it."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What taking people from a file did: ids by what became of them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    managers: tuple[str, ...]
    """Managers the file names and tells nothing else of; they were added under their id."""


def add(tx: Connection, person: Person, *, employed: Period, by: Principal, at: datetime) -> Profile:
    """
    Add a person who is employed for a period.

    Raises
    ------
    Conflict
        There is somebody of that id or e-mail address.
    """
    allow(tx, by, Deed.EDIT_PEOPLE, at=at)
    profile = keep_new(tx, person, employed=employed, at=at)
    told = {"valid": str(employed), **_tellable(profile, TELLABLE)}
    audit.record(tx, "add", profile.person_id, kind="person", by=by.person_id, at=at, after=told)
    return profile


def keep_new(tx: Connection, person: Person, *, employed: Period, at: datetime) -> Profile:
    """Keep a person and their employment; rights and the audit event are the caller's."""
    profile = _as_profile(person)
    if store.find(tx, [profile.person_id]):
        raise Conflict(f"There is a person {profile.person_id!r} already; change them, or use another id.")
    if profile.manager_id is not None and not store.find(tx, [profile.manager_id]):
        raise UnknownPerson(profile.manager_id)
    _refuse_taken_addresses(tx, [profile])
    store.insert_many(tx, [profile])
    lay(tx, employment, [_employment(profile.person_id, employed, "employed")], at=at)
    return replace(profile, revision=1, employed=(employed,))


def get(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> Profile:
    """
    One person.

    Raises
    ------
    UnknownPerson
        There is none of that id, or none this principal may see.
    """
    allow_somewhere(by, Deed.SEE)
    found = store.find(tx, [person_id], seen=in_sight(by, person=store.person.c.person_id, at=at))
    if person_id not in found:
        raise UnknownPerson(person_id)
    return found[person_id]


def people(
    tx: Connection,
    *,
    search: str | None = None,
    on: datetime | None = None,
    role: str | None = None,
    team_of: str | None = None,
    presence: Presence | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Profile]:
    """
    The people this principal may see, by name.

    Parameters
    ----------
    search
        Part of a name, id or e-mail address.
    on
        Only those employed then.
    role, team_of, presence
        Only those of a role, below a manager, or who are here, away, leaving, coming or gone at `at`.
    """
    allow_somewhere(by, Deed.SEE)
    only = roster.narrowed(role=role, team_of=team_of, presence=presence, at=at)
    seen = and_(in_sight(by, person=store.person.c.person_id, at=at), *only)
    start = None if after is None else key_of(after, str, str)
    rows = store.listed(tx, seen=seen, search=search, on=on, after=start, limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda row: (row.name.lower(), row.person_id))


def change(tx: Connection, person_id: str, revision: int, *, by: Principal, at: datetime, **changed: Any) -> Profile:
    """
    Change what is known of a person.

    Raises
    ------
    StaleRevision
        Somebody changed them since `revision`; the message says who.
    ManagerCycle
        They would be, through others, their own manager.
    """
    allow(tx, by, Deed.EDIT_PEOPLE, at=at)
    known = _known(tx, person_id)
    if unknown := sorted(changed.keys() - CHANGEABLE):
        raise BadProfile(f"A person has no field {unknown[0]!r} to change; there are {', '.join(sorted(CHANGEABLE))}.")
    if known.revision != revision:
        who, when = store.last_changed(tx, person_id, "person") or (None, None)
        raise StaleRevision(person_id, read=revision, now=known.revision, by=who, at=when)
    return keep_changed(tx, known, changed, by=by, at=at)


def keep_changed(tx: Connection, known: Profile, changed: Mapping[str, Any], *, by: Principal, at: datetime) -> Profile:
    """Keep changed fields of a person and tell the audit trail; rights are the caller's."""
    person_id = known.person_id
    profile = replace(known, **changed)
    different = {name for name in changed if getattr(profile, name) != getattr(known, name)}
    if not different:
        return known
    if profile.manager_id is not None and profile.manager_id != known.manager_id:
        if not store.find(tx, [profile.manager_id]):
            raise UnknownPerson(profile.manager_id)
        _refuse_cycles({**store.managers(tx), person_id: profile.manager_id}, [person_id])
    if profile.email != known.email:
        _refuse_taken_addresses(tx, [profile])
    store.update_many(tx, [profile])
    told = {"fields": sorted(different), "revision": known.revision + 1}
    audit.record(
        tx,
        "change",
        person_id,
        kind="person",
        by=by.person_id,
        at=at,
        before=_tellable(known, different),
        after={**told, **_tellable(profile, different)},
    )
    return replace(profile, revision=known.revision + 1)


def take(
    tx: Connection,
    persons: Sequence[Person],
    *,
    employed_from: datetime,
    fields_told: frozenset[str] | None = None,
    by: Principal,
    at: datetime,
) -> Taken:
    """
    Take people from a file: add the new, change the known, and leave those it does not name.

    Parameters
    ----------
    employed_from
        When the employment of those who are new begins, with no end known.
    fields_told
        The fields the file has columns for; the others stay as they are known. All, when None.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    profiles = {person.person_id: _as_profile(person) for person in persons}
    line = store.managers(tx)
    named = {one.manager_id for one in profiles.values() if one.manager_id is not None}
    only_named = sorted(named - profiles.keys() - line.keys())
    profiles |= {name: Profile(person_id=name, name=name) for name in only_named}
    known = store.find(tx, list(profiles))
    line |= {one.person_id: one.manager_id for one in profiles.values()}
    _refuse_cycles(line, profiles)
    _refuse_taken_addresses(tx, profiles.values())
    new = [one for one in profiles.values() if one.person_id not in known]
    changed = [
        kept
        for one in profiles.values()
        if one.person_id in known and (kept := _over(known[one.person_id], one, fields_told)) != known[one.person_id]
    ]
    store.insert_many(tx, new)
    store.update_many(tx, changed)
    period = Period(employed_from)
    lay(tx, employment, (_employment(one.person_id, period, "people imported") for one in new), at=at)
    taken = Taken(
        added=tuple(one.person_id for one in new),
        changed=tuple(one.person_id for one in changed),
        unchanged=len(profiles) - len(new) - len(changed),
        managers=tuple(only_named),
    )
    told: dict[str, Any] = {"added": len(new), "changed": len(changed), "unchanged": taken.unchanged}
    if len(new) + len(changed) <= LISTED:
        told |= {"added_ids": list(taken.added), "changed_ids": list(taken.changed)}
    audit.record(tx, "take people", "people", kind="import", by=by.person_id, at=at, after=told)
    return taken


def employ(tx: Connection, person_id: str, period: Period, *, reason: str = "", by: Principal, at: datetime) -> Profile:
    """
    Employ somebody for a period, which takes the place of every employment it shares an instant with.

    So an earlier or later end shortens or extends. A period apart from all others employs them again; one that only
    touches another prolongs it.

    Raises
    ------
    WorkRemains
        They would have work outside the period; a departure ends it first.
    """
    allow(tx, by, Deed.EDIT_PEOPLE, at=at)
    known = _known(tx, person_id)
    touched = [one for one in known.employed if one.end == period.start or one.start == period.end]
    period = Period(min(one.start for one in (*touched, period)), max(one.end for one in (*touched, period)))
    kept = tuple(one for one in known.employed if not one.overlaps(period))
    employed = tuple(sorted((*kept, period)))
    _refuse_work_outside(tx, person_id, employed)
    gone = [left for one in known.employed if one not in kept for left in one.without(period)]
    lift(tx, employment, [_employment(person_id, one, "") for one in gone], at=at)
    lay(tx, employment, [_employment(person_id, period, reason or "employed")], at=at)
    before, after = ([str(one) for one in periods] for periods in (known.employed, employed))
    audit.record(
        tx,
        "employ",
        person_id,
        kind="person",
        by=by.person_id,
        at=at,
        before={"employed": before},
        after={"employed": after},
    )
    return replace(known, employed=employed)


def _known(tx: Connection, person_id: str) -> Profile:
    found = store.find(tx, [person_id])
    if person_id not in found:
        raise UnknownPerson(person_id)
    return found[person_id]


def _as_profile(person: Person) -> Profile:
    if isinstance(person, Profile):
        return person
    return Profile(**{field.name: getattr(person, field.name) for field in fields(Person)})


def _over(known: Profile, told: Profile, fields_told: frozenset[str] | None) -> Profile:
    """What a file tells, over what was known; what it does not tell stays."""
    new = {
        field.name: value
        for field in fields(Person)
        if field.name != "other"
        and (value := getattr(told, field.name)) is not None
        and value != frozenset()
        and (fields_told is None or field.name in fields_told)
    }
    if told.name == told.person_id:
        new["name"] = known.name
    return replace(known, **new, other={**known.other, **told.other})


def _refuse_taken_addresses(tx: Connection, profiles: Sequence[Profile] | Any) -> None:
    whose: dict[str, str] = {}
    given = [(one.email, one.person_id) for one in profiles if one.email is not None]
    whose = store.emails(tx, [email for email, _ in given])
    for email, person_id in given:
        if whose.setdefault(email, person_id) != person_id:
            raise Conflict(
                f"{person_id} has the e-mail address of somebody else; each person needs one of their own, or none."
            )


def _refuse_cycles(line: Mapping[str, str | None], starts: Sequence[str] | Mapping[str, Any]) -> None:
    fine: set[str] = set()
    for start in starts:
        walked: list[str] = []
        one: str | None = start
        while one is not None and one not in fine:
            if one in walked:
                raise ManagerCycle([*walked[walked.index(one) :], one])
            walked.append(one)
            one = line.get(one)
        fine.update(walked)


def _refuse_work_outside(tx: Connection, person_id: str, employed: Sequence[Period]) -> None:
    for piece in work.of(tx, person_id):
        if not any(period.covers(piece.valid) for period in employed):
            left = next((one for period in employed for one in piece.valid.without(period)), piece.valid)
            raise WorkRemains(
                f"{person_id} {piece.says} {piece.valid.says}, which lies outside the employment;"
                f" end it first, with a departure on {told(left.start)}."
            )


def _employment(person_id: str, period: Period, reason: str) -> dict[str, Any]:
    return {"person_id": person_id, "valid_from": period.start, "valid_to": period.end, "reason": reason}


def _tellable(profile: Profile, names: set[str] | frozenset[str]) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in sorted(names & TELLABLE)}
