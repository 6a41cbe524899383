"""Timers of service levels that ran out: remind, give the lead to somebody else once, tell the manager."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.people.principal import system
from patchbook.service import actions as service
from patchbook.words import counted


def run(turn: Turn) -> Report:
    """Deal with every timer that is due."""
    done = service.Swept()
    while True:
        with turn.deciding() as lane:
            swept = service.sweep(lane, by=system(), at=turn.at)
        done = done.plus(swept)
        if swept.timers < service.MOST:
            break
    return Report(
        says=f"{counted(done.timers, 'timer')} dealt with: {done.reminded:,} reminded, {done.reassigned:,} given to"
        f" somebody else, {done.escalated:,} told to a manager.",
        counts={
            "timers": done.timers,
            "reminded": done.reminded,
            "reassigned": done.reassigned,
            "escalated": done.escalated,
        },
    )


KIND = Kind(
    name="service-levels",
    meaning="Reminds, reassigns and tells managers when leads wait longer than their service level allows.",
    schedule=Schedule(minutes=1),
    run=run,
)
