"""Leads that wait in the orphan queue are decided about again."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.leads import actions as leads
from patchbook.people.principal import system


def run(turn: Turn) -> Report:
    """Look through the queue once; what is left of a long one has its turn at the next run."""
    with turn.deciding() as lane:
        swept = leads.sweep(lane, by=system(), at=turn.at)
    counts = {"looked_at": swept.looked_at, "assigned": swept.assigned, "waiting": swept.waiting}
    return Report(says=swept.says, counts=counts)


KIND = Kind(
    name="orphan-sweep",
    meaning="Decides again about leads that wait for somebody in the queue.",
    schedule=Schedule(minutes=5),
    run=run,
)
