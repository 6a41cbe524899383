"""A person joins: they fill a vacant seat on a day, or a new territory is peeled off its neighbours for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import BadChange, Change, Giving, SeatChange
from patchbook.changes.deals import keep_deals
from patchbook.changes.handing import Handed, Handing, receivers_of, weigh
from patchbook.changes.peel import Neighbour, peeled, target_of
from patchbook.changes.rights import refuse_unseen
from patchbook.changes.writing import Facts, done
from patchbook.db.metadata import new_id
from patchbook.errors import Conflict, NotFound
from patchbook.holdovers.holdover import MOVE_ALL, Policy
from patchbook.ledger.tables import assignment, staffing
from patchbook.people import actions as people_actions
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.people.profile import NotEmployed
from patchbook.period import Period, told
from patchbook.territories import actions as territory_actions
from patchbook.territories import seats as seat_actions
from patchbook.territories import store as territories
from patchbook.territories.seats import facts as seat_facts
from patchbook.territories.seats import staffed_pieces
from patchbook.territories.territory import Filler, Seat, SeatRole, UnknownSeat, UnknownTerritory
from patchbook.words import counted


class SeatIsTaken(Conflict):
    """A seat that was to be filled is filled already."""


def hire(
    tx: Connection,
    person: str | Person,
    seat_id: str,
    *,
    on: datetime,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Fill a vacant seat from a day on, until a change of it that is planned already.

    Parameters
    ----------
    person
        The id of somebody employed on the day, or a new person, who is employed from it.

    Raises
    ------
    SeatIsTaken
        Somebody fills the seat on that day.
    NotEmployed
        The person is known and not employed on that day.
    """
    seat = _seat(tx, seat_id, by, at)
    who = _joining(tx, person, on, by=by, at=at)
    vacancy = vacant_from(tx, seat, on)
    accounts = store.accounts_on(tx, on, [seat.territory_id]).get(seat.territory_id, 0)
    before = territories.staffed(tx, vacancy, seat_ids=[seat_id])[0].filler
    source = new_id("change")
    change = Change(
        deed="hire",
        person_id=who,
        on=on,
        summary=(
            f"{who} becomes {seat.role} of {seat.territory_id} on {told(on)}, with {counted(accounts, 'account')}.",
        ),
        seats=(SeatChange(seat=seat, before=before, after=Filler(person_id=who), valid=vacancy, accounts=accounts),),
        accounts_after=accounts if (seat.role, seat.number) == (SeatRole.OWNER, 1) else 0,
        made={"change_id": source, "person_id": who},
    )
    facts = Facts()
    if not preview:
        _keep(tx, person, on, at=at)
        pieces = staffed_pieces(tx, seat, Filler(person_id=who), vacancy)
        facts.lay(staffing, seat_facts(pieces, cause="hire", source=source, reason=f"hire of {who}"))
    return done(tx, change, facts, touched=[seat.territory_id], subject=who, preview=preview, by=by, at=at)


def peel(
    tx: Connection,
    person: str | Person,
    *,
    name: str,
    parent_id: str,
    on: datetime,
    share: float = 1.0,
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
    positions: Mapping[str, tuple[float, float]] | None = None,
    neighbours: Sequence[str] | None = None,
    policy: Policy = MOVE_ALL,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Make a new territory for somebody from what its most loaded neighbours have too much of, with the fewest moves.

    Parameters
    ----------
    person
        The id of somebody employed on the day, or a new person, who is employed from it.
    parent_id
        Where the new territory hangs; the territories below it that somebody fills are its neighbours.
    share
        How much of a full book the newcomer starts with: 0.5 takes half of what their capacity asks for.
    weights
        Account → what it weighs, as its potential; otherwise each counts one.
    families
        Account → its family; accounts of one family in one territory move together or not at all.
    positions
        Account → latitude and longitude; of accounts that weigh the same, those nearest the newcomer's home go first.
    neighbours
        The territories to take from, instead of all below `parent_id`.
    policy
        Which open deals of the accounts that move stay with who had them for a while.

    Raises
    ------
    BadChange
        No neighbour has anything to give.
    """
    allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=parent_id)
    if not 0 < share <= 1:
        raise BadChange(f"A newcomer is to start with {share:g} of a full book; it must be above 0 and at most 1.")
    who = _joining(tx, person, on, by=by, at=at)
    beside = territories.children(tx, parent_id, on) if neighbours is None else list(neighbours)
    for one in neighbours or ():
        allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=one)
    profile = people.find(tx, [who]).get(who, person)
    assert isinstance(profile, Person)  # an id is known, or `_joining` refused it
    receivers = receivers_of(tx, store.owners(tx, on, territory_ids=beside), on, weights)
    held = store.assigned_on(tx, on, [one.territory_id for one in receivers])
    fixed = store.held(tx, [one.account_id for one in held], on)
    there = [
        Neighbour(
            receiver=one,
            accounts=tuple(piece.account_id for piece in held if piece.territory_id == one.territory_id),
        )
        for one in receivers
    ]
    home = None if profile.latitude is None or profile.longitude is None else (profile.latitude, profile.longitude)
    taken = peeled(
        there,
        capacity=profile.share * share,
        fixed=fixed,
        weights=weights,
        families=families,
        positions=positions if home is not None else None,
        home=home,
    )
    moved = [account for giving in taken for account in giving.account_ids]
    if not moved:
        raise BadChange(
            f"No territory beside the new one has accounts to give on {told(on)}; name other neighbours, or fill a"
            " vacant seat instead."
        )
    territory_actions.refuse_taken_name(tx, name.strip(), Period(on))
    source = new_id("change")
    territory_id, seat_id = "", ""
    handed = Handed()
    facts = handed.facts
    given = [(account, one.person_id) for one in taken if one.person_id for account in one.account_ids]
    keep_deals(tx, given, policy, Handing(person_id=who, cause="hire", source=source), on=on, into=handed)
    if not preview:
        _keep(tx, person, on, at=at)
        kind = territories.find(tx, taken[0].territory_id, since=on)[0].kind
        reason = f"hire of {who}"
        made = territory_actions.keep_new(tx, name, kind=kind, parent_id=parent_id, since=on, reason=reason, at=at)
        territory_id = made.territory_id
        filler = Filler(person_id=who)
        why = {"cause": "hire", "source": source, "reason": reason}
        seat_id = seat_actions.keep_new(tx, territory_id, SeatRole.OWNER, filler, since=on, at=at, **why).seat_id
        chosen = set(moved)
        facts.lay(
            assignment,
            (
                {
                    "account_id": one.account_id,
                    "territory_id": territory_id,
                    "valid_from": one.valid.start,
                    "valid_to": one.valid.end,
                    **why,
                }
                for one in held
                if one.account_id in chosen
            ),
        )
    change = Change(
        deed="hire",
        person_id=who,
        on=on,
        summary=(
            f"{who} starts on {told(on)} with {counted(len(moved), 'account')} in {name}.",
            *(f"{one.person_id} gives {len(one.account_ids)} from {one.territory_id}." for one in taken),
            *handed.summary,
        ),
        gives=tuple(taken),
        takes=(
            Giving(
                territory_id=territory_id,
                person_id=who,
                account_ids=tuple(sorted(moved)),
                weight=weigh(moved, weights),
                before=0.0,
                after=weigh(moved, weights),
                target=target_of(there, profile.share * share),
            ),
        ),
        accounts_after=len(moved),
        accounts_moved=len(moved),
        made={"change_id": source, "person_id": who, "territory_id": territory_id, "seat_id": seat_id},
    )
    touched = [territory_id, *(one.territory_id for one in taken)]
    return done(tx, change, facts, touched=touched, subject=who, preview=preview, by=by, at=at)


def vacant_from(tx: Connection, seat: Seat, on: datetime) -> Period:
    """How long a seat is vacant from a day on, or the refusal."""
    ahead = territories.staffed(tx, Period(on), seat_ids=[seat.seat_id])
    if not ahead or ahead[0].valid.start != on:
        raise UnknownTerritory(seat.territory_id)
    if not ahead[0].filler.is_vacant:
        raise SeatIsTaken(
            f"The seat {seat.seat_id} is filled by {ahead[0].filler} on {told(on)}; hand it over by a departure or"
            " transfer, or choose a vacant seat."
        )
    end = on
    for one in ahead:
        if one.valid.start != end or not one.filler.is_vacant:
            break
        end = one.valid.end
    return Period(on, end)


def _seat(tx: Connection, seat_id: str, by: Principal, at: datetime) -> Seat:
    seat = seat_actions.find(tx, seat_id)
    try:
        allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=seat.territory_id)
    except NotFound:
        raise UnknownSeat(seat_id) from None
    return seat


def _joining(tx: Connection, person: str | Person, on: datetime, *, by: Principal, at: datetime) -> str:
    """The id of whoever joins, who is new or employed on the day."""
    if isinstance(person, Person):
        if people.find(tx, [person.person_id]):
            raise Conflict(f"There is a person {person.person_id!r} already; name them by their id.")
        return person.person_id
    refuse_unseen(tx, [person], by=by, at=at)
    employed = people.employments(tx, [person]).get(person, ())
    if not any(one.contains(on) for one in employed):
        raise NotEmployed(person, on, employed)
    return person


def _keep(tx: Connection, person: str | Person, on: datetime, *, at: datetime) -> None:
    if isinstance(person, Person):
        people_actions.keep_new(tx, person, employed=Period(on), at=at)
