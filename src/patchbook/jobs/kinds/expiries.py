"""What of holdovers and exceptions ended, and what ends soon."""

from __future__ import annotations

from datetime import timedelta

from patchbook.exceptions import store as exceptions
from patchbook.exceptions.exception import Status
from patchbook.holdovers import store as holdovers
from patchbook.jobs.job import Report
from patchbook.jobs.kind import Kind
from patchbook.jobs.runner import Turn
from patchbook.jobs.schedule import Schedule
from patchbook.people.principal import system
from patchbook.period import Period, told
from patchbook.words import counted

SOON = timedelta(days=14)
BACK = timedelta(days=1)
MOST = 10_000


def run(turn: Turn) -> Report:
    """
    Say what ended since yesterday and what ends soon.

    Holdovers and exceptions are dated facts, so they end by themselves at their instant, whether a job runs or not;
    this leaves the account of it in the log, with the next ones to end by name.
    """
    at, by = turn.at, system()
    with turn.reading() as tx:
        held = {one.opportunity_id for one in holdovers.holdovers(tx, by, on=at - BACK, at=at, expiring_by=at)}
        held -= {one.opportunity_id for one in holdovers.holdovers(tx, by, on=at, at=at)}
        soon_held = holdovers.holdovers(tx, by, on=at, at=at, expiring_by=at + SOON)
        ended = exceptions.listed(tx, status=Status.APPROVED, expiring=Period(at - BACK, at), limit=MOST, by=by, at=at)
        soon = exceptions.listed(tx, status=Status.APPROVED, expiring=Period(at, at + SOON), limit=MOST, by=by, at=at)
    says = (
        f"{counted(len(held), 'holdover')} and {counted(len(ended), 'exception')} ended since {told(at - BACK)};"
        f" {counted(len(soon_held), 'holdover')} and {counted(len(soon), 'exception')} end by {told(at + SOON)}"
    )
    first = [(one.expires, one.opportunity_id) for one in soon_held] + [(one.expires, one.account_id) for one in soon]
    named = "; ".join(f"{what} on {told(when)}" for when, what in sorted(first)[:3])
    return Report(
        says=says + (f", first {named}." if named else "."),
        counts={
            "holdovers_ended": len(held),
            "exceptions_ended": len(ended),
            "holdovers_end_soon": len(soon_held),
            "exceptions_end_soon": len(soon),
        },
    )


KIND = Kind(
    name="expiries",
    meaning="Notes which holdovers and exceptions ended, and which end within two weeks.",
    schedule=Schedule(at="05:00"),
    run=run,
)
