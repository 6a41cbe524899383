"""Work that takes longer than a request: done beside it, looked at and stopped through a resource of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Event, Lock
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from patchbook.db.metadata import new_id
from patchbook.errors import Conflict, PatchbookError

MOST_REMEMBERED = 1_000
MOST_WAITING = 50

log = logging.getLogger("patchbook.web")


class TooManyJobs(Conflict):
    """More work is waiting than is taken on."""


class JobStatus(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"
    FAILED = "failed"


ENDED = frozenset({JobStatus.DONE, JobStatus.STOPPED, JobStatus.REFUSED, JobStatus.FAILED})


@dataclass(kw_only=True)
class Job:
    """One piece of long work; the only thing here that changes while it is looked at."""

    job_id: str
    kind: str
    subject: str
    by: str
    begun_at: datetime
    status: JobStatus = JobStatus.WAITING
    progress: str = ""
    detail: str | None = None
    outcome: Any = field(default=None, repr=False)
    """What it found, where that is not in the record."""
    stop: Event = field(default_factory=Event, repr=False)


@dataclass(frozen=True, kw_only=True)
class JobNow:
    """A job at one moment, as a page shows it."""

    status: str
    progress: str
    detail: str | None
    is_over: bool
    outcome: Any


def now_of(job: Job | None) -> JobNow | None:
    """How it stands with a job; nothing where there is none."""
    if job is None:
        return None
    return JobNow(
        status=job.status.value,
        progress=job.progress,
        detail=job.detail,
        is_over=job.status in ENDED,
        outcome=job.outcome,
    )


def progress_of(job: Job | None) -> JSONResponse:
    """How far a job is, for the page that waits for it."""
    now = now_of(job)
    told = {"is_over": now is None or now.is_over, "says": "" if now is None else now.progress or now.status}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


class Jobs:
    """The jobs of this process; one at a time, since each uses the whole machine."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="patchbook-job")
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = Lock()

    def add(self, kind: str, subject: str, *, by: str, at: datetime) -> Job:
        """A job that will be begun."""
        job = Job(job_id=new_id("job"), kind=kind, subject=subject, by=by, begun_at=at)
        with self._lock:
            waiting = [other for other in self._jobs.values() if other.status not in ENDED]
            if len(waiting) >= MOST_WAITING:
                raise TooManyJobs(f"{len(waiting)} jobs wait already; try again when some are done.")
            self._jobs[job.job_id] = job
            while len(self._jobs) > MOST_REMEMBERED:
                self._jobs.popitem(last=False)
        return job

    def begin(self, job: Job, work: Callable[[Job], Any]) -> None:
        """Do it when its turn comes."""
        self._workers.submit(_run, job, work)

    def find(self, job_id: str, *, kind: str, subject: str) -> Job | None:
        """The job of this kind and subject, if it is remembered."""
        job = self._jobs.get(job_id)
        return job if job is not None and (job.kind, job.subject) == (kind, subject) else None

    def of(self, kind: str, subject: str) -> list[Job]:
        """Every job of this kind and subject, the newest first."""
        with self._lock:
            return [job for job in reversed(self._jobs.values()) if (job.kind, job.subject) == (kind, subject)]

    def close(self) -> None:
        """Stop what runs, and take nothing more on."""
        for job in self._jobs.values():
            job.stop.set()
        self._workers.shutdown(wait=True, cancel_futures=True)


async def begin_in_turn(app: FastAPI, job: Job, work: Callable[[Job], Any]) -> None:
    """Do a job that writes the record when its turn comes, and let no request write meanwhile: they wait theirs."""
    loop = asyncio.get_running_loop()
    writers: asyncio.Lock = app.state.writers

    def in_turn(job: Job) -> Any:
        asyncio.run_coroutine_threadsafe(writers.acquire(), loop).result()
        try:
            return work(job)
        finally:
            loop.call_soon_threadsafe(writers.release)

    jobs: Jobs = app.state.jobs
    jobs.begin(job, in_turn)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    if job.stop.is_set():
        job.status = JobStatus.STOPPED
        return
    job.status = JobStatus.RUNNING
    try:
        job.detail = work(job)
        job.status = JobStatus.STOPPED if job.stop.is_set() else JobStatus.DONE
    except PatchbookError as refusal:
        job.detail, job.status = str(refusal), JobStatus.REFUSED
    except Exception:
        log.exception("%s of %s failed as %s", job.kind, job.subject, job.job_id)
        job.detail, job.status = f"It failed; the server's log has more under {job.job_id}.", JobStatus.FAILED
