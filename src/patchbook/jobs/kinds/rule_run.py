"""Accounts whose fields changed are placed anew."""

from __future__ import annotations

from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.live import actions as live
from patchbook.live.setting import policy_now
from patchbook.people.principal import system


def run(turn: Turn) -> Report:
    """Look at what changed, and do what the policy says."""
    with turn.writing() as tx:
        done = live.review(tx, policy_now(tx), by=system(), at=turn.at)
    names = ("changed", "would_move", "moved", "proposed", "waiting", "ignored", "went_back")
    return Report(says=done.says, counts={name: getattr(done, name) for name in names})


KIND = Kind(
    name="rule-run",
    meaning="Places accounts anew whose fields changed, and moves or proposes them by policy.",
    schedule=Schedule(at="04:00"),
    run=run,
)
