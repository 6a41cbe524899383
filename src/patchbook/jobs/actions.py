"""What people do with jobs: look at them and their log, ask for a run, and say when each is due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.jobs import store
from patchbook.jobs.job import JobState, NoJob, NotRunning, Run
from patchbook.jobs.kind import Kind
from patchbook.jobs.kinds import JOBS
from patchbook.jobs.schedule import schedule
from patchbook.jobs.states import state_of, states
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.rules.source import nearest


def jobs(tx: Connection, *, by: Principal, at: datetime) -> list[JobState]:
    """Every job as it stands, those due first on top."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    return sorted(states(tx, JOBS, at=at), key=lambda one: (not one.is_on, one.next_due, one.name))


def get(tx: Connection, name: str, *, by: Principal, at: datetime) -> JobState:
    """One job as it stands."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    return state_of(tx, kind_of(name), at=at)


def runs(
    tx: Connection, *, name: str | None = None, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[Run]:
    """The log of one job or of all, newest first."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    if name is not None:
        kind_of(name)
    before = moment_of(after)
    rows = store.runs(tx, name=name, before=before, limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda one: (microseconds(one.started), one.run_id))


def ask(tx: Connection, name: str, *, by: Principal, at: datetime) -> JobState:
    """Ask that a job be done as soon as a worker is free, out of turn."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    _known(tx, name, at)
    store.change(tx, name, asked_by=by.person_id)
    audit.record(tx, "ask for a run", name, kind="job", by=by.person_id, at=at)
    return state_of(tx, kind_of(name), at=at)


def last_runs(tx: Connection, *, by: Principal, at: datetime) -> dict[str, Run]:
    """Job → its last run."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    return store.last_runs(tx)


def stop(tx: Connection, name: str, *, by: Principal, at: datetime) -> JobState:
    """
    Stop the run of a job, or take back that one was asked for; it is due again at its usual time.

    What the run has written stays, as every piece of it is whole; whatever it still wants to write is refused.

    Raises
    ------
    NotRunning
        Nobody does it, and nobody asked for it.
    """
    allow(tx, by, Deed.RUN_JOBS, at=at)
    before = _known(tx, name, at)
    if not before.is_leased(at) and before.asked_by is None:
        raise NotRunning(name)
    says = "It was stopped; what it had written by then stays."
    store.stop(tx, before, says=says, next_due=before.schedule.after(at), at=at)
    audit.record(tx, "stop a job", name, kind="job", by=by.person_id, at=at)
    return state_of(tx, kind_of(name), at=at)


def reschedule(tx: Connection, name: str, to: str | None, *, is_on: bool, by: Principal, at: datetime) -> JobState:
    """
    Say when a job is due, or that it is not done any more.

    Parameters
    ----------
    to
        A schedule in words; None for the one it comes with.

    Raises
    ------
    BadSchedule
        The words are no schedule.
    """
    allow(tx, by, Deed.RUN_JOBS, at=at)
    before = _known(tx, name, at)
    meant = schedule(to) if to is not None else kind_of(name).schedule
    kept = str(meant) if to is not None else None
    store.change(tx, name, schedule=kept, is_on=int(is_on), next_due=meant.after(at), attempts=0)
    after = state_of(tx, kind_of(name), at=at)
    audit.record(
        tx,
        "schedule a job",
        name,
        kind="job",
        by=by.person_id,
        at=at,
        before={"schedule": str(before.schedule), "is_on": before.is_on},
        after={"schedule": str(after.schedule), "is_on": after.is_on},
    )
    return after


def kind_of(name: str) -> Kind:
    """
    The kind of a name.

    Raises
    ------
    NoJob
        There is none; the message names the nearest.
    """
    found = next((one for one in JOBS if one.name == name), None)
    if found is None:
        known = tuple(one.name for one in JOBS)
        raise NoJob(name, known, nearest(name, known))
    return found


def _known(tx: Connection, name: str, at: datetime) -> JobState:
    """The job, with a row in the record."""
    state = state_of(tx, kind_of(name), at=at)
    if name not in store.states(tx):
        store.add(tx, name, next_due=at)
    return state
