"""Hand over seats: to somebody else, to the team, or to whoever looks after them till somebody is hired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import BadChange, Giving, Handover, LeaveVacant, Replace, SeatChange, SplitOverTeam
from patchbook.changes.spread import Receiver, spread
from patchbook.changes.writing import Facts
from patchbook.ledger.tables import assignment, staffing
from patchbook.people import store as people
from patchbook.period import Period, told
from patchbook.territories import store as territories
from patchbook.territories.seats import facts as seat_facts
from patchbook.territories.seats import refuse_gap, staffed_pieces
from patchbook.territories.territory import Filler, SeatRole, Staffed
from patchbook.words import counted


@dataclass
class Handed:
    """What handing over seats comes to so far."""

    facts: Facts = field(default_factory=Facts)
    seats: list[SeatChange] = field(default_factory=list)
    takes: list[Giving] = field(default_factory=list)
    gives: list[Giving] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    moved: int = 0


@dataclass(frozen=True, kw_only=True)
class Handing:
    """Who hands over, by what deed, and what is known of the accounts."""

    person_id: str
    cause: str
    source: str
    weights: Mapping[str, float] | None = None
    families: Mapping[str, str] | None = None

    @property
    def reason(self) -> str:
        """Why, as the ledger tells it: in ids, because facts outlive a person's erasure."""
        return f"{self.cause} of {self.person_id}"


def hand_over(tx: Connection, handing: Handing, held: Staffed, how: Handover, into: Handed) -> None:
    """Gather what handing over one seat for one period comes to."""
    if isinstance(how, SplitOverTeam) and owns(held):
        _split(tx, handing, held, how, into)
        filler = Filler()
    elif isinstance(how, Replace):
        if how.person_id == handing.person_id:
            raise BadChange(f"{handing.person_id} cannot take over from themselves; name somebody else.")
        filler = Filler(person_id=how.person_id)
    else:
        interim = how.interim_id if isinstance(how, LeaveVacant) else None
        if interim == handing.person_id:
            raise BadChange(f"{interim} cannot look after the seat they give up; name somebody else, or nobody.")
        filler = Filler(interim_id=interim)
    pieces = staffed_pieces(tx, held.seat, filler, held.valid, without=[handing.person_id])
    if not isinstance(how, SplitOverTeam):
        refuse_gap(tx, pieces)
    into.facts.lay(staffing, seat_facts(pieces, cause=handing.cause, source=handing.source, reason=handing.reason))
    accounts = store.accounts_on(tx, held.valid.start, [held.seat.territory_id]).get(held.seat.territory_id, 0)
    for piece in pieces:
        into.seats.append(
            SeatChange(seat=held.seat, before=held.filler, after=piece.filler, valid=piece.valid, accounts=accounts)
        )
        into.summary.append(
            f"{held.seat.role} of {held.seat.territory_id}: {held.filler} until {told(piece.valid.start)},"
            f" then {piece.filler}{_until(piece.valid)}."
        )
    into.touched.add(held.seat.territory_id)


def owns(held: Staffed) -> bool:
    """Whether who has the seat owns the accounts of its territory."""
    return held.seat.role is SeatRole.OWNER and held.seat.number == 1


def _until(valid: Period) -> str:
    return "" if valid.is_open else f" until {told(valid.end)}"


def _split(tx: Connection, handing: Handing, held: Staffed, how: SplitOverTeam, into: Handed) -> None:
    """Give the accounts of a territory to the rest of the team, for as long as the seat was held."""
    territory_id = held.seat.territory_id
    receivers = _team(tx, handing, held, how)
    pieces = store.assigned(tx, held.valid, [territory_id])
    accounts = list(dict.fromkeys(piece.account_id for piece in pieces))
    taken = spread(accounts, receivers, weights=handing.weights, families=handing.families)
    into.facts.lay(
        assignment,
        (
            {
                "account_id": piece.account_id,
                "territory_id": taken[piece.account_id],
                "valid_from": piece.valid.start,
                "valid_to": piece.valid.end,
                "cause": handing.cause,
                "source": handing.source,
                "reason": handing.reason,
            }
            for piece in pieces
        ),
    )
    into.moved += len(accounts)
    into.touched.update(receiver.territory_id for receiver in receivers)
    total = sum(receiver.load for receiver in receivers) + weigh(accounts, handing.weights)
    capacity = sum(receiver.capacity for receiver in receivers)
    for receiver in receivers:
        got = tuple(account for account in accounts if taken[account] == receiver.territory_id)
        weight = weigh(got, handing.weights)
        into.takes.append(
            Giving(
                territory_id=receiver.territory_id,
                person_id=receiver.person_id,
                account_ids=got,
                weight=weight,
                before=receiver.load,
                after=receiver.load + weight,
                target=total * receiver.capacity / capacity,
            )
        )
        into.summary.append(f"{receiver.person_id} takes {counted(len(got), 'account')} into {receiver.territory_id}.")


def _team(tx: Connection, handing: Handing, held: Staffed, how: SplitOverTeam) -> list[Receiver]:
    """Who can take accounts: those named, or everybody who has a territory beside this one."""
    on = held.valid.start
    line = territories.path(tx, held.seat.territory_id, on)
    if how.team is not None:
        there = store.owners(tx, on, person_ids=how.team)
        if lacking := [one for one in how.team if one not in {person for _, person in there}]:
            raise BadChange(
                f"{lacking[0]} has no territory on {told(on)} to take accounts into; name people who have one."
            )
    else:
        parent = line[-1].parent_id if line else None
        beside = [] if parent is None else territories.children(tx, parent, on)
        there = store.owners(tx, on, territory_ids=beside)
    there = [(where, who) for where, who in there if who != handing.person_id and where != held.seat.territory_id]
    receivers = receivers_of(tx, there, on, handing.weights)
    if not receivers:
        raise BadChange(
            f"Nobody beside {held.seat.territory_id} has a territory and capacity on {told(on)} to split it over;"
            " name the team, or replace the person, or leave the seat vacant."
        )
    return receivers


def receivers_of(
    tx: Connection, there: Iterable[tuple[str, str]], on: datetime, weights: Mapping[str, float] | None
) -> list[Receiver]:
    """Territories and the people in them, with what they can carry and what they have on a day."""
    pairs = list(there)
    profiles = people.find(tx, [who for _, who in pairs])
    loads = loads_of(tx, [where for where, _ in pairs], on, weights)
    return [
        Receiver(territory_id=where, person_id=who, capacity=profiles[who].share, load=loads.get(where, 0.0))
        for where, who in pairs
        if profiles[who].share > 0
    ]


def loads_of(
    tx: Connection, territory_ids: Sequence[str], on: datetime, weights: Mapping[str, float] | None
) -> dict[str, float]:
    """Territory → the weight of its accounts on a day, or their number."""
    if weights is None:
        return {where: float(many) for where, many in store.accounts_on(tx, on, territory_ids).items()}
    loads: dict[str, float] = {}
    for one in store.assigned_on(tx, on, territory_ids):
        loads[one.territory_id] = loads.get(one.territory_id, 0.0) + weights.get(one.account_id, 0.0)
    return loads


def weigh(accounts: Iterable[str], weights: Mapping[str, float] | None) -> float:
    """The weight of accounts, or their number."""
    return float(sum((weights or {}).get(account, 0.0 if weights else 1.0) for account in accounts))
