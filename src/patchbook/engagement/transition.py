"""The transition pack of an account, from what the record holds of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from patchbook.engagement import idle_store, store
from patchbook.engagement.handoff import Status
from patchbook.engagement.pack import Line, Pack
from patchbook.engagement.tables import handoff, idle_notice
from patchbook.holdovers import store as holdovers
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.period import FOREVER, told

LATELY = timedelta(days=180)
MOST = 50
"""The most lines of one kind whose number has no bound of its own."""


def pack(tx: Connection, account_id: str, *, role: str = OWNER, by: Principal, at: datetime) -> Pack:
    """
    What whoever takes over an account needs to know, as far as the reader may see the account.

    Raises
    ------
    UnknownAccount
        There is no such account, or none this person may see.
    """
    allow_somewhere(by, Deed.SEE)
    now = ledger.owner(tx, account_id, role=role, on=at, by=by, at=at)
    lines = (*_owners(tx, account_id, role, by, at), *_deals(tx, account_id, by, at), *_others(tx, account_id, at))
    return Pack(account_id=account_id, at=at, owner_id=now.person_id, lines=lines)


def _owners(tx: Connection, account_id: str, role: str, by: Principal, at: datetime) -> Iterator[Line]:
    for row in ledger.history(tx, account_id, role=role, limit=1000, by=by, at=at).rows[-MOST:]:
        who = row.person or (f"the pool {row.pool}" if row.pool else "nobody")
        where = f" in {row.territory}" if row.territory else ""
        yield Line(
            kind="owner",
            subject_id=account_id,
            person_id=row.person_id,
            since=row.period.start,
            until=None if row.period.end == FOREVER else row.period.end,
            says=f"{who}{where}, {row.period.says}",
        )


def _deals(tx: Connection, account_id: str, by: Principal, at: datetime) -> Iterator[Line]:
    deals = store.open_deals(tx, account_id)
    for deal in deals:
        worth = f", {deal['amount_usd']:,.0f} USD" if deal["amount_usd"] is not None else ""
        stage = f" in {deal['stage']}" if deal["stage"] else ""
        yield Line(
            kind="deal",
            subject_id=deal["opportunity_id"],
            person_id=deal["owner_id"],
            since=deal["opened"],
            says=f"{deal['name'] or deal['opportunity_id']}{stage}{worth}, with {deal['owner_id'] or 'nobody'}",
        )
    ids = [deal["opportunity_id"] for deal in deals]
    for held in holdovers.holdovers(tx, by, on=at, at=at, opportunity_ids=ids) if ids else ():
        until = "it closes" if held.expires == FOREVER else told(held.expires)
        yield Line(
            kind="holdover",
            subject_id=held.opportunity_id,
            person_id=held.person_id,
            since=held.starts,
            until=None if held.expires == FOREVER else held.expires,
            says=f"{held.opportunity_id} stays with {held.person_id} until {until}: {held.reason}",
        )


def _others(tx: Connection, account_id: str, at: datetime) -> Iterator[Line]:
    for one in store.standing(tx, account_id, at=at):
        until = f"until {told(one.ends)}" if one.ends else "waiting for an answer"
        yield Line(
            kind="registration", subject_id=one.registration_id, person_id=one.person_id, since=one.registered_at,
            until=one.ends, says=f"{one.partner} registered {one.deal!r}, {until}",
        )  # fmt: skip
    handed = select(handoff).where(handoff.c.account_id == account_id, handoff.c.status != Status.ACCEPTED.value)
    for row in tx.execute(handed.order_by(handoff.c.made_at)).mappings():
        left = sum(not item["is_done"] for item in row["checklist"])
        yield Line(
            kind="handoff", subject_id=row["handoff_id"], person_id=row["to_person"], since=row["made_at"],
            until=row["due_at"], says=f"{row['opportunity_id']} goes to {row['to_person'] or 'nobody'}, {left} to do",
        )  # fmt: skip
    warned = select(idle_notice).where(idle_notice.c.account_id == account_id, idle_notice.c.status == "warned")
    for row in tx.execute(warned.order_by(idle_notice.c.due_at)).mappings():
        yield Line(
            kind="warning", subject_id=row["notice_id"], person_id=row["person_id"], since=row["warned_at"],
            until=row["due_at"], says=f"It goes back to {row['returns_to']} on {told(row['due_at'])}",
        )  # fmt: skip
    for done in idle_store.activities(tx, account_id, since=at - LATELY, limit=MOST):
        note = f": {done.note}" if done.note else ""
        yield Line(
            kind="activity", subject_id=done.activity_id, person_id=done.person_id, since=done.at,
            says=f"{done.kind.capitalize()} by {done.person_id} on {told(done.at)}{note}",
        )  # fmt: skip
