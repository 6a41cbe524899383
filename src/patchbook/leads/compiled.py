"""
The published plan and the accounts, made ready to answer for one lead at a time.

Making them takes seconds where there are a million accounts. So it is done beside the work, in a thread of its own,
and what is there goes on answering until the new is ready; then one takes the place of the other between two decisions.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Event, Lock, Thread
from typing import Any, Protocol

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from patchbook.db.record import Record, record_of
from patchbook.errors import PatchbookError
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.people import store as people_store
from patchbook.period import FOREVER
from patchbook.publishing import store as publishing
from patchbook.publishing.store import publication
from patchbook.routing.questions import Candidate, Identity

log = logging.getLogger("patchbook.leads")

QUICK_SWITCHES = 0.0005
"""Seconds after which threads take turns while a plan is made ready, so that leads do not wait for it."""


class Places(Protocol):
    """What says where a record belongs, as `plans.placing.Placer` does."""

    def on(self, today: date) -> Places:
        """The same, asked on a day."""
        ...

    def place(self, record: Mapping[str, object]) -> Any:
        """Where one record belongs: territory, candidates, says."""
        ...


class Finds(Protocol):
    """What finds the accounts a lead may belong to, as `routing.match_index.AccountIndex` does."""

    def candidates(self, identity: Identity, at_least: float, free_mail: Collection[str] = ()) -> Sequence[Candidate]:
        """The accounts that fit best, whatever domains of free mail say."""
        ...


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is to be, or was, made ready: which publication holds, and which accounts are known."""

    number: int
    """The last publication or roll back there was."""
    publication_id: str | None
    plan_id: str | None
    snapshot_id: str | None
    """The newest import of accounts."""
    until: datetime = FOREVER
    """When another plan that is published already begins to hold."""

    @property
    def key(self) -> tuple[str | None, str | None, str | None]:
        """What answers depend on."""
        return self.publication_id, self.plan_id, self.snapshot_id


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A plan and accounts, ready to answer."""

    held: Held
    places: Places | None
    """None where no plan holds, or where it cannot be read."""
    finds: Finds | None
    why_not: str = ""
    """Why nothing can be placed."""


def held_at(tx: Connection, at: datetime) -> Held:
    """Which publication holds at an instant, and which accounts are known."""
    standing = publishing.standing(tx)
    begun = [one for one in standing if one.effective <= at]
    coming = [one.effective for one in standing if one.effective > at]
    # Of two for one date the later one holds.
    now = max(enumerate(begun), key=lambda one: (one[1].effective, one[0]))[1] if begun else None
    newest = imports.latest(tx, Kind.ACCOUNTS)
    return Held(
        number=tx.execute(select(func.max(publication.c.number))).scalar() or 0,
        publication_id=now.publication_id if now else None,
        plan_id=now.plan_id if now else None,
        snapshot_id=newest.snapshot_id if newest else None,
        until=min(coming, default=FOREVER),
    )


def compile_held(tx: Connection, held: Held, before: Compiled | None = None) -> Compiled:
    """Make a plan and accounts ready; what is the same as before is taken from there."""
    finds = before.finds if before is not None and before.held.snapshot_id == held.snapshot_id else None
    if finds is None:
        finds = finder_of(tx, held.snapshot_id)
    if before is not None and before.places is not None and before.held.plan_id == held.plan_id:
        return Compiled(held=held, places=before.places, finds=finds)
    if held.plan_id is None:
        return Compiled(held=held, places=None, finds=finds, why_not="No plan is published that holds now.")
    try:
        places = placer_of(tx, held.plan_id, before.places if before is not None else None)
    except PatchbookError as refusal:
        log.warning("The plan %s cannot place leads: %s", held.plan_id, refusal)
        return Compiled(held=held, places=None, finds=finds, why_not=f"The published plan cannot be used: {refusal}")
    return Compiled(held=held, places=places, finds=finds)


def placer_of(tx: Connection, plan_id: str, before: Any = None) -> Places:
    """The placer of a plan in the record."""
    from patchbook.plans import store as plans
    from patchbook.plans.life import NotCarved
    from patchbook.plans.placing import Placer
    from patchbook.plans.state import state

    stood = state(tx, plan_id)
    snapshot_id = stood.plan.snapshot_id
    if snapshot_id is None:
        raise NotCarved(stood.plan)
    accounts = snapshots.taken(tx, snapshot_id)
    people = people_store.find(tx, [one for one in stood.territories["person"].unique().to_list() if one])
    made: Places = Placer.of(
        stood, accounts, people=list(people.values()), files=plans.files(tx, plan_id), before=before
    )
    return made


def finder_of(tx: Connection, snapshot_id: str | None) -> Finds | None:
    """What finds the accounts of a snapshot; None where there is none, or its file is gone."""
    import polars as pl

    from patchbook.routing.match_index import AccountIndex

    if snapshot_id is None:
        return None
    try:
        path = snapshots.path_of(record_of(tx), snapshot_id)
    except PatchbookError as refusal:
        log.warning("Leads are not matched to accounts: %s", refusal)
        return None
    return AccountIndex(pl.read_parquet(path))


class Compiler:
    """Holds what is ready, and makes ready what is to come; one for a record in a process."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = Lock()
        self._ready: Compiled | None = None
        self._wanted: Held | None = None
        self._thread: Thread | None = None
        self.is_idle = Event()
        """Set while nothing is being made ready."""
        self.is_idle.set()

    def ready(self, tx: Connection, held: Held) -> Compiled:
        """
        What is ready to answer: what holds now, or, while that is being made, what held before.

        The first is made at once: without it there is nothing to answer from.
        """
        with self._lock:
            ready = self._ready
            if ready is not None and ready.held.key == held.key:
                if ready.held != held:
                    ready = self._ready = replace(ready, held=held)
                return ready
            if ready is None:
                self._ready = self._made(tx, held, ready)
                return self._ready
            if self._wanted is None or self._wanted.key != held.key:
                self._wanted = held
                if self._thread is None:
                    self.is_idle.clear()
                    self._thread = Thread(target=self._make, name="patchbook-compiler", daemon=True)
                    self._thread.start()
            return ready

    def _make(self) -> None:
        """Make ready what is wanted, until nothing else is."""
        while True:
            with self._lock:
                wanted, before = self._wanted, self._ready
                if wanted is None or (before is not None and before.held.key == wanted.key):
                    self._wanted = self._thread = None
                    self.is_idle.set()
                    return
            usual = sys.getswitchinterval()
            sys.setswitchinterval(QUICK_SWITCHES)
            made: Compiled | None = None
            try:
                with self._record.reading() as tx:
                    made = self._made(tx, wanted, before)
            except Exception:  # the database: whoever asks next has it tried again, and what is ready goes on
                log.exception("The plan %s could not be read for leads", wanted.plan_id)
            finally:
                sys.setswitchinterval(usual)
            with self._lock:
                if made is None:
                    self._wanted = self._thread = None
                    self.is_idle.set()
                    return
                self._ready = made
                if self._wanted == wanted:
                    self._wanted = None

    def _made(self, tx: Connection, wanted: Held, before: Compiled | None) -> Compiled:
        try:
            return compile_held(tx, wanted, before)
        except SQLAlchemyError:
            raise
        except Exception as error:  # whatever it is, leads go on: the queue takes what cannot be placed
            log.exception("The plan %s could not be made ready for leads", wanted.plan_id)
            why = f"The published plan could not be made ready ({type(error).__name__}); the server's log has more."
            return Compiled(held=wanted, places=None, finds=before.finds if before else None, why_not=why)
