"""Make the whole chain anew and compare: whatever was done to the trail behind our back shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from patchbook.audit import store
from patchbook.audit.actions import FIRST, digest_of_text, text_of
from patchbook.audit.event import Verified
from patchbook.db.anchor import Anchor, Head
from patchbook.db.record import record_of
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import from_microseconds

SHOWN_EVERY = 10_000


def verify(
    tx: Connection,
    folder: Path,
    *,
    anchors: Path | None = None,
    progress: Callable[[int], None] | None = None,
    by: Principal | None = None,
    at: datetime | None = None,
) -> Verified:
    """
    Whether the trail is as it was written.

    Found are: an event that was changed, left out, added or moved; a chain made anew without the key; an end cut off
    before the last anchor; an anchor that was forged. What came after the last anchor can be cut off unseen, and who
    has the key and both files can make everything anew: for that, keep copies of the anchor file elsewhere.

    Parameters
    ----------
    folder
        The data folder, with the key and the anchor file.
    anchors
        A copy of the anchor file kept elsewhere, to compare with instead of the folder's.
    progress
        Told the number of events seen, now and then.
    """
    if by is not None:
        assert at is not None
        allow(tx, by, Deed.SEE_AUDIT, at=at)
    anchor = Anchor(folder)
    heads, forged = anchor.heads(anchors)
    last = max((head.number for head in heads), default=0)
    if forged is not None:
        what = f"Line {forged} of the anchor file is not signed with the key of this record."
        return Verified(events=0, anchored=last, first_bad=None, what=what)
    seen, bad = _walk(tx, anchor.key, heads, progress)
    if bad is None and seen < last and not _has_grown(tx, seen, heads):
        bad = f"The trail ends after event {seen}, but the anchor file knows of event {last}: its end was cut off."
    return Verified(events=seen, anchored=last, first_bad=None if bad is None else seen + 1, what=bad)


def _walk(
    tx: Connection, key: bytes, heads: Iterable[Head], progress: Callable[[int], None] | None
) -> tuple[int, str | None]:
    """How many events hold together from the first on, and what is wrong with the one after them."""
    anchored = defaultdict(set)
    for head in heads:
        anchored[head.number].add(head.digest)
    previous, seen = FIRST, 0
    digest_of_row = _kept_by_sqlite if tx.dialect.name == "sqlite" else _kept_by_postgresql
    try:
        for row in store.chain(tx):
            number, follows, digest = row[0], row[9], row[10]
            if number != seen + 1:
                return seen, f"Event {seen + 1} is missing; event {number} follows event {seen}."
            if follows != previous:
                return seen, f"Event {number} does not follow event {seen}: something before it was changed or moved."
            if digest_of_row(key, row) != digest:
                return seen, f"Event {number} is not as it was written."
            if number in anchored and anchored[number] != {digest}:
                return seen, f"Event {number} is not the one the anchor file knows: the trail was made anew."
            previous, seen = digest, number
            if progress is not None and seen % SHOWN_EVERY == 0:
                progress(seen)
    except (TypeError, ValueError, OverflowError):
        return seen, f"Event {seen + 1}, or one soon after it, cannot be read: it is not as it was written."
    return seen, None


def _kept_by_sqlite(key: bytes, row: Sequence[Any]) -> str:
    """The digest of an event whose documents are the texts that were digested."""
    number, at, by, deed, kind, subject, before, after, why, previous, _ = row
    if type(at) is not int:
        raise TypeError(at)
    return digest_of_text(
        key,
        number=number,
        at=from_microseconds(at),
        by=by,
        deed=deed,
        kind=kind,
        subject=subject,
        before="null" if before is None else before,
        after="null" if after is None else after,
        why=why,
        previous=previous,
    )


def _kept_by_postgresql(key: bytes, row: Sequence[Any]) -> str:
    """The digest of an event whose documents PostgreSQL keeps in an order of its own."""
    number, at, by, deed, kind, subject, before, after, why, previous, _ = row
    return digest_of_text(
        key,
        number=number,
        at=at,
        by=by,
        deed=deed,
        kind=kind,
        subject=subject,
        before=text_of(before),
        after=text_of(after),
        why=why,
        previous=previous,
    )


def _has_grown(tx: Connection, seen: int, heads: Iterable[Head]) -> bool:
    """Whether what the anchors know beyond this view of the trail has only just been written."""
    with record_of(tx).reading() as now:
        later = [head for head in heads if head.number > seen]
        return all(store.digest_of_event(now, head.number) == head.digest for head in later)
