"""
Do the jobs that are due: one worker or many, in one process or many, each run by exactly one of them.

A worker takes a job by raising its token in the record. Everything it then writes goes through `Turn.writing` or
`Turn.deciding`, which hold the row of the job while they write and refuse once another has raised the token: a worker
that stood still past its lease can do no harm when it wakes (Kleppmann, *How to do distributed locking*, 2016).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

from sqlalchemy import Connection

from patchbook.db.record import Record
from patchbook.errors import PatchbookError
from patchbook.jobs import store
from patchbook.jobs.job import JobState, LostLease, Outcome, Run, Running
from patchbook.jobs.kind import Kind
from patchbook.jobs.states import state_of, states
from patchbook.leads.lane import Lane, deciding

Clock = Callable[[], datetime]

log = logging.getLogger("patchbook.jobs")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A worker's turn at a job: the record, and the only ways to write to it."""

    record: Record
    run: Run
    clock: Clock
    at: datetime
    """When the run began; what the job does is done at this instant."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of one moment."""
        with self.record.reading() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction of the record, refused once the job has passed to another worker."""
        with self.record.writing() as tx:
            store.hold(tx, self.run, at=self.clock())
            yield tx

    @contextmanager
    def deciding(self) -> Iterator[Lane]:
        """One turn in the lane of leads, refused once the job has passed to another worker."""
        with deciding(self.record, at=self.at) as lane:
            store.hold(lane.tx, self.run, at=self.clock())
            yield lane


def work(
    record: Record, kinds: tuple[Kind, ...], clock: Clock, worker: str, *, stop: Event, poll_seconds: float
) -> None:
    """Do what is due, again and again, until told to stop."""
    while not stop.is_set():
        if work_once(record, kinds, clock, worker) is None:
            stop.wait(poll_seconds)


def work_once(record: Record, kinds: tuple[Kind, ...], clock: Clock, worker: str) -> Run | None:
    """Do the job that has been due the longest, if any; what came of it."""
    at = clock()
    with record.reading() as tx:
        if not _due(states(tx, kinds, at=at), at):
            return None
    with record.writing() as tx:
        due = _due(states(tx, kinds, at=at), at)
        if not due:
            return None  # another worker was quicker
        kind = next(one for one in kinds if one.name == due[0].name)
        run = _begun(tx, kind, worker, at)
    return _done(record, kind, run, clock)


def run_now(record: Record, kind: Kind, clock: Clock, worker: str, *, asked_by: str) -> Run:
    """
    Do one job, whether it is due or not.

    Raises
    ------
    Running
        Another worker does it.
    """
    at = clock()
    with record.writing() as tx:
        state = state_of(tx, kind, at=at)
        if state.is_leased(at):
            raise Running(state)
        run = _begun(tx, kind, worker, at, asked_by=asked_by)
    return _done(record, kind, run, clock)


def _due(found: list[JobState], at: datetime) -> list[JobState]:
    return sorted((one for one in found if one.is_due(at)), key=lambda one: (one.next_due, one.name))


def _begun(tx: Connection, kind: Kind, worker: str, at: datetime, asked_by: str | None = None) -> Run:
    if kind.name not in store.states(tx):
        store.add(tx, kind.name, next_due=at)
    state = state_of(tx, kind, at=at)
    return store.begin(tx, replace(state, asked_by=asked_by or state.asked_by), worker, at=at)


def _done(record: Record, kind: Kind, run: Run, clock: Clock) -> Run:
    """Do the work of a run, and write down what came of it."""
    turn = Turn(record=record, run=run, clock=clock, at=run.started)
    try:
        report = kind.run(turn)
        ended = replace(run, outcome=Outcome.DONE, says=report.says, counts=report.counts)
    except LostLease as lost:
        return replace(run, outcome=Outcome.ABANDONED, says=str(lost))
    except PatchbookError as refused:
        ended = replace(run, outcome=Outcome.REFUSED, says=str(refused))
    except Exception as error:  # whatever broke, the other jobs go on, and the log says what it was
        log.exception("The job %s broke.", kind.name)
        ended = replace(run, outcome=Outcome.FAILED, says=f"It broke with {type(error).__name__}.")
    at = clock()
    ended = replace(ended, ended=at)
    try:
        with turn.writing() as tx:
            next_due, attempts = state_of(tx, kind, at=at).due_after(ended.outcome, at)
            store.end(tx, ended, next_due=next_due, attempts=attempts)
    except LostLease as lost:
        return replace(run, outcome=Outcome.ABANDONED, says=str(lost))
    return ended
