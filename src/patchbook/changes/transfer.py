"""A person changes seats on a day: one deed hands over the old one and fills the new one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import BadChange, Change, Handover, LeaveVacant, SeatChange, people_in
from patchbook.changes.deals import keep_deals
from patchbook.changes.handing import Handed, Handing, hand_over, owns
from patchbook.changes.hire import vacant_from
from patchbook.changes.rights import allow_for, known_person, refuse_unseen
from patchbook.changes.writing import done
from patchbook.db.metadata import new_id
from patchbook.errors import NotFound
from patchbook.holdovers.holdover import MOVE_ALL, Policy
from patchbook.ledger.tables import staffing
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.period import Period, told
from patchbook.territories import seats as seat_actions
from patchbook.territories import store as territories
from patchbook.territories.seats import facts as seat_facts
from patchbook.territories.seats import staffed_pieces
from patchbook.territories.territory import Filler, Seat, Staffed, UnknownSeat


def transfer(
    tx: Connection,
    person_id: str,
    *,
    to_seat_id: str,
    on: datetime,
    from_seat_id: str | None = None,
    handover: Handover = LeaveVacant(),  # noqa: B008 -- it is frozen
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
    policy: Policy = MOVE_ALL,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Put somebody into a vacant seat from a day on, and hand over the one they had.

    Parameters
    ----------
    from_seat_id
        The seat they give up; may be left out by whoever has one seat only.
    handover
        What becomes of the seat they give up.
    policy
        Which open deals of the accounts they give up they keep for a while.

    Raises
    ------
    SeatIsTaken
        Somebody fills the new seat on that day.
    LeavesAGap
        Accounts of the old seat would have nobody.
    """
    person = known_person(tx, person_id, by=by)
    handed, source = moved(
        tx,
        person,
        to_seat_id=to_seat_id,
        on=on,
        from_seat_id=from_seat_id,
        handover=handover,
        deed="transfer",
        weights=weights,
        families=families,
        policy=policy,
        by=by,
        at=at,
    )
    change = Change(
        deed="transfer",
        person_id=person_id,
        on=on,
        summary=tuple(handed.summary),
        seats=tuple(handed.seats),
        takes=tuple(handed.takes),
        accounts_before=handed.seats[0].accounts,
        accounts_after=handed.seats[-1].accounts,
        accounts_moved=handed.moved,
        made={"change_id": source},
    )
    return done(tx, change, handed.facts, touched=handed.touched, subject=person_id, preview=preview, by=by, at=at)


def moved(
    tx: Connection,
    person: Profile,
    *,
    to_seat_id: str,
    on: datetime,
    from_seat_id: str | None,
    handover: Handover,
    deed: str,
    weights: Mapping[str, float] | None,
    families: Mapping[str, str] | None,
    policy: Policy,
    by: Principal,
    at: datetime,
) -> tuple[Handed, str]:
    """What giving up one seat and filling another comes to, and the id of the change."""
    person_id = person.person_id
    held = _given_up(tx, person_id, from_seat_id, on)
    allow_for(tx, by, person_id, [one.seat.territory_id for one in held], at=at)
    refuse_unseen(tx, people_in(handover), by=by, at=at)
    seat = _seat(tx, to_seat_id, by, at)
    if seat.seat_id == held[0].seat.seat_id:
        raise BadChange(f"{person_id} has the seat {to_seat_id} already; name another.")
    vacancy = vacant_from(tx, seat, on)
    person.employment_on(on)
    handing = Handing(person_id=person_id, cause=deed, source=new_id("change"), weights=weights, families=families)
    handed = Handed()
    for one in held:
        hand_over(tx, handing, one, handover, handed)
    keep_deals(tx, _accounts_given_up(tx, held, on), policy, handing, on=on, into=handed)
    pieces = staffed_pieces(tx, seat, Filler(person_id=person_id), vacancy)
    handed.facts.lay(staffing, seat_facts(pieces, cause=deed, source=handing.source, reason=f"{deed} of {person_id}"))
    before = territories.staffed(tx, vacancy, seat_ids=[to_seat_id])[0].filler
    accounts = store.accounts_on(tx, on, [seat.territory_id]).get(seat.territory_id, 0)
    handed.seats.append(
        SeatChange(seat=seat, before=before, after=Filler(person_id=person_id), valid=vacancy, accounts=accounts)
    )
    handed.summary.append(f"{person_id} becomes {seat.role} of {seat.territory_id} on {told(on)}.")
    handed.touched.add(seat.territory_id)
    return handed, handing.source


def _given_up(tx: Connection, person_id: str, seat_id: str | None, on: datetime) -> list[Staffed]:
    """The seat somebody gives up, for all the time they were to fill it from the day on."""
    ahead = seat_actions.filled_by(tx, person_id, Period(on))
    now = list(dict.fromkeys(one.seat.seat_id for one in ahead if one.valid.start == on))
    if seat_id is None:
        if len(now) != 1:
            listed = f" ({', '.join(now)})" if now else ""
            raise BadChange(f"{person_id} fills {len(now)} seats on {told(on)}{listed}; say which one they give up.")
        seat_id = now[0]
    elif seat_id not in now:
        raise BadChange(f"{person_id} does not fill the seat {seat_id!r} on {told(on)}; name one they fill.")
    return [one for one in ahead if one.seat.seat_id == seat_id]


def _accounts_given_up(tx: Connection, held: list[Staffed], on: datetime) -> list[tuple[str, str]]:
    """The accounts they own by the seat they give up, with their id."""
    owned = {one.seat.territory_id: one.filler.person_id for one in held if owns(one) and one.valid.start == on}
    there = store.assigned_on(tx, on, list(owned))
    otherwise = store.held(tx, [one.account_id for one in there], on)
    return [
        (one.account_id, who)
        for one in there
        if one.account_id not in otherwise and (who := owned[one.territory_id]) is not None
    ]


def _seat(tx: Connection, seat_id: str, by: Principal, at: datetime) -> Seat:
    seat = seat_actions.find(tx, seat_id)
    try:
        allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=seat.territory_id)
    except NotFound:
        raise UnknownSeat(seat_id) from None
    return seat
