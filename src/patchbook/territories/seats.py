"""What is done with seats: opened at a territory, filled by a person or a pool, or left vacant with an interim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.errors import NotFound
from patchbook.ledger import work
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import staffing
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere, in_scope
from patchbook.people.principal import Principal
from patchbook.people.profile import UnknownPerson
from patchbook.period import Period, told
from patchbook.territories import store
from patchbook.territories.staffing import filled
from patchbook.territories.store import place
from patchbook.territories.territory import (
    BadTerritory,
    Filler,
    LeavesAGap,
    Seat,
    SeatRole,
    Staffed,
    StillNeeded,
    UnknownPool,
    UnknownSeat,
    UnknownTerritory,
)
from patchbook.words import counted


def open_seat(
    tx: Connection,
    territory_id: str,
    role: str = SeatRole.OWNER,
    *,
    person_id: str | None = None,
    pool_id: str | None = None,
    interim_id: str | None = None,
    since: datetime,
    cause: str = "seat",
    source: str = "",
    reason: str = "",
    by: Principal,
    at: datetime,
) -> Seat:
    """
    Open a seat at a territory from a day on; with neither person nor pool it is vacant.

    Who looks after a vacant seat is the interim named, or else whoever manages the territory on the day.

    Raises
    ------
    UnknownTerritory
        There is no such territory on the day.
    NotEmployed
        The person is not employed on the day.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    filler = Filler(person_id=person_id, pool_id=pool_id, interim_id=interim_id)
    seat = keep_new(tx, territory_id, role, filler, since=since, cause=cause, source=source, reason=reason, at=at)
    after = {"territory": territory_id, "role": seat.role.value, "filler": _tellable(filler), "since": told(since)}
    audit.record(tx, "open", seat.seat_id, kind="seat", by=by.person_id, at=at, after=after)
    return seat


def keep_new(
    tx: Connection,
    territory_id: str,
    role: str,
    filler: Filler,
    *,
    since: datetime,
    cause: str,
    source: str,
    reason: str,
    at: datetime,
) -> Seat:
    """Keep a new seat and who fills it; rights and the audit event are the caller's."""
    wanted = role_of(role)
    there = store.find(tx, territory_id, since=since)
    if not there or not there[0].valid.contains(since):
        raise UnknownTerritory(territory_id)
    until = there[0].valid.end
    for one in there[1:]:
        until = one.valid.end if one.valid.start == until else until
    number = store.next_number(tx, territory_id, wanted)
    seat = Seat(seat_id=new_id("seat"), territory_id=territory_id, role=wanted, number=number)
    store.insert_seats(tx, [seat], at)
    pieces = staffed_pieces(tx, seat, filler, Period(since, until))
    refuse_gap(tx, pieces)
    lay(tx, staffing, facts(pieces, cause=cause, source=source, reason=reason), at=at)
    return seat


def staff(
    tx: Connection,
    seat_id: str,
    *,
    person_id: str | None = None,
    pool_id: str | None = None,
    interim_id: str | None = None,
    period: Period,
    cause: str = "staff",
    source: str = "",
    reason: str = "",
    by: Principal,
    at: datetime,
) -> tuple[Staffed, ...]:
    """
    Fill a seat for a period with a person or a pool, or leave it vacant; gives who fills each part of it.

    Raises
    ------
    NotEmployed
        The person is not employed when the period starts.
    LeavesAGap
        The seat owns accounts, and for a part of the period nobody would look after them.
    """
    seat = find(tx, seat_id)
    _allow(tx, by, seat, at)
    filler = Filler(person_id=person_id, pool_id=pool_id, interim_id=interim_id)
    before = store.staffed(tx, period, seat_ids=[seat_id])
    _refuse_outside(seat, period, before)
    pieces = staffed_pieces(tx, seat, filler, period)
    refuse_gap(tx, pieces)
    laid = lay(tx, staffing, facts(pieces, cause=cause, source=source, reason=reason), at=at)
    if laid.written:
        audit.record(
            tx,
            "staff",
            seat_id,
            kind="seat",
            by=by.person_id,
            at=at,
            before={"fillers": [[*_tellable(one.filler), str(one.valid)] for one in before]},
            after={"fillers": [[*_tellable(one.filler), str(one.valid)] for one in pieces]},
        )
    return tuple(replace(one, cause=cause, source=source, reason=reason) for one in pieces)


def seats(tx: Connection, territory_id: str, *, on: datetime, by: Principal, at: datetime) -> tuple[Staffed, ...]:
    """The seats of a territory on a day, with who fills them then."""
    allow_somewhere(by, Deed.SEE)
    seen = in_scope(by, territory=place.c.territory_id, at=at)
    found = store.find(tx, territory_id, since=on, seen=seen)
    if not found or not found[0].valid.contains(on):
        raise UnknownTerritory(territory_id)
    instant = Period(on, found[0].valid.end)
    return tuple(one for one in store.staffed(tx, instant, territory_ids=[territory_id]) if one.valid.contains(on))


def history(tx: Connection, seat_id: str, *, by: Principal, at: datetime) -> tuple[Staffed, ...]:
    """Who has filled a seat, fills it and is going to, oldest first."""
    allow_somewhere(by, Deed.SEE)
    seat = find(tx, seat_id)
    if not store.any_in(tx, [seat.territory_id], in_scope(by, territory=store.seat.c.territory_id, at=at)):
        raise UnknownSeat(seat_id)
    return tuple(store.seat_history(tx, seat_id))


def find(tx: Connection, seat_id: str) -> Seat:
    """A seat by its id; rights are the caller's."""
    found = store.seats(tx, seat_ids=[seat_id])
    if not found:
        raise UnknownSeat(seat_id)
    return found[0]


def filled_by(tx: Connection, person_id: str, within: Period) -> list[Staffed]:
    """The seats somebody fills in a period, cut to it, by when it starts; rights are the caller's."""
    found = [piece for piece in work.of(tx, person_id, since=within.start) if piece.kind == "staffing"]
    pieces = [(piece.fact, piece.valid) for piece in found if piece.valid.overlaps(within)]
    there = {seat.seat_id: seat for seat in store.seats(tx, seat_ids=[one["seat_id"] for one, _ in pieces])}
    return [
        Staffed(
            seat=there[one["seat_id"]],
            filler=Filler(person_id=person_id),
            valid=Period(valid.start, min(valid.end, within.end)),
            cause=one["cause"],
            source=one["source"],
            reason=one["reason"],
        )
        for one, valid in pieces
    ]


def staffed_pieces(
    tx: Connection, seat: Seat, filler: Filler, period: Period, *, without: Iterable[str] = ()
) -> list[Staffed]:
    """
    Who would fill a seat for each part of a period: whoever is meant while employed, and the managers above after.

    Parameters
    ----------
    without
        People who do not look after anything here, as those who leave.
    """
    above = [one for one in store.managers_above(tx, seat.territory_id, period.start) if one not in set(without)]
    named = [one for one in (filler.person_id, filler.interim_id) if one is not None]
    there = people.find(tx, named)
    for one in named:
        if one not in there:
            raise UnknownPerson(one)
    if filler.pool_id is not None and not store.find_pools(tx, pool_ids=[filler.pool_id]):
        raise UnknownPool(filler.pool_id)
    interims = [one for one in above if one != filler.person_id]
    pieces = filled(filler, period, employed=people.employments(tx, [*named, *above]), interims=interims)
    return [Staffed(seat=seat, filler=who, valid=valid, cause="", source="", reason="") for who, valid in pieces]


def facts(pieces: Iterable[Staffed], *, cause: str, source: str, reason: str) -> list[dict[str, Any]]:
    """Facts of `staffing` for `lay`."""
    return [
        {
            "seat_id": one.seat.seat_id,
            "person_id": one.filler.person_id,
            "pool_id": one.filler.pool_id,
            "interim_id": one.filler.interim_id,
            "valid_from": one.valid.start,
            "valid_to": one.valid.end,
            "cause": cause,
            "source": source,
            "reason": reason or cause,
        }
        for one in pieces
    ]


def role_of(role: str) -> SeatRole:
    """The role of that name."""
    try:
        return SeatRole(role)
    except ValueError:
        raise BadTerritory(f"There is no role {role!r} of a seat; there are {', '.join(SeatRole)}.") from None


def refuse_gap(tx: Connection, pieces: Iterable[Staffed]) -> None:
    """Refuse to leave accounts to nobody for a part of the time."""
    for one in pieces:
        if one.filler.is_covered or one.seat.role is not SeatRole.OWNER or one.seat.number != 1:
            continue
        if accounts := store.accounts_during(tx, one.seat.territory_id, one.valid):
            raise LeavesAGap(
                f"The territory {one.seat.territory_id} would leave"
                f" {counted(accounts, 'account')} with nobody {one.valid.says},"
                " because no manager above it is there then; name a person, a pool, or an interim who is employed then."
            )


def _allow(tx: Connection, by: Principal, seat: Seat, at: datetime) -> None:
    try:
        allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=seat.territory_id)
    except NotFound:
        raise UnknownSeat(seat.seat_id) from None


def _refuse_outside(seat: Seat, period: Period, before: Sequence[Staffed]) -> None:
    """A seat is filled only while it is there, from the day it was opened to the day its territory closes."""
    reached = period.start
    for one in before:
        if one.valid.start != reached:
            break
        reached = one.valid.end
    if reached != period.end:
        raise StillNeeded(
            f"The seat {seat.seat_id} is not there all the time {period.says}: it has nobody from {told(reached)} on,"
            " because it was opened later or its territory closes."
        )


def _tellable(filler: Filler) -> list[str | None]:
    return [filler.person_id, filler.pool_id, filler.interim_id]
