"""Long work on the record beside a page: how far it is, and where one goes when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import JSONResponse, RedirectResponse, Response

from patchbook.web.jobs import ENDED, Job, Jobs, JobStatus
from patchbook.web.page import HEADERS, Here

PUBLISH = "publish"
ROLL_BACK = "roll back"

GONE = "The server was started anew meanwhile, and nothing was written: it is done whole or not at all. Begin again."


@dataclass(frozen=True, kw_only=True)
class ProgressPage:
    """How far a job is."""

    title: str
    back: str
    status: JobStatus | None
    """None where the job is not known any more."""
    progress: str
    detail: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status is None or self.status in ENDED


def progress_of(
    here: Here, job_id: str, *, kind: str, subject: str, title: str, back: str, made: str | None
) -> Response:
    """
    How far a job is, as a page, or as JSON for `<job-progress>`; when it is done, on to what it made.

    Parameters
    ----------
    back
        Where one began it.
    made
        The publication there is already, by which a job that is not remembered is known to be done.
    """
    jobs: Jobs = here.request.app.state.jobs
    job = jobs.find(job_id, kind=kind, subject=subject)
    receipt = _receipt(job, made)
    page = ProgressPage(
        title=title,
        back=back,
        status=job.status if job is not None else None,
        progress=job.progress if job is not None else "",
        detail=job.detail if job is not None else GONE,
    )
    if "application/json" in here.request.headers.get("accept", ""):
        told = {"is_over": page.is_over, "progress": words(page), "location": receipt}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})
    if receipt is not None:
        return RedirectResponse(receipt, 303, HEADERS)
    return here.show("progress.html", page)


def words(page: ProgressPage) -> str:
    """What is being done, in a few words."""
    if page.is_over:
        return page.detail or ""
    if page.status is JobStatus.WAITING:
        return "Waiting for its turn"
    return page.progress or "Begun"


def _receipt(job: Job | None, made: str | None) -> str | None:
    if job is not None and job.status is JobStatus.DONE and job.detail:
        return f"/publications/{job.detail}"
    return f"/publications/{made}" if job is None and made is not None else None
