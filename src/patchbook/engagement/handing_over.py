"""What is won goes from sales to customer success: who gets it, what is to do before, and their word that it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from patchbook.approvals import store as approvals
from patchbook.approvals.reach import is_company_wide
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.engagement import rules
from patchbook.engagement.handoff import Handoff, Item, NoHandoff, NotYoursToHand, Status
from patchbook.engagement.scope import seen
from patchbook.engagement.store import after as behind
from patchbook.engagement.store import read, row_of
from patchbook.engagement.tables import handoff
from patchbook.errors import NotFound
from patchbook.ledger import actions as ledger
from patchbook.ledger.tables import opportunity
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal, system
from patchbook.period import microseconds
from patchbook.routing.engagement import SEATS
from patchbook.territories import store as territories

RECENT = timedelta(days=30)
"""How long ago a deal was won at most to be handed over; what is older was handed over without us."""


def hand_over(tx: Connection, at: datetime, *, by: Principal | None = None) -> int:
    """Begin a handoff for each deal won lately that has none; how many that were. The job runner's."""
    by = by or system()
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    told = rules.in_force(tx).engagement.handoffs
    won = select(opportunity).where(
        opportunity.c.won == 1,
        opportunity.c.closed > at - RECENT,
        opportunity.c.closed <= at,
        opportunity.c.opportunity_id.not_in(select(handoff.c.opportunity_id)),
    )
    rows = tx.execute(won.order_by(opportunity.c.closed, opportunity.c.opportunity_id)).mappings().all()
    known = people.find(tx, sorted({row["owner_id"] for row in rows if row["owner_id"]}))
    for row in rows:
        to, because = _who(tx, row["account_id"], told.seats, at)
        made = Handoff(
            handoff_id=new_id("handoff"),
            opportunity_id=row["opportunity_id"],
            account_id=row["account_id"],
            from_person=row["owner_id"] if row["owner_id"] in known else None,
            to_person=to,
            because=because,
            checklist=tuple(Item(item=one) for one in told.checklist),
            made_at=at,
            due_at=at + timedelta(days=told.days),
        )
        tx.execute(insert(handoff).values(**_row(made)))
        _tell(tx, "hand over", made, by, at)
    return len(rows)


def prepare(
    tx: Connection, handoff_id: str, *, done: Sequence[str] = (), note: str | None = None, by: Principal, at: datetime
) -> Handoff:
    """Tick items of the checklist and write the note: who sold, their managers, or a planner of the whole company."""
    allow_somewhere(by, Deed.COMMENT)
    found = _get(tx, handoff_id, by, at)
    if not prepares(tx, found, by=by):
        raise NotYoursToHand(f"{found.from_person or 'Nobody'} sold {found.opportunity_id}; they prepare its handoff.")
    return _save(tx, "prepare handoff", found.prepare(tuple(done), note), by, at)


def accept(tx: Connection, handoff_id: str, *, by: Principal, at: datetime) -> Handoff:
    """Say that one has the customer now; refused while something of the checklist is open."""
    allow_somewhere(by, Deed.COMMENT)
    found = _get(tx, handoff_id, by, at).accept(by=by.person_id, at=at)
    return _save(tx, "accept handoff", found, by, at)


def send_back(tx: Connection, handoff_id: str, why: str, *, by: Principal, at: datetime) -> Handoff:
    """Send a handoff back to sales, with what is missing."""
    allow_somewhere(by, Deed.COMMENT)
    found = _get(tx, handoff_id, by, at).send_back(why, by=by.person_id, at=at)
    return _save(tx, "send handoff back", found, by, at)


def get(tx: Connection, handoff_id: str, *, by: Principal, at: datetime) -> Handoff:
    """The handoff of that id."""
    allow_somewhere(by, Deed.SEE)
    return _get(tx, handoff_id, by, at)


def prepares(tx: Connection, one: Handoff, *, by: Principal) -> bool:
    """Whether this person prepares a handoff: who sold, their managers, or a planner of the whole company."""
    is_above = may(by, Deed.PROPOSE) and one.from_person in approvals.people_lines(tx).below(by.person_id)
    return by.person_id == one.from_person or is_above or is_company_wide(by, Deed.EDIT_PLAN)


def handoffs(
    tx: Connection,
    *,
    status: Status | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Handoff]:
    """The handoffs one may see, the first to be due first."""
    allow_somewhere(by, Deed.SEE)
    last = moment_of(after)
    order = (handoff.c.due_at, handoff.c.handoff_id)
    query = select(handoff).where(_sees(by, at)).order_by(*order).limit(limit_of(limit) + 1)
    if status is not None:
        query = query.where(handoff.c.status == status.value)
    if last is not None:
        query = query.where(behind(order, last))
    rows = [_handoff(row) for row in tx.execute(query).mappings()]
    return page_of(rows, limit, lambda row: (microseconds(row.due_at), row.handoff_id))


def waiting_for(tx: Connection, person_id: str, *, limit: int) -> list[Handoff]:
    """The handoffs that wait for somebody to accept them, the oldest first."""
    query = select(handoff).where(handoff.c.to_person == person_id, handoff.c.status == Status.OPEN.value)
    query = query.order_by(handoff.c.made_at, handoff.c.handoff_id).limit(limit)
    return [_handoff(row) for row in tx.execute(query).mappings()]


def _who(tx: Connection, account_id: str, seats: Sequence[str], at: datetime) -> tuple[str | None, str]:
    """Who looks after the account: by its territory, and in a pool whoever has fewest customers on the way."""
    for seat in seats:
        try:
            found = ledger.owner(tx, account_id, role=seat, on=at, by=system(), at=at)
        except NotFound:
            break
        if found.person_id is not None:
            return found.acting_id or found.person_id, f"{SEATS[seat].capitalize()} of {account_id}"
        if found.pool_id is not None and (members := territories.find_pools(tx, pool_ids=[found.pool_id])[0].members):
            count = select(handoff.c.to_person, func.count()).where(handoff.c.status != Status.ACCEPTED.value)
            waiting: dict[str, int] = {row[0]: row[1] for row in tx.execute(count.group_by(handoff.c.to_person))}
            least = min(members, key=lambda one: ((waiting.get(one.person_id, 0) + 1) / one.weight, one.person_id))
            return least.person_id, f"Of the pool {found.pool}, who has the fewest on the way"
    return None, f"Nobody is {', nor '.join(SEATS[seat] for seat in seats)} of {account_id}"


def _get(tx: Connection, handoff_id: str, by: Principal, at: datetime) -> Handoff:
    row = tx.execute(select(handoff).where(handoff.c.handoff_id == handoff_id, _sees(by, at))).mappings().first()
    if row is None:
        raise NoHandoff(handoff_id)
    return _handoff(row)


def _sees(by: Principal, at: datetime) -> Any:
    return seen(by, account=handoff.c.account_id, people=(handoff.c.from_person, handoff.c.to_person), at=at)


def _save(tx: Connection, deed: str, changed: Handoff, by: Principal, at: datetime) -> Handoff:
    tx.execute(update(handoff).where(handoff.c.handoff_id == changed.handoff_id).values(**_row(changed)))
    _tell(tx, deed, changed, by, at)
    return changed


def _tell(tx: Connection, deed: str, one: Handoff, by: Principal, at: datetime) -> None:
    told = {"account": one.account_id, "from": one.from_person, "to": one.to_person, "status": one.status.value}
    audit.record(tx, deed, one.handoff_id, kind="handoff", by=by.person_id, at=at, after=told)


def _row(one: Handoff) -> dict[str, Any]:
    return {**row_of(one), "checklist": [asdict(item) for item in one.checklist]}


def _handoff(row: RowMapping) -> Handoff:
    items = tuple(Item(**item) for item in row["checklist"])
    return read(Handoff, row, status=Status(row["status"]), checklist=items)
