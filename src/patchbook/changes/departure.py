"""A person leaves: one deed hands over all they have, on a day, and leaves no account alone at any instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import BadChange, Change, Handover, LeaveVacant, Replace, people_in
from patchbook.changes.coverage import rest_of
from patchbook.changes.handing import Handed, Handing, hand_over
from patchbook.changes.rights import allow_for, known_person, refuse_unseen
from patchbook.changes.writing import done
from patchbook.db.metadata import new_id
from patchbook.ledger import work
from patchbook.ledger.tables import cover, override
from patchbook.people import actions as people_actions
from patchbook.people import store as people
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.people.store import employment
from patchbook.period import Period, told
from patchbook.territories import pools, splits
from patchbook.territories import store as territories
from patchbook.territories.staffing import employment_at
from patchbook.territories.store import split as split_table
from patchbook.territories.territory import Pool, SeatRole, Share, Staffed, StillNeeded
from patchbook.words import counted


def departure(
    tx: Connection,
    person_id: str,
    *,
    on: datetime,
    default: Handover = LeaveVacant(),  # noqa: B008 -- it is frozen
    seats: Mapping[str, Handover] | None = None,
    overrides_to: str | None = None,
    reports_to: str | None = None,
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    End somebody's employment on a day and hand over what they have then or later.

    A seat that is handed on changes one fact, however many accounts its territory has; only a split moves accounts.

    Parameters
    ----------
    default, seats
        What becomes of each seat: `seats` by its id, `default` for the others.
    overrides_to
        Who gets the accounts given to them by exception or holdover; otherwise these end.
    reports_to
        Whom those who reported to them report to from now; otherwise they are only listed.
    weights
        Account → what it weighs when a territory is split; otherwise each counts one.
    families
        Account → its family, which a split keeps together.

    Raises
    ------
    BadChange
        They are not employed the day before, or a seat named is not theirs.
    LeavesAGap
        Accounts would have nobody: no manager is above them and no interim was named.
    """
    leaver = known_person(tx, person_id, by=by)
    rest = _rest_of_employment(leaver, on)
    pieces = [piece for piece in work.of(tx, person_id, since=on) if piece.valid.overlaps(rest)]
    theirs = [piece for piece in pieces if piece.kind in ("staffing", "interim")]
    held = _held(tx, theirs, rest)
    allow_for(tx, by, person_id, [one.seat.territory_id for one in held], at=at)
    named = [one for how in (default, *(seats or {}).values()) for one in people_in(how)]
    refuse_unseen(tx, [*named, *(one for one in (overrides_to, reports_to) if one is not None)], by=by, at=at)
    filling = {one.seat.seat_id for one in held if one.filler.person_id == person_id}
    if strange := sorted(set(seats or {}) - filling):
        raise BadChange(f"{person_id} does not fill the seat {strange[0]!r} on {told(on)} or later; leave it out.")

    handing = Handing(
        person_id=person_id, cause="departure", source=new_id("change"), weights=weights, families=families
    )
    handed = Handed()
    ways = {seat_id: (seats or {}).get(seat_id, default) for seat_id in filling}
    successors = {
        one.seat.territory_id: how.person_id
        for one in held
        if one.seat.seat_id in filling and isinstance(how := ways[one.seat.seat_id], Replace)
    }
    managing = [one.seat.territory_id for one in held if one.seat.role is SeatRole.MANAGER]
    heir = next((successors[where] for where in managing if where in successors), None)
    for one in held:
        is_theirs = one.filler.person_id == person_id
        hand_over(tx, handing, one, ways[one.seat.seat_id] if is_theirs else LeaveVacant(heir), handed)
    notes = [
        *_overrides(tx, handing, [piece for piece in pieces if piece.kind == "override"], rest, overrides_to, handed),
        *_covers(tx, handing, rest, handed),
        *_splits(tx, handing, rest, successors, handed),
    ]
    shared = _pools(tx, leaver, rest)
    handed.facts.lift(employment, [{"person_id": person_id, "valid_from": rest.start, "valid_to": rest.end}])
    reports = store.direct_reports(tx, person_id)
    if reports and reports_to is None:
        notes.append(
            f"{counted(len(reports), 'person reports', 'people report')} to {person_id}, {reports[0]} first;"
            " give them another manager."
        )
    if shared and on > at:
        notes.append(f"Take {person_id} out of the pool {shared[0].name!r} by {told(on)}.")
    owned = [one.seat.territory_id for one in held if one.seat.role is SeatRole.OWNER and one.seat.number == 1]
    change = Change(
        deed="departure",
        person_id=person_id,
        on=on,
        summary=(f"{person_id} leaves on {told(on)}.", *handed.summary),
        seats=tuple(handed.seats),
        takes=tuple(handed.takes),
        notes=tuple(notes),
        accounts_before=sum(store.accounts_on(tx, on, owned).values()),
        accounts_moved=handed.moved,
        made={"change_id": handing.source},
    )
    change = done(tx, change, handed.facts, touched=handed.touched, subject=person_id, preview=preview, by=by, at=at)
    if not preview:
        _pass_on(tx, leaver, reports if reports_to else [], reports_to, by=by, at=at)
        _leave_pools(tx, person_id, shared if on <= at else [], by=by, at=at)
    return change


def _rest_of_employment(leaver: Profile, on: datetime) -> Period:
    for employed in leaver.employed:
        if employed.start < on < employed.end:
            return Period(on, employed.end)
    when = ", ".join(one.says for one in leaver.employed) or "never"
    raise BadChange(
        f"{leaver.person_id} cannot leave on {told(on)}: the record has them employed {when}; name a day within it."
    )


def _held(tx: Connection, pieces: Iterable[work.Piece], rest: Period) -> list[Staffed]:
    """The seats a person fills or looks after in the rest of their employment."""
    facts = [piece.fact for piece in pieces]
    seats = {seat.seat_id: seat for seat in territories.seats(tx, seat_ids=[fact["seat_id"] for fact in facts])}
    return [
        territories.staffed_of(
            {**fact, **{name: getattr(seats[fact["seat_id"]], name) for name in ("territory_id", "role", "number")}},
            rest,
        )
        for fact in facts
    ]


def _overrides(
    tx: Connection,
    handing: Handing,
    pieces: Iterable[work.Piece],
    rest: Period,
    to: str | None,
    handed: Handed,
) -> list[str]:
    """Accounts given to them by name pass on, or go back to whoever has their territory."""
    keys = ("account_id", "role", "opportunity_id")
    accounts: set[str] = set()
    employed = people.employments(tx, [to]) if to is not None else {}
    for piece in pieces:
        period = piece.valid.shared(rest)
        assert period is not None  # the caller asked for those that overlap
        key = {name: piece.fact[name] for name in keys}
        accounts.add(piece.fact["account_id"])
        handed.facts.lift(override, [{**key, "valid_from": period.start, "valid_to": period.end}])
        if to is not None:
            kept = employment_at(to, period, employed)
            why = {"cause": handing.cause, "source": handing.source, "reason": handing.reason}
            fact = {**key, "person_id": to, "kind": piece.fact["kind"], **why}
            handed.facts.lay(override, [{**fact, "valid_from": kept.start, "valid_to": kept.end}])
    if not accounts:
        return []
    handed.touched.update(store.territories_of(tx, sorted(accounts), rest))
    gave = f"{counted(len(accounts), 'account')} given to {handing.person_id} by name"
    one = len(accounts) == 1
    if to is None:
        return [f"{gave} {'goes' if one else 'go'} back to whoever has {'its' if one else 'their'} territory."]
    return [f"{gave} {'passes' if one else 'pass'} on to {to}."]


def _covers(tx: Connection, handing: Handing, rest: Period, handed: Handed) -> list[str]:
    """Who they would have covered has nobody to act for them; their own leave ends with the employment."""
    notes = []
    who = handing.person_id
    for one in store.covers(tx, rest, of=[who], given_by=[who]):
        ended = one.valid.shared(rest)
        assert ended is not None  # the query asked for those that overlap
        handed.facts.lift(cover, [{"person_id": one.person_id, "valid_from": ended.start, "valid_to": ended.end}])
        if one.cover_id == who:
            notes.append(f"{one.person_id} is on leave {ended.says} and {who} was to cover them; name somebody else.")
    return notes


def _splits(tx: Connection, handing: Handing, rest: Period, successors: Mapping[str, str], handed: Handed) -> list[str]:
    """A share of credit passes to whoever takes the seat; where nobody does, credit is undivided again."""
    notes = []
    for row in territories.splits(tx, rest):
        one = splits.split_of(dict(row))
        if all(share.person_id != handing.person_id for share in one.shares):
            continue
        valid = one.valid.shared(rest)
        assert valid is not None  # the query asked for those that overlap
        who = successors.get(one.territory_id)
        if who is None:
            key = {"territory_id": one.territory_id, "account_id": one.account_id, "role": one.role.value}
            handed.facts.lift(split_table, [{**key, "valid_from": valid.start, "valid_to": valid.end}])
            notes.append(f"The split of credit for {one.account_id or one.territory_id} ends; the owner has all of it.")
        else:
            shares = _passed_on(one.shares, handing.person_id, who)
            handed.facts.lay(split_table, [splits.fact(replace(one, shares=shares, valid=valid), handing.reason)])
    return notes


def _passed_on(shares: Iterable[Share], from_id: str, to_id: str) -> tuple[Share, ...]:
    hundredths: dict[str, int] = {}
    for share in shares:
        who = to_id if share.person_id == from_id else share.person_id
        hundredths[who] = hundredths.get(who, 0) + round(share.percent * 100)
    return tuple(Share(person_id=who, percent=percent / 100) for who, percent in hundredths.items())


def _pools(tx: Connection, leaver: Profile, rest: Period) -> list[Pool]:
    """The pools they are in; refused where they are the last member who is there while the pool fills a seat."""
    mine = [one for one in territories.find_pools(tx) if leaver.person_id in [who.person_id for who in one.members]]
    used = store.pools_in_use(tx, rest) if mine else {}
    for one in mine:
        others = [member.person_id for member in one.members if member.person_id != leaver.person_id]
        there = [period for periods in people.employments(tx, others).values() for period in periods]
        if any(rest_of(period, there) for period in used.get(one.pool_id, ())):
            raise StillNeeded(
                f"{leaver.person_id} is the last member of the pool {one.name!r} while it fills a seat; give it another"
                " first."
            )
    return [one for one in mine if len(one.members) > 1]


def _pass_on(
    tx: Connection, leaver: Profile, reports: list[str], to: str | None, *, by: Principal, at: datetime
) -> None:
    for profile in people.find(tx, reports).values():
        manager = to if to != profile.person_id else leaver.manager_id
        people_actions.keep_changed(tx, profile, {"manager_id": manager}, by=by, at=at)


def _leave_pools(tx: Connection, person_id: str, shared: list[Pool], *, by: Principal, at: datetime) -> None:
    for one in shared:
        left = tuple(member for member in one.members if member.person_id != person_id)
        pools.keep_changed(tx, one, replace(one, members=left), by=by, at=at)
