"""Work on a draft: carved beside the request, edited, undone; and the tables it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from pydantic import Field

from patchbook.carving.solution import Progress
from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.plans import actions as plans
from patchbook.plans import edits
from patchbook.plans.job import carve_now, prepare_carve
from patchbook.plans.kept_borders import borders_of
from patchbook.web.api.plans import PlanOut, RevisionIn
from patchbook.web.jobs import Job, Jobs, JobStatus
from patchbook.web.models import In, InPath, Listed, Name, Out, Paged, Revision, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, Served, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["drafts"])

CARVE = "carve"

TerritoryAsked = Annotated[str | None, Query(max_length=200, description="The name of a territory of the plan.")]


class NoJob(NotFound):
    """There is no such job, or not any more; jobs are remembered until the server stops."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no carve {job_id!r} of this plan; look at the plan for what was kept.")


class CarveIn(In):
    """How long to carve, and from which seed; as before where nothing is said."""

    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    seconds: float | None = Field(default=None, gt=0, le=86_400)
    fresh: bool = Field(default=False, description="Take the newest accounts, people and owners, not those pinned.")


class PartIn(In):
    """A new territory of a split, and the accounts it takes, by the reason they go there."""

    territory: Name
    accounts: dict[str, list[str]]


class EditIn(In):
    """One edit: its kind, and its parts as the reference lists them."""

    kind: Name = Field(description="move, lock, unlock, rename, add, remove, merge, staff, vacant or split.")
    parts: dict[str, str | list[str] | list[PartIn]] = Field(max_length=10)
    why: Why | None = None
    revision: Revision
    overrule: Why | None = Field(default=None, description="Why guardrails are overruled, where they are.")


class JobOut(Out):
    """A carve that waits, runs or has ended."""

    job_id: str
    status: JobStatus
    progress: str
    detail: str | None
    by: str
    begun_at: datetime


class BorderOut(Out):
    """One side of a border, as the carve left it."""

    territory: str
    neighbour: str
    next_to_it: int
    held: int
    reason: str
    is_older: bool


class BordersOut(Out):
    """The borders of a plan that hold most accounts first; none are kept of carves older than such reasons."""

    are_kept: bool
    borders: list[BorderOut]


class EditOut(Out):
    """One edit of the journal."""

    number: int
    kind: str
    payload: dict[str, Any]
    why: str | None
    by: str
    at: datetime
    undone: bool
    undone_by: str | None
    undone_at: datetime | None


@router.post("/plans/{plan_id}/carves", status_code=202)
def carve_plan(
    plan_id: InPath,
    what: CarveIn,
    request: Request,
    response: Response,
    later: BackgroundTasks,
    record: Served,
    tx: Transaction,
    person: SignedIn,
    at: Now,
) -> JobOut:
    """Carve a draft, beside this request: look at the job for how far it is, delete it to stop."""
    prepare_carve(tx, plan_id, seed=what.seed, seconds=what.seconds, fresh=what.fresh, by=person, at=at)
    jobs: Jobs = request.app.state.jobs
    job = jobs.add(CARVE, plan_id, by=person.person_id, at=at)

    def work(job: Job) -> str | None:
        def progress(now: Progress) -> None:
            job.progress = f"{now.phase}, {now.done:.0%}"

        kept = carve_now(
            record,
            plan_id,
            seed=what.seed,
            seconds=what.seconds,
            fresh=what.fresh,
            progress=progress,
            stop=job.stop.is_set,
            by=person,
            clock=request.app.state.clock,
        )
        return " ".join(kept.not_applied) or None

    later.add_task(jobs.begin, job, work)
    response.headers["Location"] = f"{request.url.path}/{job.job_id}"
    return JobOut.of(job)


@router.get("/plans/{plan_id}/carves")
def list_carves(
    plan_id: InPath, request: Request, tx: Transaction, person: SignedIn, at: Now, paging: Paged
) -> Listed[JobOut]:
    """The carves of a plan since the server began, the newest first."""
    plans.get(tx, plan_id, by=person, at=at)
    return paging.sliced(JobOut, request.app.state.jobs.of(CARVE, plan_id), key=lambda job: str(job.job_id))


@router.get("/plans/{plan_id}/carves/{job_id}")
def get_carve(plan_id: InPath, job_id: InPath, request: Request, tx: Transaction, person: SignedIn, at: Now) -> JobOut:
    """How far a carve is."""
    return JobOut.of(_job(request, tx, plan_id, job_id, person, at))


@router.delete("/plans/{plan_id}/carves/{job_id}", status_code=202)
def stop_carve(plan_id: InPath, job_id: InPath, request: Request, tx: Transaction, person: SignedIn, at: Now) -> JobOut:
    """Stop a carve; the best that was found is kept."""
    allow_somewhere(person, Deed.EDIT_PLAN)
    job = _job(request, tx, plan_id, job_id, person, at)
    job.stop.set()
    return JobOut.of(job)


@router.get("/plans/{plan_id}/edits")
def list_edits(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[EditOut]:
    """Every edit of a plan in order, undone ones too."""
    found = plans.journal(tx, plan_id, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(EditOut, found)


@router.post("/plans/{plan_id}/edits", status_code=201)
def edit_plan(plan_id: InPath, what: EditIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Change a carved draft by one edit."""
    edited = plans.edit(
        tx,
        plan_id,
        edits.of(what.kind, what.model_dump()["parts"]),
        why=what.why,
        revision=what.revision,
        overrule=what.overrule,
        by=person,
        at=at,
    )
    return PlanOut.of(edited)


@router.post("/plans/{plan_id}/undo", status_code=201)
def undo_edit(plan_id: InPath, what: RevisionIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Take back the last edit that counts."""
    return PlanOut.of(plans.undo(tx, plan_id, revision=what.revision, by=person, at=at))


@router.post("/plans/{plan_id}/redo", status_code=201)
def redo_edit(plan_id: InPath, what: RevisionIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """Make the edit undone last again."""
    return PlanOut.of(plans.redo(tx, plan_id, revision=what.revision, by=person, at=at))


@router.get("/plans/{plan_id}/territories")
def list_planned_territories(
    plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged
) -> Listed[dict[str, Any]]:
    """The territories of a plan, with what each carries of every measure."""
    return paging.frame(plans.state(tx, plan_id, by=person, at=at).territories, key="territory")


@router.get("/plans/{plan_id}/borders")
def list_planned_borders(
    plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, territory: TerritoryAsked = None
) -> BordersOut:
    """Why the territories of a plan end where they do, as its carve said; with `territory` those of one."""
    return BordersOut.of(borders_of(tx, plan_id, territory=territory, by=person, at=at))


@router.get("/plans/{plan_id}/assignments")
def list_planned_assignments(
    plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged
) -> Listed[dict[str, Any]]:
    """Which territory each account goes to in a plan, and why."""
    return paging.frame(plans.state(tx, plan_id, by=person, at=at).assignments, key="account_id")


def _job(request: Request, tx: Transaction, plan_id: str, job_id: str, person: SignedIn, at: Now) -> Job:
    plans.get(tx, plan_id, by=person, at=at)
    jobs: Jobs = request.app.state.jobs
    job = jobs.find(job_id, kind=CARVE, subject=plan_id)
    if job is None:
        raise NoJob(job_id)
    return job
