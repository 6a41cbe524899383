"""Dry runs that somebody looks through page by page: worked out once, and kept while what they rest on stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection

from patchbook.db.record import Record, record_of
from patchbook.holdovers.holdover import MOVE_ALL, Policy
from patchbook.ledger import clock
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.plans import store as plan_store
from patchbook.publishing import actions as publishing
from patchbook.publishing.publication import DryRun

KEPT_FOR = timedelta(minutes=2)
"""How long one is kept at most: deals come in by imports that record nothing in the ledger."""
MOST_KEPT = 3
"""A dry run of a million accounts is large."""


class Looked:
    """The dry runs of a record that were looked at last."""

    def __init__(self, record: Record) -> None:
        self._kept: OrderedDict[Hashable, tuple[datetime, DryRun]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable, at: datetime) -> DryRun | None:
        """The one kept under this key, if it is young enough."""
        with self._lock:
            found = self._kept.get(key)
        return found[1] if found is not None and abs(at - found[0]) < KEPT_FOR else None

    def keep(self, key: Hashable, made: DryRun, at: datetime) -> None:
        """Keep one, in place of the oldest."""
        with self._lock:
            self._kept[key] = (at, made)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def dry_run(
    tx: Connection,
    plan_id: str,
    *,
    on: datetime | None,
    keep_exceptions: bool = True,
    policy: Policy = MOVE_ALL,
    by: Principal,
    at: datetime,
) -> DryRun:
    """
    The dry run of a plan, as `actions.dry_run` works it out; looked at again it is not worked out again.

    Parameters
    ----------
    on
        None for now.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    kept = record_of(tx).remembered(Looked)
    key = (plan_id, plan.revision, on, keep_exceptions, policy, clock.last(tx))
    found = kept.find(key, at)
    if found is None:
        found = publishing.dry_run(
            tx, plan_id, on=on or at, keep_exceptions=keep_exceptions, policy=policy, by=by, at=at
        )
        kept.keep(key, found, at)
    return found
