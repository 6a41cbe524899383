"""The call list of somebody's book."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, select

from patchbook.db.chunks import chunks
from patchbook.engagement.call import Call, Callable, call_list
from patchbook.engagement.tables import activity
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import BookRow
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import Principal
from patchbook.plans import store as plan_store
from patchbook.plans.life import Status
from patchbook.plans.standing import state_now

MOST_READ = 5_000
"""Books larger than this are read so far; nobody calls so many."""


def calls(tx: Connection, person_id: str, *, most: int = 20, by: Principal, at: datetime) -> tuple[Call, ...]:
    """Whom somebody should call next, among the accounts they own today; whoever may see their book may see it."""
    book = whole_book(tx, person_id, by=by, at=at)
    ids = [row.account_id for row in book]
    names, potentials = _names(tx, ids), potential_of(tx, ids)
    touched, deals = _touched(tx, ids), _deals(tx, ids)
    known = (
        Callable(
            account_id=row.account_id,
            name=names.get(row.account_id),
            potential=potentials.get(row.account_id, 1.0),
            touched_at=touched.get(row.account_id),
            since=row.since,
            open_deals=deals.get(row.account_id, (0, 0.0))[0],
            open_usd=deals.get(row.account_id, (0, 0.0))[1],
        )
        for row in book
    )
    return call_list(known, at=at, most=most)


def whole_book(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> list[BookRow]:
    """Every account somebody owns today, as far as `MOST_READ`."""
    rows: list[BookRow] = []
    after: str | None = None
    while len(rows) < MOST_READ:
        page = ledger.book(tx, person_id, on=at, after=after, limit=1000, by=by, at=at)
        rows += page.rows
        after = page.next_cursor
        if after is None:
            break
    return rows


def potential_of(tx: Connection, account_ids: list[str]) -> dict[str, float]:
    """What the active plans weigh these accounts by: their first measure; empty where no plan is active."""
    found: dict[str, float] = {}
    for plan in plan_store.with_status(tx, Status.ACTIVE):
        if plan.result_id is None:
            continue
        state = state_now(tx, plan, shapes=False)
        if state.measures:
            mine = state.assignments.filter(pl.col("account_id").is_in(account_ids))
            found |= dict(mine.select("account_id", pl.col(f"measure_{state.measures[0]}").fill_null(0.0)).iter_rows())
    return found


def _names(tx: Connection, ids: list[str]) -> dict[str, str | None]:
    if not ids or imports.latest(tx, Kind.ACCOUNTS) is None:
        return {}
    found = imports.accounts_by_id(tx, ids)
    return dict(found.select("account_id", "name").iter_rows()) if "name" in found.columns else {}


def _touched(tx: Connection, ids: list[str]) -> dict[str, datetime]:
    query = select(activity.c.account_id, func.max(activity.c.at)).group_by(activity.c.account_id)
    return {
        account: last
        for some in chunks(ids)
        for account, last in tx.execute(query.where(activity.c.account_id.in_(some)))
    }


def _deals(tx: Connection, ids: list[str]) -> dict[str, tuple[int, float]]:
    query = (
        select(opportunity.c.account_id, func.count(), func.coalesce(func.sum(opportunity.c.amount_usd), 0.0))
        .where(opportunity.c.closed.is_(None))
        .group_by(opportunity.c.account_id)
    )
    return {
        account: (many, float(amount))
        for some in chunks(ids)
        for account, many, amount in tx.execute(query.where(opportunity.c.account_id.in_(some)))
    }
