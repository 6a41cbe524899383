"""Splitting a territory from the workbench: into how many, what that would come to, and making it one edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import BackgroundTasks, Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.record import Record
from patchbook.errors import NotFound
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.guardrails import Refusal
from patchbook.plans.journal import Done
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.splitting import MOST_PARTS, Proposed, check_split, prepare_split
from patchbook.plans.standing import draft_now
from patchbook.web.jobs import ENDED, Job, Jobs
from patchbook.web.models import InPath
from patchbook.web.names import names_of
from patchbook.web.page import Looked
from patchbook.web.pages.workbench.beside import Beside, jobs_of, telling
from patchbook.web.pages.workbench.changing import Reason
from patchbook.web.pages.workbench.router import router
from patchbook.web.planned import Planned, planned_as

TEMPLATE = "workbench_split.html"

Name = Annotated[str, Form(max_length=200)]
Many = Annotated[int, Form(ge=0, le=1_000_000)]


class NoSplit(NotFound):
    """There is no such split, or not any more; what is not taken is remembered until the server stops."""

    def __init__(self) -> None:
        super().__init__("That split is not here any more; work it out again.")


BESIDE = Beside(kind="split", part="split", missing=NoSplit)


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What a part carries of one measure."""

    measure: str
    actual: float
    target: float | None
    deviation: float | None
    """From its target."""
    is_beyond: bool
    """Whether it is further from its target than is allowed."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A territory before the split, or a part after it."""

    name: str
    who: str | None
    around: str
    """The place most of its accounts are in; empty where that is not known."""
    accounts: int
    carried: tuple[Carried, ...]
    travel_km: float | None


@dataclass(frozen=True, kw_only=True)
class SplitPage:
    """The dialog of a split."""

    plan: RecordedPlan
    names: tuple[str, ...]
    """The territories there are to split."""
    territory: str
    into: int
    most: int
    job: Job | None
    proposed: Proposed | None
    before: Row | None
    parts: tuple[Row, ...]
    moving: int
    """Accounts that leave the territory."""
    owned: int
    """Of them, those whose owner today is its person."""
    is_stale: bool
    """Whether the draft was changed since the split was worked out."""
    refusals: tuple[Refusal, ...]

    @property
    def is_running(self) -> bool:
        """Whether a split of the plan is being worked out."""
        return self.job is not None and self.job.status not in ENDED


def load(tx: Connection, plan_id: str, jobs: Jobs, *, territory: str = "", by: Principal, at: datetime) -> SplitPage:
    """
    What was worked out last for the plan, or what may be asked.

    Parameters
    ----------
    territory
        The one that is to be split, where nothing is worked out yet.
    """
    plan = plans.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        raise NotCarved(plan)
    planned = planned_as(tx, plan)
    job = BESIDE.newest(jobs, plan_id)
    proposed = job.outcome if job is not None and job.status in ENDED else None
    assert proposed is None or isinstance(proposed, Proposed)
    is_stale = proposed is not None and proposed.revision != plan.revision
    shown = proposed if not is_stale else None
    before, parts, moving, owned = (None, (), 0, 0) if shown is None else _figures(tx, planned, shown, by, at)
    return SplitPage(
        plan=plan,
        names=planned.names,
        territory=proposed.edit.territory if proposed is not None else territory,
        into=len(proposed.edit.parts) + 1 if proposed is not None else 2,
        most=MOST_PARTS,
        job=job,
        proposed=shown,
        before=before,
        parts=parts,
        moving=moving,
        owned=owned,
        is_stale=is_stale,
        refusals=plans.refused(tx, plan, shown.edit, at=at) if shown is not None and plan.is_draft else (),
    )


def _figures(
    tx: Connection, planned: Planned, proposed: Proposed, by: Principal, at: datetime
) -> tuple[Row, tuple[Row, ...], int, int]:
    """The territory as it is, its parts as they would be, and how many accounts leave it or their owner."""
    whole = proposed.edit.territory
    draft = draft_now(tx, planned.plan)
    now = {row["territory"]: row for row in draft.territories_now(shapes=False).iter_rows(named=True)}
    owned = dict(draft.assignments_now().select("account_id", "previous_owner").iter_rows())
    leaving = [one for part in proposed.edit.parts for accounts in part.accounts.values() for one in accounts]
    after = draft.apply([Done(edit=proposed.edit, by=by.person_id, at=at, overruled=True)])
    then = {row["territory"]: row for row in after.territories_now(shapes=False).iter_rows(named=True)}
    person = now[whole]["person"]
    called = names_of(tx, [person] if person else [], seen_by=by, at=at)

    def row(told: Mapping[str, Any]) -> Row:
        who = told["person"]
        return Row(
            name=told["territory"],
            who=called.get(who, who) if who else None,
            around=proposed.around.get(told["territory"], "") if told is not now[whole] else "",
            accounts=told["accounts"],
            carried=tuple(_carried(planned, told)),
            travel_km=told["travel_km"],
        )

    parts = tuple(row(then[name]) for name in (whole, *(part.territory for part in proposed.edit.parts)))
    return row(now[whole]), parts, len(leaving), sum(owned.get(one) == person for one in leaving if person)


def _carried(planned: Planned, told: Mapping[str, Any]) -> Iterator[Carried]:
    for measure in planned.state.measures:
        off, allowed = told[f"{measure}_deviation"], planned.tolerances.get(measure)
        yield Carried(
            measure=measure,
            actual=told[f"{measure}_actual"] or 0.0,
            target=told[f"{measure}_target"],
            deviation=off,
            is_beyond=off is not None and allowed is not None and abs(off) > allowed + 1e-9,
        )


def work_out(
    record: Record, plan_id: str, territory: str, into: int, job: Job, *, by: Principal, clock: Callable[[], datetime]
) -> str:
    """Work a split out beside the plan, which stays as it is; what was found is left with the job."""
    with record.reading() as tx:
        prepared = prepare_split(tx, plan_id, territory, into, by=by, at=clock())
    job.outcome = prepared.run(telling(job), job.stop.is_set)
    return ""


@router.page("/plans/{plan_id}/split", Deed.EDIT_PLAN)
def show(plan_id: InPath, here: Looked, territory: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The dialog of a split."""
    page = load(here.tx, plan_id, jobs_of(here), territory=territory, by=here.person, at=here.at)
    return here.show(TEMPLATE, page, block="split")


@router.form("/plans/{plan_id}/split", Deed.EDIT_PLAN)
def begin(plan_id: InPath, here: Looked, later: BackgroundTasks, territory: Name = "", parts: Many = 2) -> Response:
    """Begin to work a split out, beside this request."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    check_split(here.tx, plan_id, territory, parts, by=here.person, at=here.at)
    record, clock, person = here.request.app.state.record, here.request.app.state.clock, here.person
    return BESIDE.begin(
        here, later, plan_id,
        lambda job: work_out(record, plan_id, territory, parts, job, by=person, clock=clock),
    )  # fmt: skip


@router.form("/plans/{plan_id}/split/{job_id}/stop", Deed.EDIT_PLAN)
def stop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """End it; the best that was found is shown."""
    return BESIDE.stop(here, plan_id, job_id)


@router.form("/plans/{plan_id}/split/{job_id}/take", Deed.EDIT_PLAN)
def take(plan_id: InPath, job_id: InPath, here: Looked, why: Reason = "", overrule: Reason = "") -> Response:
    """Make the split: one edit of the draft, which can be undone."""
    job = BESIDE.find(here, plan_id, job_id)
    proposed = job.outcome
    if not isinstance(proposed, Proposed):
        raise NoSplit
    plans.edit(
        here.tx, plan_id, proposed.edit, why=why or None, revision=proposed.revision, overrule=overrule or None,
        by=here.person, at=here.at,
    )  # fmt: skip
    job.outcome = None
    into = len(proposed.edit.parts) + 1
    return here.done(f"/plans/{plan_id}", f"{proposed.edit.territory} is split in {into}; undo takes it back.")


@router.form("/plans/{plan_id}/split/{job_id}/drop", Deed.EDIT_PLAN)
def drop(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """Leave the plan as it is."""
    BESIDE.find(here, plan_id, job_id).outcome = None
    return here.done(f"/plans/{plan_id}", "The draft is as it was before the split.")
