"""Studies of a plan: asked beside the request, and what they told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from pydantic import Field

from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.plans import actions as plans
from patchbook.plans import asking
from patchbook.web import studying
from patchbook.web.api.drafts import JobOut
from patchbook.web.jobs import Job, Jobs
from patchbook.web.models import In, InPath, Listed, Name, Out, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["studies"])


class NoStudyJob(NotFound):
    """There is no such job, or not any more; jobs are remembered until the server stops."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no study {job_id!r} of this plan under way; look at the study for what it told.")


class ChoiceOut(Out):
    """Something whoever asks may set."""

    name: str
    says: str
    default: str


class StudyOut(Out):
    """A study: what it answers, what may be set, and what it told last of the plan as it is now."""

    name: str
    title: str
    question: str
    choices: list[ChoiceOut]
    asked_at: datetime | None
    says: list[str] = Field(description="The newest answer's sentences; none where it was not asked.")


class AnswerOut(Out):
    """What a study told of a plan; people are named by their ids."""

    study: str
    key: str = Field(description="Tells answers of one study apart by their choices: send it as `asked`.")
    choices: dict[str, str]
    found: dict[str, Any] = Field(description="says, tables, charts and was_stopped.")
    seed: int
    seconds: float
    engine: str
    by: str
    at: datetime
    has_moves: bool = Field(description="Whether accounts were moved by hand, which the study knows nothing of.")


class AskIn(In):
    """What to set, and how long each carve layer may take; as the study and the plan say where nothing is said."""

    choices: dict[Name, Annotated[str, Field(max_length=500)]] = Field(default={}, max_length=50)
    seconds: float | None = Field(default=None, gt=0, le=asking.LONGEST_SECONDS)


Asked = Annotated[str | None, Query(max_length=40, description="Which answer, by its key; the newest when absent.")]


@router.get("/plans/{plan_id}/studies")
def list_studies(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> Listed[StudyOut]:
    """What can be asked about a plan's carve, and what was."""
    from patchbook.plans.studies import STUDIES

    told = asking.answers(tx, plan_id, by=person, at=at)
    found = []
    for study in STUDIES:
        newest = told[study.name][0] if study.name in told else None
        found.append(
            StudyOut(
                name=study.name,
                title=study.title,
                question=study.question,
                choices=[ChoiceOut.of(choice) for choice in study.choices],
                asked_at=newest.at if newest is not None else None,
                says=list(newest.found.says) if newest is not None else [],
            )
        )
    return whole(StudyOut, found)


@router.get("/plans/{plan_id}/studies/{name}")
def get_study(
    plan_id: InPath, name: InPath, tx: Transaction, person: SignedIn, at: Now, asked: Asked = None
) -> AnswerOut:
    """What a study told of the plan as it is now."""
    told = asking.answer(tx, plan_id, name, key=asked, by=person, at=at)
    return AnswerOut(
        **{field: getattr(told, field) for field in AnswerOut.model_fields if field not in ("found", "choices")},
        choices=dict(told.choices),
        found=told.found.to_dict(),
    )


@router.get("/plans/{plan_id}/studies/{name}/tables/{table}")
def list_study_rows(
    plan_id: InPath, name: InPath, table: InPath, tx: Transaction, person: SignedIn, at: Now, asked: Asked = None
) -> Listed[dict[str, Any]]:
    """The rows of one table of an answer, all of them; shares are fractions."""
    told = asking.answer(tx, plan_id, name, key=asked, by=person, at=at).found.table(table)
    if told is None:
        raise NotFound(f"The answer has no table {table!r}; the study's answer lists those it has.")
    columns = [column.name for column in told.columns]
    return Listed(items=[dict(zip(columns, row, strict=True)) for row in told.rows])


@router.post("/plans/{plan_id}/studies/{name}/runs", status_code=202)
def ask_study(
    plan_id: InPath,
    name: InPath,
    what: AskIn,
    request: Request,
    response: Response,
    later: BackgroundTasks,
    tx: Transaction,
    person: SignedIn,
    at: Now,
) -> JobOut:
    """Ask a study, beside this request: look at the run for how far it is, delete it to stop."""
    app = request.app
    job, work = studying.asked(app, tx, plan_id, name, what.choices, seconds=what.seconds, by=person, at=at)
    later.add_task(app.state.jobs.begin, job, work)
    response.headers["Location"] = f"{request.url.path}/{job.job_id}"
    return JobOut.of(job)


@router.get("/plans/{plan_id}/studies/{name}/runs/{job_id}")
def get_study_run(
    plan_id: InPath, name: InPath, job_id: InPath, request: Request, tx: Transaction, person: SignedIn, at: Now
) -> JobOut:
    """How far a study is."""
    return JobOut.of(_job(request, tx, plan_id, name, job_id, person, at))


@router.delete("/plans/{plan_id}/studies/{name}/runs/{job_id}", status_code=202)
def stop_study_run(
    plan_id: InPath, name: InPath, job_id: InPath, request: Request, tx: Transaction, person: SignedIn, at: Now
) -> JobOut:
    """Stop a study; what was found so far is kept."""
    allow_somewhere(person, Deed.EDIT_PLAN)
    job = _job(request, tx, plan_id, name, job_id, person, at)
    job.stop.set()
    return JobOut.of(job)


def _job(request: Request, tx: Transaction, plan_id: str, name: str, job_id: str, person: SignedIn, at: Now) -> Job:
    plans.get(tx, plan_id, by=person, at=at)
    jobs: Jobs = request.app.state.jobs
    job = jobs.find(job_id, kind=studying.STUDY, subject=plan_id)
    if job is None or job.outcome != name:
        raise NoStudyJob(job_id)
    return job
