"""Work beside a plan from the workbench: what it finds waits with its job until it is taken or dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import BackgroundTasks
from fastapi.responses import Response

from patchbook.carving.solution import Progress
from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow
from patchbook.plans import store as plan_store
from patchbook.web.jobs import ENDED, Job, Jobs, JobStatus
from patchbook.web.page import Looked


@dataclass(frozen=True, kw_only=True)
class Beside:
    """One kind of such work; of one plan only the newest counts."""

    kind: str
    part: str
    """Where its dialog is, below the plan."""
    missing: type[NotFound]
    """What is raised where a job is not there any more."""

    def newest(self, jobs: Jobs, plan_id: str) -> Job | None:
        """The job that waits, runs or has ended last."""
        return next(iter(jobs.of(self.kind, plan_id)), None)

    def begin(self, here: Looked, later: BackgroundTasks, plan_id: str, work: Callable[[Job], Any]) -> Response:
        """Begin it when its turn comes, in place of what is under way; the answer leads to its dialog."""
        jobs = jobs_of(here)
        for other in jobs.of(self.kind, plan_id):
            other.stop.set()
            other.outcome = None
        job = jobs.add(self.kind, plan_id, by=here.person.person_id, at=here.at)
        later.add_task(jobs.begin, job, work)
        response = here.done(f"/plans/{plan_id}/{self.part}")
        response.background = later
        return response

    def find(self, here: Looked, plan_id: str, job_id: str) -> Job:
        """The job, for who may edit the plan, unless it was refused or failed."""
        allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
        plan_store.get(here.tx, plan_id, by=here.person, at=here.at)
        job = jobs_of(here).find(job_id, kind=self.kind, subject=plan_id)
        if job is None or (job.status in ENDED and job.status not in (JobStatus.DONE, JobStatus.STOPPED)):
            raise self.missing
        return job

    def stop(self, here: Looked, plan_id: str, job_id: str) -> Response:
        """End it; the best that was found is shown."""
        self.find(here, plan_id, job_id).stop.set()
        return here.done(f"/plans/{plan_id}/{self.part}")


def jobs_of(here: Looked) -> Jobs:
    """The jobs of the process."""
    found: Jobs = here.request.app.state.jobs
    return found


def telling(job: Job) -> Callable[[Progress], None]:
    """Tells the job how far the work is."""

    def tell(now: Progress) -> None:
        job.progress = f"{now.phase}, {now.done:.0%}"

    return tell
