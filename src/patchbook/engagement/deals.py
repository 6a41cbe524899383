"""Opportunities and their territories: assign them by the rules, and choose where several take one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, or_, select

from patchbook.audit import actions as audit
from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.db.record import record_of
from patchbook.engagement import rules
from patchbook.engagement.deal import DealTerritory, NoDeal, NotChosen, Status, is_locked, judge
from patchbook.engagement.scope import called, seen
from patchbook.engagement.store import read, row_of
from patchbook.engagement.tables import deal_territory
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.ledger.tables import assignment, opportunity
from patchbook.people.permission import Deed, allow, allow_somewhere, in_scope
from patchbook.people.principal import Principal, system
from patchbook.routing.engagement import Deals
from patchbook.rules.condition import Condition, truth
from patchbook.rules.parse import parse
from patchbook.territories import store as territories
from patchbook.words import counted

OF_THE_DEAL = ("deal", "stage", "amount_usd")
"""What a rule can ask of the opportunity itself; all else is its account's."""


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What a run over the opportunities did."""

    assigned: int = 0
    review: int = 0
    locked: int = 0

    @property
    def says(self) -> str:
        """The run in one sentence."""
        deals = counted(self.assigned, "opportunity", "opportunities")
        return f"{deals} assigned, {self.review:,} to look at, {self.locked:,} locked."


def assign(tx: Connection, at: datetime, *, by: Principal | None = None) -> Assigned:
    """
    Give every opportunity its territory, and keep what changed; what is locked or was chosen stays.

    The job runner calls it after an import of opportunities and when the rules change.
    """
    by = by or system()
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    deals = rules.in_force(tx).engagement.deals
    ids = territories.by_name(tx, at)
    compiled = [parse(rule.where) for rule in deals.rules]
    known = {row["opportunity_id"]: _deal(row) for row in tx.execute(select(deal_territory)).mappings()}
    lies = select(assignment.c.account_id, assignment.c.territory_id).where(*believed_at(assignment, at)).subquery()
    query = (
        select(opportunity, lies.c.territory_id)
        .join(lies, lies.c.account_id == opportunity.c.account_id, isouter=True)
        .order_by(opportunity.c.opportunity_id)
    )
    rows = tx.execute(query).mappings().all()
    fields = _fields(tx, {row["account_id"] for row in rows}) if compiled else {}
    changed: list[DealTerritory] = []
    counts = {Status.ASSIGNED: 0, Status.REVIEW: 0, Status.LOCKED: 0, Status.CHOSEN: 0}
    for row in rows:
        before = known.get(row["opportunity_id"])
        after = _judged(deals, compiled, row, fields.get(row["account_id"], {}), ids, before, by, at)
        if after is not None and (before is None or _what(after) != _what(before)):
            changed.append(after)
            counts[after.status] += 1
    _write(tx, changed)
    if changed:
        told = {status.value: count for status, count in counts.items() if count}
        audit.record(tx, "assign opportunities", "deals", kind="engagement", by=by.person_id, at=at, after=told)
    return Assigned(assigned=counts[Status.ASSIGNED], review=counts[Status.REVIEW], locked=counts[Status.LOCKED])


def choose(
    tx: Connection, opportunity_id: str, territory: str, why: str, *, by: Principal, at: datetime
) -> DealTerritory:
    """Choose the territory of an opportunity that several rules take; whoever decides in that territory may."""
    allow_somewhere(by, Deed.DECIDE)
    row = tx.execute(_query(by, at).where(deal_territory.c.opportunity_id == opportunity_id)).mappings().first()
    if row is None:
        raise NoDeal(opportunity_id)
    found = _deal(row)
    if found.status not in (Status.REVIEW, Status.CHOSEN):
        raise NotChosen(f"Opportunity {opportunity_id} is {found.status}: {found.because}; there is nothing to choose.")
    if not why.strip() or len(why) > 2_000:
        raise NotChosen("To choose a territory, say why in 1 to 2,000 characters.")
    goal = called(tx, territory, at)
    allow(tx, by, Deed.DECIDE, at=at, territory=goal)
    if found.candidates and goal not in found.candidates:
        raise NotChosen(f"{territory} is none of the territories whose rules take {opportunity_id}: {found.because}.")
    because = f"Chosen by {by.person_id}: {why.strip()}"
    after = DealTerritory(
        opportunity_id=opportunity_id,
        territory_id=goal,
        status=Status.CHOSEN,
        because=because,
        candidates=found.candidates,
        at=at,
        by=by.person_id,
    )
    _write(tx, [after])
    told = {"territory": goal, "candidates": list(found.candidates)}
    audit.record(tx, "choose territory", opportunity_id, kind="opportunity", by=by.person_id, at=at, after=told)
    return after


def deals(
    tx: Connection,
    *,
    status: Status | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[DealTerritory]:
    """Opportunities one may see with their territories, by id; those to look at with `Status.REVIEW`."""
    allow_somewhere(by, Deed.SEE)
    query = _query(by, at).order_by(deal_territory.c.opportunity_id).limit(limit_of(limit) + 1)
    if status is not None:
        query = query.where(deal_territory.c.status == status.value)
    if after is not None:
        query = query.where(deal_territory.c.opportunity_id > key_of(after, str)[0])
    rows = [_deal(row) for row in tx.execute(query).mappings()]
    return page_of(rows, limit, lambda row: (row.opportunity_id,))


def _judged(
    deals: Deals,
    compiled: Sequence[Condition],
    row: RowMapping,
    account: dict[str, Any],
    ids: dict[str, str],
    before: DealTerritory | None,
    by: Principal,
    at: datetime,
) -> DealTerritory | None:
    told = {"opportunity_id": row["opportunity_id"], "at": at, "by": by.person_id}
    locked = is_locked(deals, stage=row["stage"], is_closed=row["closed"] is not None)
    if locked and before is not None and before.status is not Status.REVIEW:
        if before.status is Status.LOCKED:
            return None
        where = "it is closed" if row["closed"] is not None else f"it is in {row['stage']}"
        because = f"{before.because}; locked, as {where}"
        return DealTerritory(territory_id=before.territory_id, status=Status.LOCKED, because=because, **told)
    record = {**account, "deal": row["name"], "stage": row["stage"], "amount_usd": row["amount_usd"]}
    matched = [number for number, condition in enumerate(compiled) if truth(condition, record) is True]
    found = judge(deals, matched, account_id=row["account_id"], account_territory_id=row["territory_id"], ids=ids)
    if before is not None and before.status is Status.CHOSEN and before.candidates == found.candidates:
        return None  # the choice stands for as long as it is the same choice
    status = Status.LOCKED if locked and found.status is Status.ASSIGNED else found.status
    return DealTerritory(
        territory_id=found.territory_id, status=status, because=found.because, candidates=found.candidates, **told
    )


def _what(one: DealTerritory) -> tuple[object, ...]:
    return (one.territory_id, one.status, one.because, one.candidates)


def _fields(tx: Connection, account_ids: set[str]) -> dict[str, dict[str, Any]]:
    """Account → its fields in the newest import."""
    newest = imports.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None or not account_ids:
        return {}
    path = snapshots.path_of(record_of(tx), newest.snapshot_id)
    frame = pl.scan_parquet(path).filter(pl.col("account_id").is_in(sorted(account_ids))).collect()
    return {row["account_id"]: row for row in frame.iter_rows(named=True)}


def _write(tx: Connection, made: Sequence[DealTerritory]) -> None:
    for some in chunks([one.opportunity_id for one in made]):
        tx.execute(delete(deal_territory).where(deal_territory.c.opportunity_id.in_(some)))
    if made:
        rows = [{**row_of(one), "candidates": list(one.candidates)} for one in made]
        tx.execute(insert(deal_territory), rows)


def _query(by: Principal, at: datetime) -> Any:
    """Those whose account or territory somebody may see, or that a rule would give to a territory of theirs."""
    visible: ColumnElement[bool] = or_(
        seen(by, account=opportunity.c.account_id, people=(opportunity.c.owner_id,), at=at),
        in_scope(by, territory=deal_territory.c.territory_id, at=at),
    )
    joined = select(deal_territory).join(opportunity, opportunity.c.opportunity_id == deal_territory.c.opportunity_id)
    return joined.where(visible)


def _deal(row: RowMapping) -> DealTerritory:
    return read(DealTerritory, row, status=Status(row["status"]), candidates=tuple(row["candidates"]))
