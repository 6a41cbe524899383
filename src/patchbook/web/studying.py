"""Asking a study beside a request: one at a time for each plan, begun and looked at by pages and by the API alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import FastAPI
from sqlalchemy import Connection

from patchbook.carving.solution import Progress
from patchbook.db.record import Record
from patchbook.errors import Conflict
from patchbook.people.principal import Principal
from patchbook.plans import asking
from patchbook.web.jobs import ENDED, Job, Jobs

STUDY = "study"


class AlreadyAsked(Conflict):
    """A study of the plan is under way, or waits to be."""


def newest(app: FastAPI, plan_id: str) -> Job | None:
    """The study of the plan that waits, runs or ended last; its outcome is the study's name."""
    jobs: Jobs = app.state.jobs
    return next(iter(jobs.of(STUDY, plan_id)), None)


def asked(
    app: FastAPI,
    tx: Connection,
    plan_id: str,
    name: str,
    choices: Mapping[str, str],
    *,
    seconds: float | None = None,
    by: Principal,
    at: datetime,
) -> tuple[Job, Callable[[Job], None]]:
    """A job that waits, and what it does once the request is answered."""
    study, _, _ = asking.check_study(tx, plan_id, name, choices, seconds=seconds, by=by, at=at)
    running = newest(app, plan_id)
    if running is not None and running.status not in ENDED:
        raise AlreadyAsked("A study of this plan is under way already; wait for it, or stop it first.")
    jobs: Jobs = app.state.jobs
    job = jobs.add(STUDY, plan_id, by=by.person_id, at=at)
    job.outcome = study.name
    record: Record = app.state.record

    def work(job: Job) -> None:
        job.progress = "Gathering accounts, people and owners"
        with record.reading() as tx:
            prepared = asking.prepare_study(tx, plan_id, name, choices, seconds=seconds, by=by, at=at)

        def tell(now: Progress) -> None:
            job.progress = f"{now.phase}, {now.done:.0%}"

        prepared.run(tell=tell, stop=job.stop.is_set)

    return job, work
