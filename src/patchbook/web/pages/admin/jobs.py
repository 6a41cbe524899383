"""Jobs: what is done by itself, when it is due, what came of it; run now, stop, another schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import BackgroundTasks, Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.metadata import new_id
from patchbook.db.record import record_of
from patchbook.jobs import actions
from patchbook.jobs.job import JobState, Run
from patchbook.jobs.runner import run_now
from patchbook.people import store as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.jobs import Job, Jobs
from patchbook.web.models import After, InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab

router = Pages()

A_PAGE = 30
KIND = "job"


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A job, and its last run."""

    job: JobState
    last: Run | None
    is_running: bool
    is_late: bool

    @property
    def is_awaited(self) -> bool:
        """Whether it is being run, or will be as soon as somebody is free."""
        return self.is_running or self.job.asked_by is not None


@dataclass(frozen=True, kw_only=True)
class JobsPage:
    """What the page of jobs shows."""

    tabs: tuple[Tab, ...]
    jobs: tuple[JobLine, ...]
    runs: tuple[Run, ...]
    next: str | None
    names: dict[str, str]
    name: str


def load(
    tx: Connection,
    *,
    name: str | None = None,
    after: str | None = None,
    limit: int = A_PAGE,
    by: Principal,
    at: datetime,
) -> JobsPage:
    """Every job, and a page of the log."""
    states, last = actions.jobs(tx, by=by, at=at), actions.last_runs(tx, by=by, at=at)
    log = actions.runs(tx, name=name or None, after=after, limit=limit, by=by, at=at)
    asked = {*(one.asked_by for one in states), *(one.asked_by for one in log.rows)}
    whom = {one for one in asked if one is not None}
    return JobsPage(
        tabs=tabs(by),
        jobs=tuple(
            JobLine(
                job=one,
                last=last.get(one.name),
                is_running=one.is_leased(at),
                is_late=one.is_on and one.next_due < at and not one.is_leased(at),
            )
            for one in states
        ),
        runs=log.rows,
        next=log.next_cursor,
        names=people.names(tx, sorted(whom)),
        name=name or "",
    )


@router.page("/admin/jobs", Deed.RUN_JOBS)
def show_jobs(here: Looked, job: Annotated[str, Query(max_length=200)] = "", after: After = None) -> Response:
    """The page of jobs."""
    page = load(here.tx, name=job, after=after, by=here.person, at=here.at)
    return here.show("admin/jobs.html", page, block="work")


@router.form("/admin/jobs/{name}/runs", Deed.RUN_JOBS)
def run_by_form(here: Looked, name: InPath, later: BackgroundTasks) -> Response:
    """Do it now, beside the page; a worker may be quicker, and then it does it."""
    actions.ask(here.tx, name, by=here.person, at=here.at)
    jobs: Jobs = here.request.app.state.jobs
    record, clock, who = record_of(here.tx), here.request.app.state.clock, here.person.person_id
    job = jobs.add(KIND, name, by=who, at=here.at)

    def work(running: Job) -> str:
        with record.reading() as tx:
            is_asked = actions.get(tx, name, by=here.person, at=here.at).asked_by is not None
        if not is_asked:
            return "A worker was quicker, or it was taken back."
        done = run_now(record, actions.kind_of(name), clock, new_id("web"), asked_by=who)
        return f"{done.outcome.value}: {done.says}"

    later.add_task(jobs.begin, job, work)
    return here.done("/admin/jobs", f"{name} is run now; what comes of it shows below.")


@router.form("/admin/jobs/{name}/stop", Deed.RUN_JOBS)
def stop_by_form(here: Looked, name: InPath) -> Response:
    """Stop it, or take back that a run was asked for."""
    actions.stop(here.tx, name, by=here.person, at=here.at)
    return here.done("/admin/jobs", f"{name} is stopped; it is due again at its usual time.")


@router.form("/admin/jobs/{name}/schedule", Deed.RUN_JOBS)
def reschedule_by_form(
    here: Looked,
    name: InPath,
    schedule: Annotated[str, Form(max_length=200)] = "",
    off: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Say when it is due."""
    changed = actions.reschedule(here.tx, name, schedule.strip() or None, is_on=not off, by=here.person, at=here.at)
    said = f"{name} runs {changed.schedule}." if changed.is_on else f"{name} is off, except when asked for."
    return here.done("/admin/jobs", said)
