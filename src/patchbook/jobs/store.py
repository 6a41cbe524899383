"""The tables of jobs, and the SQL that lets one worker at a time do each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from patchbook.db.metadata import Instant, Json, metadata, new_id
from patchbook.jobs.job import LEASE, JobState, LostLease, Outcome, Run

job = Table(
    "job",
    metadata,
    Column("name", Text, primary_key=True),
    Column("schedule", Text),
    Column("is_on", Integer, nullable=False),
    Column("next_due", Instant, nullable=False),
    Column("token", Integer, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", Instant),
    Column("started", Instant),
    Column("attempts", Integer, nullable=False),
    Column("asked_by", Text),
    CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name="a_lease_has_an_end"),
)
"""One row a job. `token` goes up with each run and never down: a worker may write only while the row holds the token it
was given. `schedule` is what was set here, or null for the one the job comes with."""

job_run = Table(
    "job_run",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("name", Text, ForeignKey("job.name"), nullable=False),
    Column("token", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("outcome", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("asked_by", Text),
    Column("says", Text, nullable=False),
    Column("counts", Json, nullable=False),
    Index("ix_job_run_name", "name", "token", unique=True),
    Index("ix_job_run_started", "started", "run_id"),
)
"""The log: a row a run, with what came of it."""


def states(tx: Connection) -> dict[str, Mapping[str, Any]]:
    """The rows there are, by name."""
    return {row["name"]: dict(row) for row in tx.execute(select(job)).mappings()}


def add(tx: Connection, name: str, *, next_due: datetime) -> None:
    """A row for a job that has none."""
    tx.execute(insert(job).values(name=name, is_on=1, next_due=next_due, token=0, attempts=0))


def change(tx: Connection, name: str, **values: Any) -> None:
    """Change what is set of a job."""
    tx.execute(update(job).where(job.c.name == name).values(**values))


def begin(tx: Connection, state: JobState, worker: str, *, at: datetime) -> Run:
    """Give the job to a worker, and note in the log that whoever had it before is gone."""
    abandoned = update(job_run).where(job_run.c.name == state.name, job_run.c.ended.is_(None))
    gone = f"Its worker did not answer for {LEASE.seconds // 60} minutes; {worker} took over."
    tx.execute(abandoned.values(ended=at, outcome=Outcome.ABANDONED.value, says=gone))
    run = Run(
        run_id=new_id("run"),
        name=state.name,
        token=state.token + 1,
        worker=worker,
        due=min(state.next_due, at),
        started=at,
        attempt=state.attempts + 1,
        asked_by=state.asked_by,
    )
    change(tx, state.name, token=run.token, leased_by=worker, leased_until=at + LEASE, started=at, asked_by=None)
    tx.execute(insert(job_run).values(**_row(run)))
    return run


def hold(tx: Connection, run: Run, *, at: datetime) -> None:
    """
    Raise unless the run still holds its job, and keep it held until the transaction ends.

    The row is locked, so nobody can take the job over between this look and the commit.

    Raises
    ------
    LostLease
        Another run was begun meanwhile.
    """
    renewed = update(job).where(job.c.name == run.name, job.c.token == run.token, job.c.leased_by == run.worker)
    if tx.execute(renewed.values(leased_until=at + LEASE)).rowcount == 0:
        now = tx.execute(select(job.c.token).where(job.c.name == run.name)).scalar()
        raise LostLease(run.name, run.token, now or run.token)


def end(tx: Connection, run: Run, *, next_due: datetime, attempts: int) -> None:
    """Write what came of a run, and let go of its job."""
    tx.execute(update(job_run).where(job_run.c.run_id == run.run_id).values(**_row(run)))
    change(tx, run.name, leased_by=None, leased_until=None, started=None, next_due=next_due, attempts=attempts)


def last_runs(tx: Connection) -> dict[str, Run]:
    """The last run of each job."""
    last = select(func.max(job_run.c.token).label("token"), job_run.c.name).group_by(job_run.c.name).subquery()
    query = select(job_run).join(last, (last.c.name == job_run.c.name) & (last.c.token == job_run.c.token))
    return {row["name"]: _run(row) for row in tx.execute(query).mappings()}


def stop(tx: Connection, state: JobState, *, says: str, next_due: datetime, at: datetime) -> None:
    """Take the job from whoever does it: nothing they still want to write is written."""
    ended = update(job_run).where(job_run.c.name == state.name, job_run.c.ended.is_(None))
    tx.execute(ended.values(ended=at, outcome=Outcome.ABANDONED.value, says=says))
    gone = {"leased_by": None, "leased_until": None, "started": None, "asked_by": None}
    change(tx, state.name, token=state.token + 1, next_due=next_due, **gone)


def runs(
    tx: Connection, *, name: str | None = None, before: tuple[datetime, str] | None = None, limit: int
) -> list[Run]:
    """The runs of a job, or of all, newest first."""
    query = select(job_run).order_by(job_run.c.started.desc(), job_run.c.run_id.desc()).limit(limit)
    if name is not None:
        query = query.where(job_run.c.name == name)
    if before is not None:
        started, run_id = before
        same = (job_run.c.started == started) & (job_run.c.run_id < run_id)
        query = query.where((job_run.c.started < started) | same)
    return [_run(row) for row in tx.execute(query).mappings()]


def _row(run: Run) -> dict[str, Any]:
    return {column.name: getattr(run, column.name) for column in job_run.columns} | {
        "outcome": run.outcome.value,
        "counts": dict(run.counts),
    }


def _run(row: Mapping[Any, Any]) -> Run:
    return Run(**{**row, "outcome": Outcome(row["outcome"])})
