"""What was published: the list, a receipt for each, and taking one back after a look at what that would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from patchbook.audit import actions as audit
from patchbook.audit import store as audit_store
from patchbook.audit.event import Event
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import store as plan_store
from patchbook.publishing import actions as publishing
from patchbook.publishing.publication import Kind, NotRolledBack, Publication, RollbackDryRun
from patchbook.web.jobs import ENDED, Job, Jobs, begin_in_turn
from patchbook.web.models import After, AnId, InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Pages
from patchbook.web.progress import ROLL_BACK, progress_of

PAGE_SIZE = 50
MOST_SHOWN = 200

router = Pages()


@dataclass(frozen=True, kw_only=True)
class PublicationsPage:
    """What was published and rolled back, newest first."""

    rows: tuple[Publication, ...]
    next: str | None
    plans: Mapping[str, str]
    people: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Trace:
    """An event of the audit trail with its digest."""

    event: Event
    digest: str | None


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """One publication, and what the audit trail says of it."""

    publication: Publication
    plan_id: str
    plan_name: str
    people: Mapping[str, str]
    traces: tuple[Trace, ...]
    """The event of the deed, and of its roll back where it was taken back."""
    rolled_back_by: str | None
    """The id of the publication that took it back."""
    may_roll_back: bool
    refusal: str | None
    """Why it cannot be taken back, to those who otherwise could."""
    is_to_come: bool


@dataclass(frozen=True, kw_only=True)
class RollbackPage:
    """What taking a publication back would do."""

    run: RollbackDryRun
    plan_name: str
    reinstated: str | None
    """The name of the plan that would hold again."""
    accounts: Mapping[str, str]
    running: Job | None
    most_shown: int = MOST_SHOWN


def load_list(
    tx: Connection, *, plan_id: str | None = None, after: str | None = None, by: Principal, at: datetime
) -> PublicationsPage:
    """What was published and rolled back."""
    found = publishing.publications(tx, plan_id=plan_id, after=after, limit=PAGE_SIZE, by=by, at=at)
    return PublicationsPage(
        rows=found.rows,
        next=found.next_cursor,
        plans=plan_store.names(tx, sorted({one.plan_id for one in found.rows})),
        people=people_named(tx, (one.by for one in found.rows)),
        at=at,
    )


def load(tx: Connection, publication_id: str, *, by: Principal, at: datetime) -> ReceiptPage:
    """One publication."""
    made = publishing.get(tx, publication_id, by=by, at=at)
    back = publishing.rolled_back_by(tx, publication_id) if made.is_rolled_back else None
    wanted = {publication_id, back}
    events = [
        one
        for deed in ("publish", "roll back")
        for one in audit.trail(tx, subject=made.plan_id, kind="plan", deed=deed, limit=1000, by=by, at=at).rows
        if (one.after or {}).get("publication") in wanted
    ]
    could = made.kind is Kind.PUBLISH and not made.is_rolled_back and may(by, Deed.ROLL_BACK)
    refusal = _refusal(tx, publication_id, by=by, at=at) if could else None
    return ReceiptPage(
        publication=made,
        plan_id=made.plan_id,
        plan_name=plan_store.get(tx, made.plan_id).name,
        people=people_named(tx, (made.by, *(one.by for one in events))),
        traces=tuple(
            Trace(event=one, digest=audit_store.digest_of_event(tx, one.number))
            for one in sorted(events, key=lambda one: one.number)
        ),
        rolled_back_by=back,
        may_roll_back=could and refusal is None,
        refusal=refusal,
        is_to_come=made.effective > at,
    )


def _refusal(tx: Connection, publication_id: str, *, by: Principal, at: datetime) -> str | None:
    try:
        publishing.refuse_no_rollback(tx, publication_id, by=by, at=at)
    except NotRolledBack as refusal:
        return str(refusal)
    return None


def load_rollback(
    tx: Connection, publication_id: str, *, running: Job | None = None, by: Principal, at: datetime
) -> RollbackPage:
    """What taking a publication back would do."""
    run = publishing.dry_rollback(tx, publication_id, by=by, at=at)
    names = plan_store.names(tx, [one for one in (run.publication.plan_id, run.reinstated) if one])
    return RollbackPage(
        run=run,
        plan_name=names[run.publication.plan_id],
        reinstated=names.get(run.reinstated) if run.reinstated else None,
        accounts=accounts_named(tx, (one.key for one in run.changed_since[:MOST_SHOWN] if one.table != "staffing")),
        running=running,
    )


@router.page("/publications", Deed.EDIT_PLAN)
def show_list(here: Looked, plan_id: AnId = None, after: After = None) -> Response:
    """What was published and rolled back."""
    page = load_list(here.tx, plan_id=plan_id, after=after, by=here.person, at=here.at)
    return here.show("publications.html", page)


@router.page("/publications/{publication_id}", Deed.EDIT_PLAN)
def show(publication_id: InPath, here: Looked) -> Response:
    """The receipt of one."""
    return here.show("publication.html", load(here.tx, publication_id, by=here.person, at=here.at))


@router.page("/publications/{publication_id}/rollback", Deed.ROLL_BACK)
def show_rollback(publication_id: InPath, here: Looked) -> Response:
    """What taking it back would do; nothing is written."""
    running = next(iter(_running(here, publication_id)), None)
    page = load_rollback(here.tx, publication_id, running=running, by=here.person, at=here.at)
    return here.show("rollback.html", page)


@router.form("/publications/{publication_id}/rollback", Deed.ROLL_BACK)
def roll_back(publication_id: InPath, here: Looked, why: Annotated[str, Form(max_length=2000)]) -> Response:
    """Begin to take it back, beside this request; sent again nothing is done twice."""
    publishing.refuse_no_reason(why)
    done = publishing.rolled_back_by(here.tx, publication_id)
    if done is not None:
        publishing.get(here.tx, publication_id, by=here.person, at=here.at)
        return here.done(f"/publications/{done}", "It was taken back already; nothing was changed.")
    publishing.refuse_no_rollback(here.tx, publication_id, by=here.person, at=here.at)
    running = _running(here, publication_id)
    if running:
        return here.done(f"/publications/{publication_id}/rollback/{running[0].job_id}", "It is under way already.")
    jobs: Jobs = here.request.app.state.jobs
    job = jobs.add(ROLL_BACK, publication_id, by=here.person.person_id, at=here.at)
    record, by, at = here.request.app.state.record, here.person, here.at

    def work(job: Job) -> str:
        def tell(phase: str) -> None:
            job.progress = phase

        with record.writing() as tx:
            undone = publishing.rollback(tx, publication_id, why=why, progress=tell, by=by, at=at)
        return undone.publication.publication_id

    response = here.done(f"/publications/{publication_id}/rollback/{job.job_id}")
    response.background = BackgroundTask(begin_in_turn, here.request.app, job, work)
    return response


@router.page("/publications/{publication_id}/rollback/{job_id}", Deed.ROLL_BACK)
def show_progress(publication_id: InPath, job_id: InPath, here: Looked) -> Response:
    """How far taking it back is; ends in its receipt."""
    made = publishing.get(here.tx, publication_id, by=here.person, at=here.at)
    return progress_of(
        here,
        job_id,
        kind=ROLL_BACK,
        subject=publication_id,
        title=f"Taking back {plan_store.get(here.tx, made.plan_id).name}",
        back=f"/publications/{publication_id}/rollback",
        made=publishing.rolled_back_by(here.tx, publication_id),
    )


def _running(here: Looked, publication_id: str) -> list[Job]:
    jobs: Jobs = here.request.app.state.jobs
    return [job for job in jobs.of(ROLL_BACK, publication_id) if job.status not in ENDED]
