"""What territories carry beside what they can, as the active plans measured it when they were published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from patchbook.db.record import Record, record_of
from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import actions, store
from patchbook.plans.life import RecordedPlan, Status
from patchbook.plans.state import PlanState, state_of

MOST_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What one territory carries of one measure."""

    plan_id: str
    plan: str
    measure: str
    carries: float
    target: float | None
    """What it should carry for the capacity of whoever has it; None where the plan sets no target."""

    @property
    def share(self) -> float | None:
        """How full it is: 1 is just what it should carry."""
        return self.carries / self.target if self.target else None


class Measured:
    """What this process has measured of a record's plans; a revision of a plan never changes."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = Lock()
        self._kept: dict[tuple[str, int], dict[str, tuple[Workload, ...]]] = {}

    def of(self, tx: Connection, plan: RecordedPlan) -> dict[str, tuple[Workload, ...]]:
        """The name of each territory of a plan → what it carries of each measure."""
        key = (plan.plan_id, plan.revision)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = _measured(state_of(self._record.folder, plan, store.edits(tx, plan.plan_id)))
            with self._lock:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = found
        return found


def workloads(tx: Connection, *, by: Principal, at: datetime) -> dict[str, tuple[Workload, ...]]:
    """The name of each territory → what it carries of each measure of the active plans one may see."""
    allow_somewhere(by, Deed.SEE)
    measured = record_of(tx).remembered(Measured)
    found: dict[str, tuple[Workload, ...]] = {}
    for plan in actions.plans(tx, status=Status.ACTIVE, limit=MOST_KEPT, by=by, at=at).rows:
        if plan.result_id is None:
            continue
        try:
            told = measured.of(tx, plan)
        except NotFound:
            continue  # the data folder lost the result; nothing is said of what it measured
        for territory, loads in told.items():
            found[territory] = (*found.get(territory, ()), *loads)
    return found


def _measured(state: PlanState) -> dict[str, tuple[Workload, ...]]:
    found = {}
    for row in state.territories.iter_rows(named=True):
        loads = [
            Workload(
                plan_id=state.plan.plan_id,
                plan=state.plan.name,
                measure=measure,
                carries=row[f"{measure}_actual"] or 0.0,
                target=row[f"{measure}_target"],
            )
            for measure in state.measures
        ]
        found[row["territory"]] = tuple(loads)
    return found
