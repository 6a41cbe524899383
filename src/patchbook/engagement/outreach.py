"""Before somebody contacts an account: who else is at it; and noting what was done."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from patchbook.db.believed import believed_at
from patchbook.db.metadata import new_id
from patchbook.engagement import idle_store, store
from patchbook.engagement.activity import Activity, BadActivity, Outreach
from patchbook.imports import snapshots
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import UnknownAccount
from patchbook.ledger.tables import assignment, override
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal, system
from patchbook.period import told

RECENT = timedelta(days=14)
"""How long somebody else's call is worth a warning."""


def check(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> Outreach:
    """
    Who else is at an account that somebody wants to contact.

    It answers about any account there is, since not knowing is what makes two call; of what is out of one's sight it
    says that it is taken, and not by whom.

    Raises
    ------
    UnknownAccount
        Nothing is known of such an account.
    """
    allow_somewhere(by, Deed.COMMENT)
    if not _is_known(tx, account_id, at):
        raise UnknownAccount(account_id)
    seen = _sees(tx, account_id, by, at)
    answer = ledger.owner(tx, account_id, on=at, by=system(), at=at)
    me = by.person_id
    warnings: list[str] = []
    if answer.person_id and me not in (answer.person_id, answer.acting_id):
        who = answer.person if seen else "somebody else"
        warnings.append(f"{account_id} belongs to {who}; speak with them first.")
    elif answer.pool_id:
        warnings.append(f"{account_id} waits in a pool; it goes to whose turn it is.")
    held = select(override.c.opportunity_id, override.c.person_id, override.c.valid_to).where(
        override.c.account_id == account_id, override.c.opportunity_id != "", *believed_at(override, at)
    )
    for row in tx.execute(held.order_by(override.c.opportunity_id)):
        if row.person_id != me:
            what = f"the deal {row.opportunity_id}, held by {row.person_id}" if seen else "a deal held by somebody else"
            warnings.append(f"{account_id} has {what} until {told(row.valid_to)}.")
    registered = store.in_force_for(tx, account_id, at=at)
    if registered is not None and registered.person_id != me:
        who = f"{registered.partner}, with {registered.person_id}" if seen else "a partner"
        warnings.append(f"{account_id} is registered by {who}.")
    for one in idle_store.activities(tx, account_id, since=at - RECENT, limit=20):
        if one.person_id != me:
            who = one.person_id if seen else "Somebody else"
            warnings.append(f"{who} was in contact ({one.kind}) on {told(one.at)}.")
            break
    return Outreach(account_id=account_id, person_id=me, warnings=tuple(warnings))


def note(
    tx: Connection, account_id: str, kind: str, text: str = "", *, on: datetime | None = None, by: Principal,
    at: datetime,
) -> tuple[Activity, Outreach]:  # fmt: skip
    """Note what one did about an account, which keeps it from timing out; and who else is at it."""
    found = check(tx, account_id, by=by, at=at)
    when = on or at
    if when > at:
        raise BadActivity(f"{told(when)} is to come; note what was done, once it is.")
    if by.person_id not in people.find(tx, [by.person_id]):
        raise BadActivity(f"{by.person_id} is nobody of the record, so there is nobody to note it for.")
    made = Activity(
        activity_id=new_id("activity"),
        account_id=account_id,
        person_id=by.person_id,
        kind=kind,
        at=when,
        note=text.strip(),
    )
    return idle_store.add_activity(tx, made), found


def _is_known(tx: Connection, account_id: str, at: datetime) -> bool:
    query = select(assignment.c.account_id).where(assignment.c.account_id == account_id, *believed_at(assignment, at))
    return tx.execute(query.limit(1)).first() is not None or snapshots.has(tx, account_id)


def _sees(tx: Connection, account_id: str, by: Principal, at: datetime) -> bool:
    try:
        ledger.owner(tx, account_id, on=at, by=by, at=at)
    except UnknownAccount:
        return False
    return True
