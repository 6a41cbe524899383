"""The instant a transaction records at: later than every one before it, whatever the clock says."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from patchbook.ledger.tables import tick

STEP = timedelta(microseconds=1)


def recording_at(tx: Connection, at: datetime) -> datetime:
    """
    The instant this transaction records at; the same for all it writes.

    Two deeds never share one, and a clock that was set back does not write into the past: history is a single line.
    """
    known = tx.info.get("recording at")
    if not isinstance(known, datetime):
        return advance(tx, at)
    # A rolled back savepoint may have taken the clock back with it.
    tx.execute(update(tick).where(tick.c.last < known).values(last=known))
    return known


def last(tx: Connection) -> datetime | None:
    """The instant the newest fact of the ledger was recorded at; None in an empty record."""
    found = tx.execute(select(tick.c.last)).scalar()
    return found if isinstance(found, datetime) else None


def advance(tx: Connection, at: datetime) -> datetime:
    """A new instant, for a transaction that corrects what it recorded itself a moment ago."""
    last = tx.execute(select(tick.c.last)).scalar()
    now = at if last is None else max(at, last + STEP)
    tx.execute(tick.insert().values(one=1, last=now) if last is None else update(tick).values(last=now))
    tx.info["recording at"] = now
    return now
