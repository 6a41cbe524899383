"""
What decisions are made from: one version of the plan, the accounts, the routing document and the facts, all together.

While a newer plan is being made ready, decisions are made from the one before entirely: its rules, and the ledger as it
was known just before the newer one was published. No decision ever sees half of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, select

from patchbook.db.record import Record
from patchbook.leads import store
from patchbook.leads.company import Company, Stamp, read_company, stamp_of
from patchbook.leads.compiled import Compiled, Compiler, Held, held_at
from patchbook.leads.document import RoutingDocument, kept, loads
from patchbook.leads.lead import Version
from patchbook.period import FOREVER
from patchbook.publishing.store import publication
from patchbook.routing.calendars import Calendars
from patchbook.routing.decide import DEFAULT
from patchbook.routing.route import Routing

_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """All that a decision is made from, apart from the leads themselves."""

    stamp: Stamp
    held: Held
    company: Company
    compiled: Compiled
    document: RoutingDocument
    routing: Routing
    calendars: Calendars
    latest: datetime = FOREVER
    """No fact of the ledger is asked for later than this: there a plan begins that is not ready yet."""

    @property
    def version(self) -> Version:
        """Its name in a decision."""
        ready = self.compiled.held
        return Version(
            routing_version=self.document.version,
            plan_id=ready.plan_id,
            publication_id=ready.publication_id,
            snapshot_id=ready.snapshot_id,
            known=self.company.known or self.stamp.tick,
        )

    def on(self, at: datetime) -> datetime:
        """The instant the ledger is asked about."""
        return min(at, self.latest)


class Knowledge:
    """What one process knows of a record; read anew when something was recorded, and kept otherwise."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.compiler = Compiler(record)
        self._lock = Lock()
        self._basis: Basis | None = None

    def begin(self, at: datetime) -> None:
        """Make the first ready, which takes seconds where there are many accounts, before anybody waits in the lane."""
        if self._basis is None:
            with self._record.reading() as tx:
                self.basis(tx, at)

    def basis(self, tx: Connection, at: datetime) -> Basis:
        """What decisions are made from now, as this transaction sees the record."""
        stamp = stamp_of(tx)
        with self._lock:
            known = self._basis
            is_same = known is not None and known.stamp == stamp and at < known.held.until
            held = known.held if known is not None and is_same else held_at(tx, at)
            ready = self.compiler.ready(tx, held)
            if known is not None and is_same and ready is known.compiled:
                return known
            self._basis = self._read(tx, stamp, held, ready, known, at)
            return self._basis

    def _read(
        self, tx: Connection, stamp: Stamp, held: Held, ready: Compiled, before: Basis | None, at: datetime
    ) -> Basis:
        known, latest = None, FOREVER
        if (ready.held.publication_id, ready.held.plan_id) != (held.publication_id, held.plan_id):
            known, latest = _before(tx, ready.held)
        company = before.company if before is not None else None
        if company is None or company.stamp != stamp or company.known != known:
            company = read_company(tx, stamp, known=known, at=min(at, latest))
        document = document_in(tx) if before is None or before.stamp != stamp else before.document
        return Basis(
            stamp=stamp,
            held=held,
            company=company,
            compiled=ready,
            document=document,
            routing=routing_of(document),
            calendars=document.sections.get("calendars") or Calendars(),
            latest=latest,
        )


def _before(tx: Connection, ready: Held) -> tuple[datetime | None, datetime]:
    """As known just before what was published since, and on the day before another plan began to hold."""
    newer = tx.execute(
        select(publication.c.recorded).where(publication.c.number > ready.number).order_by(publication.c.recorded)
    ).scalar()
    known = None if newer is None else newer - _JUST_BEFORE
    return known, FOREVER if ready.until == FOREVER else ready.until - _JUST_BEFORE


def document_in(tx: Connection) -> RoutingDocument:
    """The routing document in force."""
    rows = store.routing_versions(tx)
    return kept(rows[0].version, rows[0].document) if rows else loads("")


def routing_of(document: RoutingDocument) -> Routing:
    """The part of a document that decides who gets a lead; without routes the owner, then the territory, then queue."""
    told = document.sections
    return Routing(
        routes=told.get("routes") or DEFAULT.routes,
        pools=told.get("pools") or {},
        caps=tuple(told.get("caps") or ()),
        free_mail=frozenset(told.get("free_mail") or ()),
        engagement=told["engagement"],
    )


def knowledge_of(record: Record) -> Knowledge:
    """What this process knows of an open record."""
    return record.remembered(Knowledge)
