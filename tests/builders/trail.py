"""An audit trail of many events, written at once as single deeds would have written them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from patchbook.audit.actions import FIRST, digest_of
from patchbook.audit.store import event
from patchbook.db import Record

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)


def a_trail(record: Record, events: int, *, anchored: int | None = None) -> None:
    """So many events, of which the first `anchored` (all, if not said) are known to the anchor file."""
    key, previous, rows = record.anchor.key, FIRST, []
    for number in range(1, events + 1):
        told = {
            "number": number,
            "at": MONDAY + timedelta(seconds=number),
            "by": f"person-{number % 7}",
            "deed": "move",
            "kind": "plan",
            "subject": f"plan-{number % 11}",
            "before": None if number % 3 else {"territory_id": "west", "accounts": number},
            "after": {"territory_id": "east", "accounts": number, "share": number / 8},
            "why": "Nearer to the customer – größer" if number % 5 == 0 else None,
            "previous": previous,
        }
        previous = digest_of(key, told)
        rows.append({**told, "digest": previous})
    with record.writing() as tx:
        for start in range(0, events, 10_000):
            tx.execute(insert(event), rows[start : start + 10_000])
    if last := min(events, anchored if anchored is not None else events):
        record.anchor.append(last, rows[last - 1]["digest"])
