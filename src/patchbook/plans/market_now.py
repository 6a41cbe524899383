"""The accounts that a plan's conditions look at, as a carve of it would see them; kept in memory for a while."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.db.memory import Memory
from patchbook.db.record import record_of
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.plans.inheritance import conditions_of
from patchbook.plans.job import as_planned, owners_known
from patchbook.plans.life import RecordedPlan
from patchbook.plans.plan import Plan
from patchbook.plans.prepare import with_own_columns
from patchbook.rules import Schema, schema_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Market:
    """Accounts to ask conditions of."""

    key: str
    """The same for the same accounts."""
    snapshot_id: str
    frame: pl.DataFrame = field(repr=False)
    schema: Schema = field(repr=False)


_MARKETS: Memory[Market] = Memory(3)


def digest(*parts: object) -> str:
    """A short name for content."""
    told = hashlib.sha256()
    for part in parts:
        text = str(part).encode("utf-8", "replace")
        told.update(f"{len(text)}:".encode() + text)
    return told.hexdigest()[:32]


def market_of(
    tx: Connection, recorded: RecordedPlan, plan: Plan, *, snapshot_id: str | None = None, at: datetime
) -> Market | None:
    """
    The accounts of a plan; None before any were imported.

    Parameters
    ----------
    plan
        What its document says.
    snapshot_id
        Instead of the plan's own.
    """
    snapshot_id = snapshot_id or recorded.snapshot_id or _newest(tx)
    if snapshot_id is None:
        return None
    folder = record_of(tx).folder
    # Owners change daily, and few rules ask for them.
    owners_at = None
    if any("owner" in text.lower() for _, text in conditions_of(plan)):
        owners_at = recorded.owners_at or at.replace(minute=0, second=0, microsecond=0)
    measures = [measure.source for measure in plan.measures]
    key = digest(folder, snapshot_id, owners_at, sorted(plan.columns.items()), sorted(plan.types.items()), measures)

    def made() -> Market:
        owners = pl.DataFrame(schema={"account_id": pl.String, "person_id": pl.String})
        if owners_at is not None:
            owners = owners_known(tx, owners_at)
        frame = with_own_columns(as_planned(snapshots.taken(tx, snapshot_id), plan, owners))
        frame = frame.with_columns(pl.col("account_id").cast(pl.String))
        return Market(key=key, snapshot_id=snapshot_id, frame=frame, schema=schema_of(frame))

    return _MARKETS.get(key, made)


def _newest(tx: Connection) -> str | None:
    found = imports.latest(tx, Kind.ACCOUNTS)
    return None if found is None else found.snapshot_id
