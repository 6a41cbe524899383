"""What a dated change came to, read back from the trail and the ledger as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from patchbook.audit.store import event
from patchbook.changes.coverage import uncovered
from patchbook.errors import NotFound
from patchbook.people import actions as people
from patchbook.people.permission import reached
from patchbook.people.principal import Principal
from patchbook.period import FOREVER, instant
from patchbook.territories import store as territories


class NoChange(NotFound):
    """There is no such change, or none this principal may see."""

    def __init__(self, change_id: str) -> None:
        super().__init__(f"There is no change {change_id!r}.")


@dataclass(frozen=True, kw_only=True)
class SeatReceipt:
    """What became of one seat, told in ids."""

    role: str
    territory_id: str
    before: str
    after: str
    says: str
    """For when."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A change of people that was made."""

    change_id: str
    deed: str
    person_id: str
    on: datetime
    until: datetime | None
    by: str
    at: datetime
    seats: tuple[SeatReceipt, ...]
    """Those in territories the reader sees."""
    cover_id: str | None
    accounts_moved: int
    number: int
    """Of the event in the audit trail."""
    uncovered: int
    """Accounts of these territories that nobody looks after at some instant from the day on, as is known now."""


def receipt(tx: Connection, person_id: str, change_id: str, *, by: Principal, at: datetime) -> Receipt:
    """
    The change of that id of somebody one may see.

    Raises
    ------
    NoChange
        There was none, or not one of this person.
    """
    people.get(tx, person_id, by=by, at=at)
    query = select(event).where(event.c.subject == person_id, event.c.kind == "person").order_by(event.c.number.desc())
    row = next((row for row in tx.execute(query) if (row.after or {}).get("change_id") == change_id), None)
    if row is None:
        raise NoChange(change_id)
    told = row.after
    seats = {one.seat_id: one for one in territories.seats(tx, seat_ids=[part[0] for part in told["seats"]])}
    seen = reached(tx, by, [one.territory_id for one in seats.values()], at=at)
    on, until = instant(told["on"]), told.get("until")
    end = instant(until) if until else None
    gaps = uncovered(tx, on=on, territory_ids=sorted(seen)) if seen else []
    return Receipt(
        change_id=change_id,
        deed=row.deed,
        person_id=person_id,
        on=on,
        until=None if end == FOREVER else end,
        by=row.by,
        at=row.at,
        seats=tuple(
            SeatReceipt(
                role=seats[seat_id].role.value,
                territory_id=seats[seat_id].territory_id,
                before=before,
                after=after,
                says=valid,
            )
            for seat_id, before, after, valid in told["seats"]
            if seat_id in seats and seats[seat_id].territory_id in seen
        ),
        cover_id=told.get("cover_id"),
        accounts_moved=told["accounts_moved"],
        number=row.number,
        uncovered=len({gap.account_id for gap in gaps}),
    )
