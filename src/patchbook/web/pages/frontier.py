"""The frontier of a plan: what less disruption costs in balance and travel, tried out; and taking one of the points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from patchbook.db.record import Record
from patchbook.errors import Conflict
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import trying
from patchbook.plans.frontier import Point, counted_otherwise, disruption_by
from patchbook.plans.scenario import moved_of
from patchbook.plans.state import parsed
from patchbook.web.frontier_chart import Chart, Dot, chart
from patchbook.web.jobs import ENDED, Job, JobNow, Jobs, now_of, progress_of
from patchbook.web.models import InPath
from patchbook.web.page import Here, Looked, Pages
from patchbook.web.pages.plans import KINDS
from patchbook.web.plan_figures import figures
from patchbook.web.planned import planned
from patchbook.words import counted

FRONTIER = "frontier"
SECONDS = ((10, "10 seconds"), (60, "a minute"), (600, "ten minutes"))
"""How long the carve that the others are begun from may take at most."""

router = Pages()


class AlreadyTrying(Conflict):
    """The settings of a plan are tried, or wait to be."""


@dataclass(frozen=True, kw_only=True)
class FrontierPage:
    """What the page of the frontier shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    revision: int
    is_carved: bool
    is_draft: bool
    may_edit: bool
    chart: Chart | None
    dots: tuple[Dot, ...]
    """In the order of the table: those with the least disruption first."""
    chosen: Dot | None
    by: str | None
    """The measure that what changes owner is counted by; accounts without one."""
    note: str | None
    """Why accounts are counted although a carve says otherwise."""
    chosen_is_now: bool
    """Whether the draft has that carve already."""
    result_id: str | None
    seconds: tuple[tuple[int, str], ...]
    job: JobNow | None


def load(
    tx: Connection, plan_id: str, *, point: str = "", job: Job | None = None, by: Principal, at: datetime
) -> FrontierPage:
    """
    What was tried of a plan's settings.

    Parameters
    ----------
    point
        The key of the point that is looked at.
    job
        The trial that waits, runs or ended last.
    """
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plans.get(tx, plan_id, by=by, at=at)
    points: tuple[Point, ...] = trying.tried(tx, plan_id, by=by, at=at)
    document = parsed(plan)
    by_measure = disruption_by(document)
    known = figures(tx, plan, by=by, at=at)
    now = None
    if known is not None:
        off = [one.largest_deviation for one in known.scenario.spreads if one.largest_deviation is not None]
        moved = known.scenario.moved_share
        if by_measure is not None:
            moved = moved_of(planned(tx, plan_id, by=by, at=at).state, by_measure)[1]
        now = (moved or 0.0, max(off, default=0.0))
    drawn = chart(points, now) if points else None
    dots = tuple(sorted(drawn.dots, key=lambda dot: dot.point.figures)) if drawn else ()
    chosen = next((dot for dot in dots if dot.point.tuning.key == point), None)
    return FrontierPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        revision=plan.revision,
        is_carved=plan.result_id is not None,
        is_draft=plan.is_draft,
        may_edit=may(by, Deed.EDIT_PLAN),
        chart=drawn,
        dots=dots,
        chosen=chosen,
        by=by_measure,
        note=counted_otherwise(document),
        chosen_is_now=chosen is not None and chosen.point.result_id == plan.result_id,
        result_id=plan.result_id,
        seconds=SECONDS,
        job=now_of(job),
    )


@router.page("/plans/{plan_id}/frontier", Deed.SEE_EVERYONE)
def show(plan_id: InPath, here: Looked, point: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What was tried of a plan's settings."""
    page = load(here.tx, plan_id, point=point, job=_newest(here, plan_id), by=here.person, at=here.at)
    return here.show("frontier.html", page, block="points")


@router.page("/plans/{plan_id}/frontier/progress", Deed.SEE_EVERYONE)
def progress(plan_id: InPath, here: Looked) -> Response:
    """How far the trial is, for the page that waits for it."""
    plans.get(here.tx, plan_id, by=here.person, at=here.at)
    return progress_of(_newest(here, plan_id))


@router.form("/plans/{plan_id}/frontier", Deed.EDIT_PLAN)
def begin(plan_id: InPath, here: Looked, seconds: Annotated[float, Form()] = 60.0) -> Response:
    """Try the settings of a draft, beside this request."""
    trying.check_trial(here.tx, plan_id, seconds=seconds, by=here.person, at=here.at)
    jobs: Jobs = here.request.app.state.jobs
    running = _newest(here, plan_id)
    if running is not None and running.status not in ENDED:
        raise AlreadyTrying("Its settings are being tried already; wait for that, or stop it first.")
    job = jobs.add(FRONTIER, plan_id, by=here.person.person_id, at=here.at)
    record: Record = here.request.app.state.record
    person, at = here.person, here.at

    def work(job: Job) -> str:
        job.progress = "Gathering accounts, people and owners"
        with record.reading() as tx:
            trial = trying.prepare_trial(tx, plan_id, seconds=seconds, by=person, at=at)

        def tried(number: int) -> None:
            job.progress = (
                f"Carved {counted(number, 'way')}; trying on for {trial.wanted} that nothing beats"
                if number
                else "Carving the plan as it is written, to begin from"
            )

        points = trial.run(tried=tried, stop=job.stop.is_set)
        return f"{counted(len(points), 'carve')} tried."

    response = here.done(f"/plans/{plan_id}/frontier", "The settings are being tried; the points appear one by one.")
    response.background = BackgroundTask(jobs.begin, job, work)
    return response


@router.form("/plans/{plan_id}/frontier/stop", Deed.EDIT_PLAN)
def stop(plan_id: InPath, here: Looked) -> Response:
    """End a trial; what was found so far stays."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    plans.get(here.tx, plan_id, by=here.person, at=here.at)
    running = _newest(here, plan_id)
    if running is not None:
        running.stop.set()
    return here.done(f"/plans/{plan_id}/frontier", "Stopped; the points found so far stay.")


@router.form("/plans/{plan_id}/frontier/scenario", Deed.EDIT_PLAN)
def make_scenario(
    plan_id: InPath,
    here: Looked,
    point: Annotated[str, Form(max_length=200)],
    name: Annotated[str, Form(max_length=200)],
) -> Response:
    """A scenario with the settings and the carve of a point."""
    made = trying.make_scenario(here.tx, plan_id, point, name=name, by=here.person, at=here.at)
    return here.done(f"/plans/{made.plan_id}", f"{made.name} is a scenario with those settings and that carve.")


@router.form("/plans/{plan_id}/frontier/choice", Deed.EDIT_PLAN)
def take(
    plan_id: InPath,
    here: Looked,
    point: Annotated[str, Form(max_length=200)],
    revision: Annotated[int, Form(ge=1)],
) -> Response:
    """Give the draft itself the settings and the carve of a point."""
    kept = trying.take(here.tx, plan_id, point, revision=revision, by=here.person, at=here.at)
    left = f" Not carried over: {' '.join(kept.not_applied)}" if kept.not_applied else ""
    return here.done(f"/plans/{plan_id}/frontier?point={point}", f"{kept.plan.name} has that carve now.{left}")


def _newest(here: Here, plan_id: str) -> Job | None:
    jobs: Jobs = here.request.app.state.jobs
    return next(iter(jobs.of(FRONTIER, plan_id)), None)
