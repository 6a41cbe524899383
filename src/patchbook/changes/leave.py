"""A person is away for a time: somebody acts for them, and on the day they are back it is as if nothing had been."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import BadChange, Change
from patchbook.changes.rights import allow_for, known_person, refuse_unseen
from patchbook.changes.writing import Facts, done
from patchbook.db.metadata import new_id
from patchbook.errors import Conflict
from patchbook.ledger import work
from patchbook.ledger.tables import cover
from patchbook.people import store as people
from patchbook.people.principal import Principal
from patchbook.people.profile import NotEmployed, Profile
from patchbook.period import Period, told
from patchbook.territories import store as territories
from patchbook.words import counted


class OverlappingLeave(Conflict):
    """Somebody is away then already."""


class CoverIsAway(Conflict):
    """Whoever is to act for somebody is away themselves then, or covers for whom they would need."""


def leave(
    tx: Connection,
    person_id: str,
    cover_id: str,
    *,
    period: Period,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Let somebody act for a person from one day to another; the accounts stay theirs, and the end is the return.

    Raises
    ------
    OverlappingLeave
        They are away at some time of the period already.
    CoverIsAway
        The cover is away then, or somebody needs the person as their cover then.
    NotEmployed
        One of the two is not employed for the whole period.
    """
    away = known_person(tx, person_id, by=by)
    owned = _territories(tx, person_id, period)
    allow_for(tx, by, person_id, owned, at=at)
    refuse_unseen(tx, [cover_id], by=by, at=at)
    if cover_id == person_id:
        raise BadChange(f"{person_id} cannot act for themselves; name somebody else.")
    _refuse_unemployed(away, period)
    _refuse_unemployed(people.find(tx, [cover_id])[cover_id], period)
    for other in store.covers(tx, period, of=[person_id]):
        raise OverlappingLeave(
            f"{person_id} is away {other.valid.says} already, covered by {other.cover_id}; end that leave first, or"
            " choose days beside it."
        )
    for other in store.covers(tx, period, of=[cover_id], given_by=[person_id]):
        _refuse_chain(person_id, cover_id, other)
    source = new_id("change")
    facts = Facts()
    facts.lay(
        cover,
        [
            {
                "person_id": person_id,
                "cover_id": cover_id,
                "valid_from": period.start,
                "valid_to": period.end,
                "cause": "leave",
                "source": source,
                "reason": f"{cover_id} acts for {person_id}",
            }
        ],
    )
    accounts = sum(store.accounts_on(tx, period.start, _owned(tx, person_id, period.start)).values())
    back = "with no return planned" if period.is_open else f"back on {told(period.end)}"
    change = Change(
        deed="leave",
        person_id=person_id,
        on=period.start,
        until=period.end,
        summary=(
            f"{person_id} is away from {told(period.start)}, {back}; {cover_id} acts for them"
            f" on {counted(accounts, 'account')}.",
        ),
        accounts_before=accounts,
        accounts_after=accounts,
        made={"change_id": source, "cover_id": cover_id},
    )
    return done(tx, change, facts, subject=person_id, preview=preview, by=by, at=at)


def come_back(
    tx: Connection, person_id: str, *, on: datetime, preview: bool = False, by: Principal, at: datetime
) -> Change:
    """
    End a leave on a day before it was to end; one that has not begun is called off.

    Raises
    ------
    BadChange
        They are not away on that day or later.
    """
    known_person(tx, person_id, by=by)
    allow_for(tx, by, person_id, _territories(tx, person_id, Period(on)), at=at)
    ahead = store.covers(tx, Period(on), of=[person_id])
    if not ahead:
        raise BadChange(f"{person_id} is not away on {told(on)} or later; there is no leave to end.")
    ended = Period(max(on, ahead[0].valid.start), ahead[0].valid.end)
    facts = Facts()
    facts.lift(cover, [{"person_id": person_id, "valid_from": ended.start, "valid_to": ended.end}])
    change = Change(
        deed="come back",
        person_id=person_id,
        on=ended.start,
        summary=(f"{person_id} is back on {told(ended.start)}; {ahead[0].cover_id} no longer acts for them.",),
    )
    return done(tx, change, facts, subject=person_id, preview=preview, by=by, at=at)


def _refuse_unemployed(profile: Profile, period: Period) -> None:
    for employed in profile.employed:
        if employed.covers(period):
            return
        if employed.contains(period.start):
            raise NotEmployed(profile.person_id, employed.end, profile.employed)
    raise NotEmployed(profile.person_id, period.start, profile.employed)


def _refuse_chain(person_id: str, cover_id: str, other: store.Covered) -> None:
    if (other.person_id, other.cover_id) == (cover_id, person_id):
        raise CoverIsAway(
            f"{cover_id} is away {other.valid.says} and {person_id} covers them; two people cannot cover each other."
        )
    if other.person_id == cover_id:
        raise CoverIsAway(f"{cover_id} is away {other.valid.says} themselves; name somebody who is there.")
    raise CoverIsAway(
        f"{person_id} covers {other.person_id} {other.valid.says}; give {other.person_id} another cover first."
    )


def _territories(tx: Connection, person_id: str, within: Period) -> list[str]:
    """Where somebody has a seat at some time of a period."""
    pieces = [piece for piece in work.of(tx, person_id, since=within.start) if piece.kind == "staffing"]
    ids = [piece.fact["seat_id"] for piece in pieces if piece.valid.overlaps(within)]
    return [seat.territory_id for seat in territories.seats(tx, seat_ids=ids)]


def _owned(tx: Connection, person_id: str, on: datetime) -> list[str]:
    return [where for where, _ in store.owners(tx, on, person_ids=[person_id])]
