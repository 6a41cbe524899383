"""Plans whose date has come become active, and those they succeed superseded."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.publishing.actions import advance
from patchbook.words import counted


def run(turn: Turn) -> Report:
    """Bring the status of every plan up to date."""
    with turn.writing() as tx:
        moved = advance(tx, turn.at)
    return Report(says=f"The status of {counted(len(moved), 'plan')} changed.", counts={"plans": len(moved)})


KIND = Kind(
    name="advance-plans",
    meaning="Lets published plans become active when their date comes.",
    schedule=Schedule(minutes=15),
    run=run,
)
