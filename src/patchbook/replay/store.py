"""What the record knows of the past: leads that came in, and deals that were imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from patchbook.db.record import record_of
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind as Imported
from patchbook.leads.fields import unpacked
from patchbook.leads.tables import lead
from patchbook.ledger.tables import opportunity
from patchbook.replay.past import Past
from patchbook.routing.lead import Kind, Lead, Motion

MOST = 200_000
"""Leads and deals of one replay."""


def leads(tx: Connection, since: datetime, until: datetime) -> list[Past]:
    """The leads that came in within a time, the first first."""
    query = select(lead).where(lead.c.received_at >= since, lead.c.received_at < until)
    rows = tx.execute(query.order_by(lead.c.received_at, lead.c.lead_id).limit(MOST)).all()
    return [
        Past(
            lead=Lead(
                lead_id=row.lead_id,
                source=row.source,
                source_id=row.source_id,
                kind=Kind(row.kind),
                motion=Motion(row.motion),
                received_at=row.received_at,
                fields=unpacked(row.fields),
            ),
            person_id=row.person_id,
            touched_at=row.touched_at,
            closed_at=row.closed_at,
            value_usd=row.value_usd,
        )
        for row in rows
    ]


def deals(tx: Connection, since: datetime, until: datetime) -> list[Past]:
    """The deals that were opened within a time, with what is known of their accounts."""
    query = select(opportunity).where(opportunity.c.opened >= since, opportunity.c.opened < until)
    rows = tx.execute(query.order_by(opportunity.c.opened, opportunity.c.opportunity_id).limit(MOST)).all()
    known = _accounts(tx, list({row.account_id for row in rows}))
    return [
        Past(
            lead=Lead(
                lead_id=row.opportunity_id,
                source="opportunities",
                source_id=row.opportunity_id,
                kind=Kind.OPPORTUNITY,
                motion=Motion.NEW_BUSINESS,
                received_at=row.opened,
                fields={**known.get(row.account_id, {}), "amount_usd": row.amount_usd},
            ),
            account_id=row.account_id,
            person_id=row.owner_id,
            closed_at=row.closed,
            value_usd=row.amount_usd,
        )
        for row in rows
    ]


def _accounts(tx: Connection, ids: list[str]) -> Mapping[str, dict[str, Any]]:
    """The fields of accounts, as last imported."""
    newest = imports.latest(tx, Imported.ACCOUNTS)
    if newest is None or newest.snapshot_id is None or not ids:
        return {}
    path = snapshots.path_of(record_of(tx), newest.snapshot_id)
    rows = snapshots.rows_of(path, ids)
    plain = [name for name, dtype in rows.schema.items() if not dtype.is_nested() and name != "account_id"]
    return {row["account_id"]: {name: row[name] for name in plain} for row in rows.iter_rows(named=True)}
