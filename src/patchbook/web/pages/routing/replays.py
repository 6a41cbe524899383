"""Replays: the past through a plan and its routing, beside what happened; computed beside the page, never recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import polars as pl
from fastapi import BackgroundTasks, Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.page import cursor_of, key_of
from patchbook.db.record import record_of
from patchbook.errors import Conflict, NotFound
from patchbook.leads import routing
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import BEGINNING, FOREVER, instant
from patchbook.plans import actions as plans
from patchbook.replay import actions
from patchbook.replay.replayed import Replayed
from patchbook.web.as_csv import safe_csv
from patchbook.web.jobs import ENDED, Job, Jobs, JobStatus
from patchbook.web.models import After, InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.routing.pools import Bar
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()

KIND, SUBJECT = "replay", "record"
MOST_KEPT = 10
"""Results remembered; older ones can be made again, and come out the same."""

A_PAGE = 50
_WORD = re.compile(r"[^\s,.;:]+")
SHOWN = 20
"""People in the chart."""


Only = Annotated[str, Query(pattern="^(moves|queue|all)$")]
"""Which decisions of a replay are shown."""


class NoReplay(NotFound):
    """There is no such replay, or not any more."""


class NotDone(Conflict):
    """A replay is still under way."""


class Stopped(Conflict):
    """Somebody stopped it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a replay was asked."""

    plan: str
    since: datetime
    until: datetime
    version: int | None
    """Of the routing document; the one in force where there is none."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A replay and what it found."""

    asked: Asked
    shown: Replayed | None = None


@dataclass(frozen=True, kw_only=True)
class ReplaysPage:
    """What the page of replays shows."""

    tabs: tuple[Tab, ...]
    jobs: tuple[Job, ...]
    plans: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    is_under_way: bool
    since: str
    until: str


@dataclass(frozen=True, kw_only=True)
class ReplayPage:
    """What the page of one replay shows."""

    tabs: tuple[Tab, ...]
    job: Job
    shown: Replayed | None
    says: str
    is_under_way: bool
    bars: tuple[Bar, ...]
    names: dict[str, str]
    differences: tuple[dict[str, Any], ...]
    next: str | None
    only: str


def load(tx: Connection, jobs: Jobs, *, by: Principal, at: datetime) -> ReplaysPage:
    """The replays there are, and what one can be made of."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    found = jobs.of(KIND, SUBJECT)
    carved = [one for one in plans.plans(tx, limit=200, by=by, at=at).rows if one.result_id is not None]
    kept = routing.versions(tx, limit=50, by=by, at=at).rows
    return ReplaysPage(
        tabs=tabs(by),
        jobs=tuple(found),
        plans=(("", "The plan that holds now"), *((one.plan_id, f"{one.name} ({one.status})") for one in carved)),
        versions=(("", "In force"), *((str(one.version), f"Version {one.version}") for one in kept)),
        is_under_way=any(one.status not in ENDED for one in found),
        since=(at - timedelta(days=90)).date().isoformat(),
        until="",
    )


def load_one(
    tx: Connection, job: Job, *, only: str = "moves", after: str | None = None, by: Principal, at: datetime
) -> ReplayPage:
    """One replay, and a page of what differs in it."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    shown: Replayed | None = job.outcome.shown
    rows, following = _differences(shown, only, after) if shown is not None else ((), None)
    whom = {one for row in rows for one in (row["person_id"], row["was"]) if one is not None}
    if shown is not None:
        whom |= {one.person_id for one in shown.people}
    names = people.names(tx, sorted(whom))
    return ReplayPage(
        tabs=tabs(by),
        job=job,
        shown=shown,
        says=_in_names(shown.says, names) if shown is not None else job.detail or "",
        is_under_way=job.status not in ENDED,
        bars=_bars(shown, names) if shown is not None else (),
        names=names,
        differences=rows,
        next=following,
        only=only,
    )


def _in_names(says: str, names: dict[str, str]) -> str:
    """The sentence with the names of people for their ids, which stand in it as words."""
    return _WORD.sub(lambda found: names.get(found.group(), found.group()), says)


def _rows(shown: Replayed, only: str) -> pl.DataFrame:
    frame = shown.decisions.with_row_index("line", offset=1)
    if only == "moves":
        return frame.filter(pl.col("moves").fill_null(value=False))
    if only == "queue":
        return frame.filter(pl.col("person_id").is_null())
    return frame


def _differences(shown: Replayed, only: str, after: str | None) -> tuple[tuple[dict[str, Any], ...], str | None]:
    rows = _rows(shown, only)
    if after is not None:
        rows = rows.filter(pl.col("line") > key_of(after, int)[0])
    page = rows.head(A_PAGE).to_dicts()
    return tuple(page), cursor_of(page[-1]["line"]) if rows.height > A_PAGE else None


def _bars(shown: Replayed, names: dict[str, str]) -> tuple[Bar, ...]:
    some = shown.people[:SHOWN]
    most = max((max(one.gets, one.had) for one in some), default=0) or 1
    return tuple(
        Bar(
            name=names.get(one.person_id, one.person_id),
            one=one.gets / most,
            two=one.had / most,
            said=f"{one.gets:,}, had {one.had:,}",
        )
        for one in some
    )


def _find(here: Looked, job_id: str) -> Job:
    found: Job | None = here.request.app.state.jobs.find(job_id, kind=KIND, subject=SUBJECT)
    if found is None or found.outcome is None:
        raise NoReplay("There is no such replay any more: they are kept until the server stops; start it again.")
    return found


@router.page("/routing/replays", Deed.EDIT_PLAN)
def show_replays(here: Looked) -> Response:
    """The page of replays."""
    page = load(here.tx, here.request.app.state.jobs, by=here.person, at=here.at)
    return here.show("routing/replays.html", page, block="results")


@router.form("/routing/replays", Deed.EDIT_PLAN)
def start_replay(
    here: Looked,
    later: BackgroundTasks,
    plan_id: Annotated[str, Form(max_length=200)] = "",
    since: Annotated[str, Form(max_length=40)] = "",
    until: Annotated[str, Form(max_length=40)] = "",
    version: Annotated[str, Form(max_length=12, pattern=r"^\d*$")] = "",
) -> Response:
    """Begin one beside the page."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    start = instant(since) if since else BEGINNING
    end = instant(until) if until else FOREVER
    called = plans.get(here.tx, plan_id, by=here.person, at=here.at).name if plan_id else "the plan that holds now"
    document = None
    if version:
        document = routing.get_routing(here.tx, int(version), by=here.person, at=here.at).document
    jobs: Jobs = here.request.app.state.jobs
    record, by, at = record_of(here.tx), here.person, here.at
    job = jobs.add(KIND, SUBJECT, by=by.person_id, at=at)
    asked = Asked(plan=called, since=start, until=end, version=int(version) if version else None)
    job.outcome = Found(asked=asked)

    def work(running: Job) -> str:
        def tell(done: int, of: int) -> None:
            if running.stop.is_set():
                raise Stopped("It was stopped before its end.")
            if done % 50 == 0 or done == of:
                running.progress = f"{done:,} of {of:,}"

        with record.reading() as tx:
            shown = actions.replay(
                tx, plan_id or None, since=start, until=end, routing=document, progress=tell, by=by, at=at
            )
        running.outcome = Found(asked=asked, shown=shown)
        for old in jobs.of(KIND, SUBJECT)[MOST_KEPT:]:
            old.outcome = None
        return shown.says

    later.add_task(jobs.begin, job, work)
    return here.done(f"/routing/replays/{job.job_id}")


@router.page("/routing/replays/{job_id}", Deed.EDIT_PLAN)
def show_replay(here: Looked, job_id: InPath, only: Only = "moves", after: After = None) -> Response:
    """One replay."""
    page = load_one(here.tx, _find(here, job_id), only=only, after=after, by=here.person, at=here.at)
    return here.show("routing/replay.html", page, block="results")


@router.form("/routing/replays/{job_id}/stop", Deed.EDIT_PLAN)
def stop_replay(here: Looked, job_id: InPath) -> Response:
    """Stop it."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    job = _find(here, job_id)
    if job.status not in ENDED:
        job.stop.set()
    return here.done(f"/routing/replays/{job_id}", "It stops.")


@router.page("/routing/replays/{job_id}/decisions.csv", Deed.EDIT_PLAN)
def download_replay(here: Looked, job_id: InPath, only: Only = "moves") -> Response:
    """What differs, or all of it, as CSV."""
    allow(here.tx, here.person, Deed.EDIT_PLAN, at=here.at)
    job = _find(here, job_id)
    if job.status is not JobStatus.DONE or job.outcome.shown is None:
        raise NotDone("The replay is not done yet; wait till it is.")
    frame = _rows(job.outcome.shown, only)
    headers = {"Content-Disposition": f'attachment; filename="replay-{only if only.isalpha() else "all"}.csv"'}
    return Response(safe_csv(frame.iter_rows(), frame.columns), 200, headers, "text/csv; charset=utf-8")
