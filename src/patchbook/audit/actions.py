"""Write down what was done, in the transaction that does it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from patchbook.audit.store import event
from patchbook.db.record import record_of

FIRST = "0" * 64
"""What the first event of a chain follows."""


def record(
    tx: Connection,
    deed: str,
    subject: str,
    *,
    kind: str,
    by: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> int:
    """
    Append one event to the trail and give its number.

    Parameters
    ----------
    deed
        What was done, as a word of the glossary: `publish`, `departure`, `approve`.
    subject, kind
        The id of what it was done to, and what that is: `plan`, `person`, `territory`.
    by
        The id of who did it. Ids only, here and in `before` and `after`: the chain outlives a person's erasure.
    """
    last = tx.execute(select(event.c.number, event.c.digest).order_by(event.c.number.desc()).limit(1)).first()
    number, previous = (1, FIRST) if last is None else (last.number + 1, last.digest)
    told = {
        "number": number,
        "at": at,
        "by": by,
        "deed": deed,
        "kind": kind,
        "subject": subject,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
        "why": why,
        "previous": previous,
    }
    digest = digest_of(record_of(tx).anchor.key, told)
    tx.execute(insert(event).values(**told, digest=digest))
    tx.info["audit head"] = (number, digest)
    return int(number)


def digest_of(key: bytes, told: Mapping[str, Any]) -> str:
    """The keyed digest of an event, which the next event repeats."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
