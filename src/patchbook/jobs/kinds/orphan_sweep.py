"""Leads that wait in the orphan queue are decided about again, and there is an alarm of those that wait too long."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.leads import actions as leads
from patchbook.people.principal import system
from patchbook.words import counted


def run(turn: Turn) -> Report:
    """Look through the queue once, and tell of what waits too long; what is left has its turn at the next run."""
    with turn.deciding() as lane:
        swept = leads.sweep(lane, by=system(), at=turn.at)
        alarmed = leads.alarm(lane, by=system(), at=turn.at)
    counts = {
        "looked_at": swept.looked_at, "assigned": swept.assigned, "waiting": swept.waiting, "alarmed": alarmed,
    }  # fmt: skip
    told = f" Alarm: {counted(alarmed, 'lead waits', 'leads wait')} for longer than is allowed." if alarmed else ""
    return Report(says=f"{swept.says}{told}", counts=counts)


KIND = Kind(
    name="orphan-sweep",
    meaning="Decides again about leads that wait for somebody in the queue, and tells of those that wait too long.",
    schedule=Schedule(minutes=5),
    run=run,
)
