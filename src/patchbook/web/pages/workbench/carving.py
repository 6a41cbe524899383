"""Carving from the workbench: settings, progress, and the result beside what is there, to take or to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import BackgroundTasks
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.carving.solution import Progress
from patchbook.db.record import Record
from patchbook.errors import BadInput, NotFound
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.job import Carved, keep_result, prepare_carve
from patchbook.plans.journal import Draft
from patchbook.plans.life import RecordedPlan
from patchbook.plans.out import tables
from patchbook.plans.plan import CarveLayer, Plan, RuleLayer
from patchbook.plans.resetting import Path, reset
from patchbook.plans.scenario import Scenario, scenario_of
from patchbook.plans.standing import state_now
from patchbook.plans.state import parsed, state_from
from patchbook.web.jobs import ENDED, Job, Jobs, JobStatus
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Posted
from patchbook.web.pages.studies import StudyCard, cards
from patchbook.web.pages.workbench.router import router

TRIAL = "trial carve"
TEMPLATE = "workbench_carve.html"
AS_BEFORE = "from people"


class NoTrial(NotFound):
    """There is no such carve, or not any more; what is not taken is remembered until the server stops."""

    def __init__(self) -> None:
        super().__init__("That carve is not here any more; carve again.")


class BadSetting(BadInput):
    """A setting of the carve cannot be meant."""


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
class LayerSettings:
    """What can be set of one carve layer."""

    number: int
    """Among the layers of the document."""
    layer: CarveLayer

    @property
    def seats(self) -> str:
        """As it is written; nothing for seats by a measure, which the dialog leaves alone."""
        return str(self.layer.seats) if isinstance(self.layer.seats, int | str) else ""

    @property
    def similar(self) -> str:
        """Fields and weights as one types them: `industry, employees = 2`."""
        return ", ".join(
            field if weight == 1 else f"{field} = {weight:g}" for field, weight in self.layer.similar.items()
        )


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
    job = next(iter(jobs.of(TRIAL, plan_id)), None)
    return CarvePage(
        plan=plan,
        document=document,
        layers=_layers(document),
        may_carve=plan.is_draft,
        job=job,
        outcome=job.outcome if job is not None else None,
        studies=cards(tx, plan_id, by=by, at=at),
    )


OWN_AREAS = "own areas"
"""What the form says where the document names a file of areas."""


def settings_of(page: CarvePage, form: Mapping[str, Any]) -> dict[Path, Any]:
    """The settings a form asks for that the document does not have yet."""
    found: dict[Path, Any] = {}

    def ask(path: Path, now: Any, wanted: Any) -> None:
        if wanted != now:
            found[path] = wanted

    for measure in page.document.measures:
        if (told := str(form.get(f"tolerance.{measure.name}", ""))).strip():
            wanted = _share(told, f"the tolerance of {measure.name}")
            if abs(wanted - measure.tolerance) > 1e-9:
                found["measures", measure.name, "tolerance"] = f"{wanted * 100:g}%"
    for one in page.layers:
        layer, at, name = one.layer, ("layers", one.number, "carve"), f"layer.{one.number}."
        if f"{name}there" not in form:
            continue
        if one.seats:
            ask((*at, "seats"), layer.seats, _seats(str(form.get(f"{name}seats", "")), layer.name))
        ask((*at, "vacant"), layer.vacant, _whole(str(form.get(f"{name}vacant", "0")), "vacant seats"))
        ask((*at, "compact"), layer.compact, f"{name}compact" in form)
        contiguous = str(form.get(f"{name}contiguous", "")) or None
        if contiguous != OWN_AREAS:  # a file of areas is written in the document, and stays as it is
            ask((*at, "contiguous"), layer.contiguous, contiguous)
        similar = _similar(str(form.get(f"{name}similar", "")), layer.name)
        if similar != layer.similar:
            weights = {field: _plain(weight) for field, weight in similar.items()}
            found[*at, "similar"] = (list(weights) if set(weights.values()) <= {1} else weights) or None
        ask((*at, "keep", "families"), layer.keep.families, f"{name}families" in form)
        ask((*at, "keep", "owners"), layer.keep.owners, "prefer" if f"{name}owners" in form else "ignore")
        most = str(form.get(f"{name}moved_at_most", "")).strip()
        share = _share(most, "the accounts that may move") if most else None
        if share != layer.keep.moved_at_most:
            found[*at, "keep", "moved_at_most"] = None if share is None else f"{share * 100:g}%"
        balance = tuple(m.name for m in page.document.measures if f"{name}balance.{m.name}" in form)
        now = layer.balance or tuple(m.name for m in page.document.measures)
        if balance and balance != now:
            found[*at, "balance"] = list(balance)
    if (seconds := str(form.get("seconds", "")).strip()) and _number(seconds, "the time") != page.plan.seconds:
        found["seconds",] = _plain(_number(seconds, "the time"))
    if (seed := str(form.get("seed", "")).strip()) and _whole(seed, "the seed") != page.plan.seed:
        found["seed",] = _whole(seed, "the seed")
    return found


def try_carve(
    record: Record, plan_id: str, job: Job, *, fresh: bool, by: Principal, clock: Callable[[], datetime]
) -> str:
    """Carve beside the plan, which stays as it is; the outcome is left with the job."""

    def progress(now: Progress) -> None:
        job.progress = f"{now.phase}, {now.done:.0%}"

    with record.reading() as tx:
        prepared = prepare_carve(tx, plan_id, fresh=fresh, by=by, at=clock())
        before = scenario_of(state_now(tx, prepared.plan)) if prepared.plan.result_id is not None else None
    carved = prepared.run(progress, job.stop.is_set)
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
    return here.show(TEMPLATE, load(here.tx, plan_id, _jobs(here), by=here.person, at=here.at), block="carve")


@router.form("/plans/{plan_id}/carve", Deed.EDIT_PLAN)
def begin(plan_id: InPath, form: Posted, here: Looked, later: BackgroundTasks) -> Response:
    """Write the settings into the document where they changed, and begin to carve."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    page = load(here.tx, plan_id, _jobs(here), by=here.person, at=here.at)
    plan = page.plan.edited()
    changes = settings_of(page, form)
    if changes:
        revision = _whole(str(form.get("revision", plan.revision)), "the revision")
        document = reset(plan.document, changes)
        plans.change_document(here.tx, plan_id, document, revision=revision or None, by=here.person, at=here.at)
    fresh = "fresh" in form
    prepare_carve(here.tx, plan_id, fresh=fresh, by=here.person, at=here.at)
    jobs, record, clock = _jobs(here), here.request.app.state.record, here.request.app.state.clock
    for other in jobs.of(TRIAL, plan_id):
        other.stop.set()
        other.outcome = None
    job = jobs.add(TRIAL, plan_id, by=here.person.person_id, at=here.at)
    person = here.person
    later.add_task(jobs.begin, job, lambda job: try_carve(record, plan_id, job, fresh=fresh, by=person, clock=clock))
    response = here.done(f"/plans/{plan_id}/carve")
    response.background = later
    return response


@router.form("/plans/{plan_id}/carve/{job_id}/stop", Deed.EDIT_PLAN)
def stop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Stop a carve; the best that was found is shown."""
    _job(here, plan_id, job_id).stop.set()
    return here.done(f"/plans/{plan_id}/carve")


@router.form("/plans/{plan_id}/carve/{job_id}/take", Deed.EDIT_PLAN)
def take(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Let the carve be the plan's; names and locks are carried over, other edits stay with the carve before."""
    job = _job(here, plan_id, job_id)
    if job.outcome is None:
        raise NoTrial
    kept = keep_result(here.tx, job.outcome.carved, by=here.person, at=here.at)
    job.outcome = None
    said = "The carve is the draft now; Studies tell what it knows."
    return here.done(f"/plans/{plan_id}", " ".join([said, *kept.not_applied]))


@router.form("/plans/{plan_id}/carve/{job_id}/drop", Deed.EDIT_PLAN)
def drop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Leave the plan as it is."""
    _job(here, plan_id, job_id).outcome = None
    return here.done(f"/plans/{plan_id}", "The draft is as it was before the carve.")


def _jobs(here: Looked) -> Jobs:
    found: Jobs = here.request.app.state.jobs
    return found


def _job(here: Looked, plan_id: str, job_id: str) -> Job:
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    plan_store.get(here.tx, plan_id, by=here.person, at=here.at)
    job = _jobs(here).find(job_id, kind=TRIAL, subject=plan_id)
    if job is None or (job.status in ENDED and job.status not in (JobStatus.DONE, JobStatus.STOPPED)):
        raise NoTrial
    return job


def _layers(document: Plan) -> tuple[LayerSettings, ...]:
    written = [layer for layer in document.layers if not (isinstance(layer, RuleLayer) and layer.catches_all)]
    return tuple(
        LayerSettings(number=number, layer=layer)
        for number, layer in enumerate(written)
        if isinstance(layer, CarveLayer)
    )


def _similar(told: str, layer: str) -> dict[str, float]:
    """Fields and weights from what was typed."""
    found: dict[str, float] = {}
    for part in told.split(","):
        field, is_weighted, weight = (piece.strip() for piece in part.partition("="))
        if field:
            found[field] = _number(weight, f"the weight of {field} in {layer}") if is_weighted else 1.0
    return found


def _share(told: str, what: str) -> float:
    return _number(told.replace("%", "").replace(",", ".").strip(), what) / 100


def _number(told: str, what: str) -> float:
    try:
        value = float(told)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise BadSetting(f"{told!r} is no number for {what}; write it as 5 or 2.5.")
    return value


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _whole(told: str, what: str) -> int:
    if not told.strip().isdecimal() or len(told.strip()) > 9:
        raise BadSetting(f"{told!r} is no whole number of {what}.")
    return int(told)


def _seats(told: str, layer: str) -> int | str:
    told = told.strip()
    return AS_BEFORE if told in ("", AS_BEFORE) else _whole(told, f"seats of {layer}")
