"""Publishing: everything a plan would change, looked through first; then done beside the page, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import polars as pl
from fastapi import Depends, Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from patchbook.errors import Conflict, NotAllowed
from patchbook.holdovers.holdover import MOVE_ALL, HoldoverRule, Policy, Treatment
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.period import instant
from patchbook.plans import store as plan_store
from patchbook.plans.life import RecordedPlan
from patchbook.publishing import actions as publishing
from patchbook.publishing.looked import dry_run
from patchbook.publishing.publication import WARNINGS, DryRun, PlanWarning, Publication
from patchbook.web.as_csv import safe_csv
from patchbook.web.jobs import ENDED, Job, Jobs, begin_in_turn
from patchbook.web.models import InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Pages
from patchbook.web.progress import PUBLISH, progress_of
from patchbook.words import counted, listed

PAGE_SIZE = 100
VIEWS = ("changes", "people", "territories", "deals")
NOW = "now"

router = Pages()


class LookAgain(Conflict):
    """Publishing would bring up warnings that nobody has ticked."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """From when a plan is to hold, and what becomes of exceptions and open deals."""

    on: str = ""
    """`now`, or a day; the plan's own day where nothing is said and that is to come."""
    keep_exceptions: bool = True
    deals: Treatment = Treatment.MOVE
    days: int = 60

    def of(self, plan: RecordedPlan, at: datetime) -> Choice:
        """With the day filled in."""
        if self.on:
            return self
        day = plan.effective
        on = day.isoformat() if day is not None and day > at.astimezone(UTC).date() else NOW
        return Choice(on=on, keep_exceptions=self.keep_exceptions, deals=self.deals, days=self.days)

    @property
    def instant(self) -> datetime | None:
        """The first instant the plan would hold; None for now."""
        return None if self.on in ("", NOW) else instant(self.on)

    @property
    def policy(self) -> Policy:
        """What becomes of open deals of accounts that move."""
        if self.deals is Treatment.MOVE:
            return MOVE_ALL
        days = self.days if self.deals is Treatment.KEEP else None
        return Policy(rules=(HoldoverRule(treatment=self.deals, days=days),))

    @property
    def query(self) -> str:
        """The choice as part of an address."""
        return urlencode(
            {
                "on": self.on,
                "exceptions": "keep" if self.keep_exceptions else "end",
                "deals": self.deals.value,
                "days": self.days,
            }
        )


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """Which table of the dry run is looked at, and which rows of it."""

    view: str = "changes"
    cause: str = ""
    person_id: str = ""
    q: str = ""
    after: int = 0


@dataclass(frozen=True, kw_only=True)
class PublishPage:
    """What publishing a plan would change, a page of it, and whether it can be published."""

    plan: RecordedPlan
    choice: Choice
    run: DryRun
    narrowed: Narrowed
    rows: tuple[Mapping[str, Any], ...]
    """A page of the table looked at."""
    found: int
    """Rows of it that fit the filters."""
    next: str | None
    counts: Mapping[str, int]
    """Table → its rows."""
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    why_not: str | None
    """Why it cannot be published now, or not by whoever looks."""
    standing: Publication | None
    running: Job | None

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """What has to be ticked."""
        return self.run.warnings

    @property
    def about(self) -> Mapping[str, str]:
        """Kind of warning → what it means."""
        return WARNINGS


def load(
    tx: Connection,
    plan_id: str,
    choice: Choice,
    narrowed: Narrowed,
    *,
    running: Job | None = None,
    by: Principal,
    at: datetime,
) -> PublishPage:
    """What publishing a plan would change."""
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    choice = choice.of(plan, at)
    run = _run(tx, plan_id, choice, by, at)
    table = narrow(run, narrowed)
    rows = table.slice(narrowed.after, PAGE_SIZE).to_dicts()
    end = narrowed.after + PAGE_SIZE
    who = (row.get(name) for row in rows for name in ("from_person", "to_person", "person_id"))
    why_not = None
    try:
        publishing.refuse_unready(tx, plan_id, on=choice.instant or at, by=by, at=at)
    except (Conflict, NotAllowed) as refusal:
        why_not = str(refusal)
    return PublishPage(
        plan=plan,
        choice=choice,
        run=run,
        narrowed=narrowed,
        rows=tuple(rows),
        found=table.height,
        next=str(end) if end < table.height else None,
        counts={view: _table(run, view).height for view in VIEWS},
        people=people_named(tx, who),
        accounts=accounts_named(tx, (row["account_id"] for row in rows if row.get("account_id"))),
        why_not=why_not,
        standing=publishing.standing(tx, plan_id, by=by, at=at),
        running=running,
    )


def narrow(run: DryRun, narrowed: Narrowed) -> pl.DataFrame:
    """The table looked at, with the rows that fit the filters."""
    table = _table(run, narrowed.view)
    if narrowed.cause:
        column = {"changes": "cause", "territories": "change", "deals": "treatment"}.get(narrowed.view)
        table = table.filter(pl.col(column) == narrowed.cause) if column else table
    if narrowed.person_id:
        people = [name for name in ("from_person", "to_person", "person_id") if name in table.columns]
        table = table.filter(pl.any_horizontal(pl.col(name) == narrowed.person_id for name in people))
    if narrowed.q.strip():
        texts = [name for name, kind in table.schema.items() if kind == pl.String]
        wanted = narrowed.q.strip().lower()
        table = table.filter(
            pl.any_horizontal(
                pl.col(name).str.to_lowercase().str.contains(wanted, literal=True).fill_null(value=False)
                for name in texts
            )
        )
    return table


def _table(run: DryRun, view: str) -> pl.DataFrame:
    if view == "people":
        return run.by_person.filter((pl.col("gained") > 0) | (pl.col("lost") > 0))
    return {"territories": run.territories, "deals": run.holdovers}.get(view, run.changes)


def _run(tx: Connection, plan_id: str, choice: Choice, by: Principal, at: datetime) -> DryRun:
    return dry_run(
        tx,
        plan_id,
        on=choice.instant,
        keep_exceptions=choice.keep_exceptions,
        policy=choice.policy,
        by=by,
        at=at,
    )


def _choice(
    on: Annotated[str | None, Query(max_length=40)] = None,
    exceptions: Literal["keep", "end"] = "keep",
    deals: Treatment = Treatment.MOVE,
    days: Annotated[int, Query(ge=1, le=3650)] = 60,
) -> Choice:
    return Choice(
        on="" if on is None else on.strip() or NOW, keep_exceptions=exceptions == "keep", deals=deals, days=days
    )


def _narrowed(
    view: Literal["changes", "people", "territories", "deals"] = "changes",
    cause: Annotated[str, Query(max_length=40)] = "",
    person_id: Annotated[str, Query(max_length=200)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Narrowed:
    return Narrowed(view=view, cause=cause, person_id=person_id, q=q, after=after)


Chosen = Annotated[Choice, Depends(_choice)]
Shown = Annotated[Narrowed, Depends(_narrowed)]


@router.page("/plans/{plan_id}/publish", Deed.PUBLISH)
def show(plan_id: InPath, here: Looked, choice: Chosen, narrowed: Shown) -> Response:
    """Everything that publishing would change; nothing is written."""
    running = next(iter(_running(here, plan_id)), None)
    page = load(here.tx, plan_id, choice, narrowed, running=running, by=here.person, at=here.at)
    return here.show("publish.html", page)


@router.page("/plans/{plan_id}/publish/table.csv", Deed.PUBLISH)
def show_csv(plan_id: InPath, here: Looked, choice: Chosen, narrowed: Shown) -> Response:
    """The table looked at, for a spreadsheet."""
    plan = plan_store.get(here.tx, plan_id, by=here.person, at=here.at)
    table = narrow(_run(here.tx, plan_id, choice.of(plan, here.at), here.person, here.at), narrowed)
    headers = {"Content-Disposition": f'attachment; filename="{narrowed.view}.csv"'}
    return Response(safe_csv(table.iter_rows(), table.columns), 200, headers, "text/csv; charset=utf-8")


@router.form("/plans/{plan_id}/publish", Deed.PUBLISH)
def publish(
    plan_id: InPath,
    here: Looked,
    on: Annotated[str, Form(max_length=40)],
    exceptions: Annotated[Literal["keep", "end"], Form()] = "keep",
    deals: Annotated[Treatment, Form()] = Treatment.MOVE,
    days: Annotated[int, Form(ge=1, le=3650)] = 60,
    seen: Annotated[list[str], Form(max_length=50)] = [],  # noqa: B006
) -> Response:
    """Begin to publish, beside this request; sent again it is the same publication, and nothing is done twice."""
    choice = _choice(on, exceptions, deals, days)
    former = publishing.standing(here.tx, plan_id, by=here.person, at=here.at)
    starts = choice.instant or (former.effective if former is not None else here.at)
    done = publishing.refuse_unready(here.tx, plan_id, on=starts, by=here.person, at=here.at)
    if done is not None:
        return here.done(f"/publications/{done.publication_id}", done.says)
    running = _running(here, plan_id)
    if running:
        return here.done(f"/plans/{plan_id}/publish/{running[0].job_id}", "It is being published already.")
    jobs: Jobs = here.request.app.state.jobs
    job = jobs.add(PUBLISH, plan_id, by=here.person.person_id, at=here.at)
    record, by, at, ticked = here.request.app.state.record, here.person, here.at, frozenset(seen)

    def work(job: Job) -> str:
        def tell(phase: str) -> None:
            job.progress = phase

        with record.writing() as tx:
            tell("Looking once more at what changes")
            _refuse_unseen(_run(tx, plan_id, choice, by, at), ticked)
            made = publishing.publish(
                tx,
                plan_id,
                on=starts,
                keep_exceptions=choice.keep_exceptions,
                policy=choice.policy,
                progress=tell,
                by=by,
                at=at,
            )
        return made.publication_id

    response = here.done(f"/plans/{plan_id}/publish/{job.job_id}")
    response.background = BackgroundTask(begin_in_turn, here.request.app, job, work)
    return response


@router.page("/plans/{plan_id}/publish/{job_id}", Deed.PUBLISH)
def show_progress(plan_id: InPath, job_id: InPath, here: Looked) -> Response:
    """How far publishing is; ends in its receipt."""
    plan = plan_store.get(here.tx, plan_id, by=here.person, at=here.at)
    made = publishing.standing(here.tx, plan_id, by=here.person, at=here.at)
    return progress_of(
        here,
        job_id,
        kind=PUBLISH,
        subject=plan_id,
        title=f"Publishing {plan.name}",
        back=f"/plans/{plan_id}/publish",
        made=made.publication_id if made is not None else None,
    )


def _running(here: Looked, plan_id: str) -> list[Job]:
    jobs: Jobs = here.request.app.state.jobs
    return [job for job in jobs.of(PUBLISH, plan_id) if job.status not in ENDED]


def _refuse_unseen(run: DryRun, ticked: frozenset[str]) -> None:
    """Raise where there are warnings that whoever publishes has not ticked."""
    unseen = [one for one in run.warnings if one.kind not in ticked]
    if unseen:
        says = listed([one.message.rstrip(".") for one in unseen], most=3)
        raise LookAgain(
            f"{counted(len(unseen), 'warning is', 'warnings are')} not ticked: {says}."
            " Look at them, tick them, and publish again."
        )
