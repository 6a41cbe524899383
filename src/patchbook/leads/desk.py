"""
Takes deeds on leads from many threads and does several in one turn of the lane, so that they wait for one commit.

Nobody is answered before what they asked for is on the disk. A deed that is refused leaves nothing behind and does not
concern the others; where anything else goes wrong, each is done again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection

from patchbook.db.record import Busy, Record
from patchbook.errors import PatchbookError
from patchbook.leads.lane import Lane, deciding
from patchbook.people.principal import Principal

MOST_AT_ONCE = 50
MOST_WAITING = 5_000
IDLE_SECONDS = 5.0

Admit = Callable[[Connection, datetime], Principal]
"""Who asks, if they may; asked in the turn itself, so that rights that were lost are lost at once."""

Done = TypeVar("Done")
Deed = Callable[[Lane, Principal, datetime], Done]

log = logging.getLogger("patchbook.leads")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A deed that waits for its turn."""

    admit: Admit
    deed: Deed[Any]
    who: Hashable = None
    """What tells whoever asks from others: in one turn nobody is looked up twice."""
    writes_last: bool
    """Whether it is refused before it writes, or not at all; then it needs no way back."""
    answer: Future[Any] = field(default_factory=Future)


class Desk:
    """One for a record in a process; its thread is there while there is work."""

    def __init__(self, record: Record, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._clock = clock
        self._waiting: SimpleQueue[Asked] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None

    def ask(self, admit: Admit, deed: Deed[Done], *, who: Hashable = None, writes_last: bool = False) -> Future[Done]:
        """The answer to come, once it is kept."""
        asked = Asked(admit=admit, deed=deed, who=who, writes_last=writes_last)
        if self._waiting.qsize() >= MOST_WAITING:
            asked.answer.set_exception(Busy(f"{MOST_WAITING:,} deeds on leads wait already; send this one again."))
            return asked.answer
        with self._lock:
            self._waiting.put(asked)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="patchbook-leads", daemon=True)
                self._thread.start()
        return asked.answer

    def close(self) -> None:
        """Wait until all that was asked is answered."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._waiting.put(_LAST)
            thread.join()

    def _work(self) -> None:
        while True:
            try:
                turn = [self._waiting.get(timeout=IDLE_SECONDS)]
            except Empty:
                with self._lock:
                    if not self._waiting.empty():
                        continue
                    self._thread = None
                    return
            while len(turn) < MOST_AT_ONCE and not self._waiting.empty():
                turn.append(self._waiting.get())
            # From here on nobody can take back what they asked; who did before gets nothing done.
            self._serve([one for one in turn if one is not _LAST and one.answer.set_running_or_notify_cancel()])
            if _LAST in turn:
                with self._lock:
                    if self._waiting.empty():
                        self._thread = None
                        return
                    self._waiting.put(_LAST)

    def _serve(self, turn: list[Asked]) -> None:
        """Do these in one turn of the lane, and answer each once it is kept."""
        if not turn:
            return
        try:
            with deciding(self._record, at=self._clock()) as lane:
                at = self._clock()
                known: dict[Hashable, Principal] = {}
                done = [_done(lane, asked, at, known) for asked in turn]
        except Busy as busy:
            for asked in turn:
                asked.answer.set_exception(busy)
        except Exception as error:
            if len(turn) == 1:
                turn[0].answer.set_exception(error)
                return
            log.warning("A turn of %d leads is done one by one: %s", len(turn), type(error).__name__)
            for asked in turn:
                self._serve([asked])
        else:
            for asked, result in zip(turn, done, strict=True):
                if isinstance(result, PatchbookError):
                    asked.answer.set_exception(result)
                else:
                    asked.answer.set_result(result)


def _done(lane: Lane, asked: Asked, at: datetime, known: dict[Hashable, Principal]) -> Any:
    """What the deed gives, or why it is refused."""
    try:
        by = known.get(asked.who) or asked.admit(lane.company, at)
        if asked.who is not None:
            known[asked.who] = by
        if asked.writes_last:
            return asked.deed(lane, by, at)
        with lane.apart():
            return asked.deed(lane, by, at)
    except PatchbookError as refusal:
        return refusal


_LAST = Asked(admit=lambda tx, at: Principal(person_id=""), deed=lambda lane, by, at: None, writes_last=True)
