"""Leads that arrive while the demo is looked at, one every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event

from patchbook.access import principal
from patchbook.db.record import Record
from patchbook.demo.inbound import made_up_leads
from patchbook.demo.scene import PLANNER
from patchbook.errors import PatchbookError
from patchbook.leads import actions as leads
from patchbook.leads.desk import Desk
from patchbook.period import microseconds

EVERY_SECONDS = 8.0


def arrive(
    record: Record,
    stop: Event,
    *,
    every_seconds: float = EVERY_SECONDS,
    seed: int = 1,
    clock: Callable[[], datetime],
    data: Path | None = None,
    desk: Desk | None = None,
) -> int:
    """
    Route a made-up lead every few seconds until told to stop; how many there were.

    A lead that is refused, or for which the record was too busy, is left out, and the next one comes in its time.

    Parameters
    ----------
    stop
        Set by whoever wants it to end; it is noticed at once.
    seed, clock
        What leads are made up from, and when each comes.
    data
        The folder of the demo's files; the one beside the record without it.
    desk
        The desk to go through where there is one; one of its own without it.
    """
    own = desk or Desk(record, clock)
    made = made_up_leads(data or record.folder.parent / "data", seed, called=f"live-{microseconds(clock())}")
    routed = 0
    try:
        while not stop.wait(every_seconds):
            lead = next(made)
            asked = own.ask(
                lambda tx, at: principal(tx, PLANNER, at=at),
                lambda lane, by, at, lead=lead: leads.receive(lane, lead, by=by, at=at),  # type: ignore[misc]
            )
            try:
                asked.result()
                routed += 1
            except PatchbookError:
                continue
    finally:
        if desk is None:
            own.close()
    return routed
