"""What a change does, as its pages show it: with names, before it is done and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import Connection

from patchbook.changes import Change, Handover, LeaveVacant, Replace, SplitOverTeam
from patchbook.changes.change import BadChange
from patchbook.changes.foreseen import foreseen
from patchbook.db.page import LONGEST
from patchbook.errors import BadInput
from patchbook.holdovers.holdover import MOVE_ALL, HoldoverRule, Policy, Treatment
from patchbook.ledger import desks
from patchbook.ledger.desks import Desk
from patchbook.people import actions as people
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.period import instant
from patchbook.territories import actions as territories
from patchbook.web.names import ids_in, names_of, with_names

LONGEST_FIELD = 2_000
MOST_FIELDS = 500

WAYS = (
    ("replace", "Somebody takes it over"),
    ("vacant", "It stays vacant, and somebody looks after it"),
    ("split", "Its accounts go to the rest of the team"),
)
"""What can become of a seat."""


@dataclass(frozen=True, kw_only=True)
class SeatLine:
    """One seat before and after."""

    territory: str
    role: str
    before: str
    after: str
    start: datetime
    end: datetime
    accounts: int


@dataclass(frozen=True, kw_only=True)
class TakeLine:
    """What somebody gets of a territory that is split."""

    who: str
    territory: str
    gets: int
    before: float
    after: float
    target: float


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a change does."""

    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    seats: tuple[SeatLine, ...]
    takes: tuple[TakeLine, ...]
    moved: int
    uncovered: int


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The people one can name, who reports to the same manager first."""

    near: tuple[Profile, ...]
    others: tuple[Profile, ...]
    is_whole: bool
    """Whether these are all; otherwise an id may be typed."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a change, and whether it is the one shown or behind."""

    title: str
    is_now: bool
    is_done: bool


def steps(titles: Sequence[str], now: int) -> tuple[Step, ...]:
    """The steps with the one that is shown, counted from 0."""
    return tuple(Step(title=title, is_now=place == now, is_done=place < now) for place, title in enumerate(titles))


def told_of(tx: Connection, change: Change, *, extra: Mapping[str, str] | None = None, at: datetime) -> Told:
    """
    A change with names in place of ids.

    Parameters
    ----------
    extra
        Id → name of who is not in the record yet.
    """
    seats = [one.seat.territory_id for one in change.seats]
    takes = [part for one in change.takes for part in (one.territory_id, one.person_id)]
    fillers = [f"{one.before} {one.after}" for one in change.seats]
    ids = ids_in([*change.summary, *change.notes, *fillers])
    names = names_of(tx, [*ids, *seats, *takes], at=at) | dict(extra or {})
    return Told(
        sentences=tuple(with_names(one, names) for one in change.summary),
        notes=tuple(with_names(one, names) for one in change.notes),
        seats=tuple(
            SeatLine(
                territory=names.get(one.seat.territory_id, one.seat.territory_id),
                role=one.seat.role.value,
                before=with_names(str(one.before), names),
                after=with_names(str(one.after), names),
                start=one.valid.start,
                end=one.valid.end,
                accounts=one.accounts,
            )
            for one in change.seats
        ),
        takes=tuple(
            TakeLine(
                who=names.get(one.person_id or "", "nobody"),
                territory=names.get(one.territory_id, one.territory_id),
                gets=len(one.account_ids),
                before=one.before,
                after=one.after,
                target=one.target,
            )
            for one in change.takes
        ),
        moved=change.accounts_moved,
        uncovered=foreseen(tx, change),
    )


def choices(tx: Connection, *, beside: Profile | None, on: datetime, by: Principal, at: datetime) -> Choices:
    """Who can be named on a day: those employed then whom one may see, without the person themselves."""
    found = people.people(tx, on=on, limit=LONGEST, by=by, at=at)
    others = [one for one in found.rows if beside is None or one.person_id != beside.person_id]
    manager = beside.manager_id if beside is not None else None
    near = [one for one in others if manager is not None and manager in (one.manager_id, one.person_id)]
    return Choices(
        near=tuple(near),
        others=tuple(one for one in others if one not in near),
        is_whole=found.next_cursor is None,
    )


def vacant_seats(tx: Connection, *, on: datetime, by: Principal, at: datetime) -> tuple[tuple[str, str], ...]:
    """Seat → what it is called, for every seat that is vacant on a day, as a choice."""
    found: list[Desk] = desks.vacant(tx, on=on, by=by, at=at)
    return tuple((one.seat_id, f"{one.territory}, {one.role}") for one in found)


def parents(tx: Connection, *, on: datetime, by: Principal, at: datetime) -> tuple[tuple[str, str], ...]:
    """Territory → its path, for every one with territories below it on a day, as a choice."""
    nodes = territories.tree(tx, on=on, by=by, at=at)
    above = {node.territory.parent_id for node in nodes}
    return tuple(
        (node.territory.territory_id, " › ".join(node.path)) for node in nodes if node.territory.territory_id in above
    )


async def fields_sent(request: Request) -> dict[str, str]:
    """
    What a form sent, or what stands in the query of its preview: the last of each name, as text.

    Raises
    ------
    BadInput
        A field is too long, or there are too many.
    """
    sent = await request.form() if request.method == "POST" else request.query_params
    found = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    if len(found) > MOST_FIELDS:
        raise BadInput(f"The form has {len(found):,} fields; at most {MOST_FIELDS} are read.")
    for name, value in found.items():
        if len(value) > LONGEST_FIELD or "\0" in value:
            raise BadInput(
                f"The field {name[:60]!r} is longer than {LONGEST_FIELD:,} signs, or holds one that is none."
            )
    return found


def day_in(sent: Mapping[str, str], name: str) -> datetime | None:
    """The day in a field; None where it is empty."""
    return instant(sent[name]) if sent.get(name) else None


def way_in(sent: Mapping[str, str], suffix: str = "") -> Handover:
    """
    What is to become of a seat, as its fields say.

    Raises
    ------
    BadChange
        Somebody is to take it over, and nobody is named.
    """
    way, who = sent.get(f"way{suffix}", "vacant"), sent.get(f"who{suffix}", "")
    if way == "replace":
        if not who:
            raise BadChange("Somebody is to take the seat over; choose who.")
        return Replace(person_id=who)
    if way == "split":
        return SplitOverTeam()
    return LeaveVacant(interim_id=sent.get(f"interim{suffix}") or None)


def policy_in(sent: Mapping[str, str]) -> Policy:
    """How long open deals stay with who gives the accounts up."""
    if not sent.get("keep_days"):
        return MOVE_ALL
    try:
        days = int(sent["keep_days"])
    except ValueError:
        raise BadChange(f"{sent['keep_days']!r} is no number of days that deals stay.") from None
    return Policy(rules=(HoldoverRule(treatment=Treatment.KEEP, days=days),))


def usual_day(at: datetime) -> datetime:
    """The day of which people and seats are offered before one is chosen: tomorrow."""
    return at + timedelta(days=1)
