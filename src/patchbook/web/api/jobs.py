"""Jobs: when each is due, what came of their runs, and asking for one."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from patchbook.jobs import actions
from patchbook.jobs.job import JobState, Outcome
from patchbook.web.models import AnId, InPath, Listed, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["jobs"])


class JobOut(Out):
    """A job as it stands."""

    name: str
    meaning: str
    schedule: str
    is_on: bool
    next_due: datetime
    leased_by: str | None
    started: datetime | None
    asked_by: str | None

    @classmethod
    def told(cls, state: JobState) -> JobOut:
        """A job with its schedule in words."""
        names = ("name", "meaning", "is_on", "next_due", "leased_by", "started", "asked_by")
        return cls(schedule=str(state.schedule), **{name: getattr(state, name) for name in names})


class RunOut(Out):
    """What came of one run."""

    run_id: str
    name: str
    worker: str
    due: datetime
    started: datetime
    ended: datetime | None
    outcome: Outcome
    attempt: int
    asked_by: str | None
    says: str
    counts: dict[str, int]


@router.get("/jobs")
def list_jobs(tx: Transaction, person: SignedIn, at: Now) -> Listed[JobOut]:
    """Every job, those due first on top."""
    return Listed(items=[JobOut.told(one) for one in actions.jobs(tx, by=person, at=at)])


@router.get("/job-runs")
def list_job_runs(tx: Transaction, person: SignedIn, at: Now, paging: Paged, job: AnId = None) -> Listed[RunOut]:
    """The log of one job or of all, newest first."""
    found = actions.runs(tx, name=job, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(RunOut, found)


@router.post("/jobs/{name}/runs", status_code=202)
def ask_for_run(name: InPath, tx: Transaction, person: SignedIn, at: Now) -> JobOut:
    """Ask that a job be done as soon as a worker is free."""
    return JobOut.told(actions.ask(tx, name, by=person, at=at))
