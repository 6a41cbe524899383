"""What rules of engagement do by themselves: accounts nobody works on go back, new sites and deals get their owner."""

from __future__ import annotations

from patchbook.engagement import actions as engagement
from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.people.principal import system


def run(turn: Turn) -> Report:
    """Do what the rules of engagement say is due."""
    with turn.writing() as tx:
        done = engagement.enforce(tx, turn.at, by=system())
    counts = {
        "warned": done.timed_out.warned,
        "returned": done.timed_out.returned,
        "new_sites": done.new_sites,
        "handoffs": done.handoffs,
    }
    return Report(says=done.says, counts=counts)


KIND = Kind(
    name="engagement",
    meaning="Warns owners of accounts without activity and returns these; gives new sites and deals their owner.",
    schedule=Schedule(at="04:00"),
    run=run,
)
