"""The jobs as they stand: what each kind comes with, and what the record has set and noted of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.jobs import store
from patchbook.jobs.job import JobState
from patchbook.jobs.kind import Kind
from patchbook.jobs.schedule import schedule


def states(tx: Connection, kinds: tuple[Kind, ...], *, at: datetime) -> list[JobState]:
    """Every job; one that was never run is due now."""
    rows = store.states(tx)
    return [_state(kind, rows.get(kind.name), at) for kind in kinds]


def state_of(tx: Connection, kind: Kind, *, at: datetime) -> JobState:
    """One job."""
    return _state(kind, store.states(tx).get(kind.name), at)


def _state(kind: Kind, row: Mapping[str, Any] | None, at: datetime) -> JobState:
    if row is None:
        return JobState(name=kind.name, meaning=kind.meaning, schedule=kind.schedule, is_on=True, next_due=at)
    told = {name: row[name] for name in ("next_due", "token", "leased_by", "leased_until", "started", "attempts")}
    return JobState(
        name=kind.name,
        meaning=kind.meaning,
        schedule=schedule(row["schedule"]) if row["schedule"] else kind.schedule,
        is_on=bool(row["is_on"]),
        asked_by=row["asked_by"],
        **told,
    )
