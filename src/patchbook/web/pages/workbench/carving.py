"""Carving from the workbench: settings, progress, and the result beside what is there, to take or to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import BackgroundTasks
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.record import Record
from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.job import Carved, keep_result, prepare_carve
from patchbook.plans.journal import Draft
from patchbook.plans.life import RecordedPlan
from patchbook.plans.out import tables
from patchbook.plans.plan import Plan
from patchbook.plans.resetting import reset
from patchbook.plans.scenario import Scenario, scenario_of
from patchbook.plans.standing import state_now
from patchbook.plans.state import parsed, state_from
from patchbook.web.jobs import ENDED, Job, Jobs
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Posted
from patchbook.web.pages.studies import StudyCard, cards
from patchbook.web.pages.workbench.beside import Beside, jobs_of, telling
from patchbook.web.pages.workbench.carve_form import LayerSettings, layers_of, settings_of, whole
from patchbook.web.pages.workbench.router import router

TEMPLATE = "workbench_carve.html"


class NoTrial(NotFound):
    """There is no such carve, or not any more; what is not taken is remembered until the server stops."""

    def __init__(self) -> None:
        super().__init__("That carve is not here any more; carve again.")


BESIDE = Beside(kind="trial carve", part="carve", missing=NoTrial)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One figure of a carve beside the same of what is there."""

    name: str
    kind: str
    """percent or number."""
    today: float | None
    """By today's owners."""
    before: float | None
    """In the draft as it stands."""
    after: float | None
    """In the carve."""
    is_better: bool | None
    """Than the draft, or than today where there is no draft; nothing where they are the same."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A carve that ran, not taken yet."""

    carved: Carved
    compared: tuple[Compared, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CarvePage:
    """The dialog of a carve."""

    plan: RecordedPlan
    document: Plan
    layers: tuple[LayerSettings, ...]
    may_carve: bool
    job: Job | None
    outcome: Outcome | None
    studies: tuple[StudyCard, ...]
    """What can be asked about the carve the plan has, or will have once the outcome is taken."""

    @property
    def is_running(self) -> bool:
        """Whether a carve of the plan is under way."""
        return self.job is not None and self.job.status not in ENDED


def load(tx: Connection, plan_id: str, jobs: Jobs, *, by: Principal, at: datetime) -> CarvePage:
    """The settings of the plan's next carve, and how far the last one is."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    document = parsed(plan)
    job = BESIDE.newest(jobs, plan_id)
    return CarvePage(
        plan=plan,
        document=document,
        layers=layers_of(document),
        may_carve=plan.is_draft,
        job=job,
        outcome=job.outcome if job is not None else None,
        studies=cards(tx, plan_id, by=by, at=at),
    )


def try_carve(
    record: Record, plan_id: str, job: Job, *, fresh: bool, by: Principal, clock: Callable[[], datetime]
) -> str:
    """Carve beside the plan, which stays as it is; the outcome is left with the job."""
    with record.reading() as tx:
        prepared = prepare_carve(tx, plan_id, fresh=fresh, by=by, at=clock())
        before = scenario_of(state_now(tx, prepared.plan)) if prepared.plan.result_id is not None else None
    carved = prepared.run(telling(job), job.stop.is_set)
    result = carved.result
    draft = Draft(
        plan=result.plan, accounts=tables.accounts(result), assignments=result.assignments,
        territories=tables.territories(result),
    )  # fmt: skip
    after = scenario_of(state_from(prepared.plan, draft))
    told = result.problems["message"].head(5).to_list()
    job.outcome = Outcome(
        carved=carved, compared=tuple(_compared(result.before, before, after)), problems=tuple(map(str, told))
    )
    return ""


def _compared(today: pl.DataFrame, before: Scenario | None, after: Scenario) -> Iterable[Compared]:
    for place, spread in enumerate(after.spreads):
        column = f"{spread.measure}_deviation"
        now = today[column].abs().max() if column in today.columns and today.height else None
        was = before.spreads[place].largest_deviation if before is not None and place < len(before.spreads) else None
        yield _row(f"Furthest off {spread.measure}", "percent", now, was, spread.largest_deviation)
    for key, name in (("travel", "Travel, km an account"), ("compactness", "Compactness")):
        told = after.figures.get(key)
        if told is not None and told == told:
            was = before.figures.get(key) if before is not None else None
            yield _row(name, "number" if key == "travel" else "percent", None, was, told, lower=key == "travel")
    yield _row("Change owner", "percent", None, before.moved_share if before else None, after.moved_share)
    yield _row("Without territory", "number", None, before.unassigned if before else None, after.unassigned)
    yield _row("Vacant seats", "number", None, before.vacant_seats if before else None, after.vacant_seats)


def _row(
    name: str, kind: str, today: Any, before: float | None, after: float | None, *, lower: bool = True
) -> Compared:
    known = before if before is not None else today
    same = known is None or after is None or abs(known - after) < 1e-9
    better = None if same else (after < known) == lower  # type: ignore[operator]
    return Compared(name=name, kind=kind, today=today, before=before, after=after, is_better=better)


@router.page("/plans/{plan_id}/carve", Deed.EDIT_PLAN)
def show(plan_id: InPath, here: Looked) -> Response:
    """The dialog of a carve."""
    return here.show(TEMPLATE, load(here.tx, plan_id, jobs_of(here), by=here.person, at=here.at), block="carve")


@router.form("/plans/{plan_id}/carve", Deed.EDIT_PLAN)
def begin(plan_id: InPath, form: Posted, here: Looked, later: BackgroundTasks) -> Response:
    """Write the settings into the document where they changed, and begin to carve."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    page = load(here.tx, plan_id, jobs_of(here), by=here.person, at=here.at)
    plan = page.plan.edited()
    changes = settings_of(plan, page.document, page.layers, form)
    if changes:
        revision = whole(str(form.get("revision", plan.revision)), "the revision")
        document = reset(plan.document, changes)
        plans.change_document(here.tx, plan_id, document, revision=revision or None, by=here.person, at=here.at)
    fresh = "fresh" in form
    prepare_carve(here.tx, plan_id, fresh=fresh, by=here.person, at=here.at)
    record, clock, person = here.request.app.state.record, here.request.app.state.clock, here.person
    return BESIDE.begin(
        here, later, plan_id,
        lambda job: try_carve(record, plan_id, job, fresh=fresh, by=person, clock=clock),
    )  # fmt: skip


@router.form("/plans/{plan_id}/carve/{job_id}/stop", Deed.EDIT_PLAN)
def stop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Stop a carve; the best that was found is shown."""
    return BESIDE.stop(here, plan_id, job_id)


@router.form("/plans/{plan_id}/carve/{job_id}/take", Deed.EDIT_PLAN)
def take(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Let the carve be the plan's; names and locks are carried over, other edits stay with the carve before."""
    job = BESIDE.find(here, plan_id, job_id)
    if job.outcome is None:
        raise NoTrial
    kept = keep_result(here.tx, job.outcome.carved, by=here.person, at=here.at)
    job.outcome = None
    said = "The carve is the draft now; Studies tell what it knows."
    return here.done(f"/plans/{plan_id}", " ".join([said, *kept.not_applied]))


@router.form("/plans/{plan_id}/carve/{job_id}/drop", Deed.EDIT_PLAN)
def drop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Leave the plan as it is."""
    BESIDE.find(here, plan_id, job_id).outcome = None
    return here.done(f"/plans/{plan_id}", "The draft is as it was before the carve.")
