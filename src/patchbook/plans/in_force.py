"""The carves of the plans in force, for what they said when they were kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.people.principal import Principal
from patchbook.plans import actions, results
from patchbook.plans.life import RecordedPlan, Status

MOST_PLANS = 20


def carves_in_force(
    tx: Connection, *, by: Principal, at: datetime
) -> Iterator[tuple[RecordedPlan, results.KeptResult]]:
    """Each active plan with its carve; a plan whose result the data folder lost is left out, as nothing is known."""
    for plan in actions.plans(tx, status=Status.ACTIVE, limit=MOST_PLANS, by=by, at=at).rows:
        if plan.result_id is None:
            continue
        try:
            kept = results.read(record_of(tx).folder, plan.result_id)
        except results.NoResult:
            continue
        yield plan, kept
