"""The planner's home: what is under way, what is wrong, and what is next, all of it one click from where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from patchbook.imports import actions as imports
from patchbook.imports.imported import Imported, Kind
from patchbook.jobs import actions as jobs
from patchbook.jobs.job import Outcome
from patchbook.leads import looking
from patchbook.leads.looking import Queue
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan, Status
from patchbook.proposals.inbox import Inbox, inbox
from patchbook.web.pages.home import team
from patchbook.web.pages.home.team import Team
from patchbook.web.pages.inbox import Waiting, waiting

SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class FailedJob:
    """A job whose last runs did not go well."""

    name: str
    says: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PlannerHome:
    """What the console shows."""

    is_empty: bool
    """Whether there is nothing yet but the first steps."""
    accounts: Imported | None
    """The accounts as last imported."""
    team: Team | None
    under_way: tuple[RecordedPlan, ...]
    """Drafts, and what is in review, approved or scheduled, the newest first."""
    next_effective: date | None
    inbox: Inbox
    waiting: tuple[Waiting, ...]
    """The first of what is in the inbox."""
    queue: Queue
    failed: tuple[FailedJob, ...]


def load(tx: Connection, *, by: Principal, at: datetime) -> PlannerHome:
    """The console as it is now."""
    newest = imports.latest(tx, Kind.ACCOUNTS)
    known = plans.plans(tx, limit=100, by=by, at=at).rows
    under_way = tuple(plan for plan in known if plan.status not in (Status.SUPERSEDED, Status.WITHDRAWN, Status.ACTIVE))
    coming = [plan.effective for plan in under_way if plan.effective is not None and plan.status is Status.SCHEDULED]
    waits = inbox(tx, limit=SHOWN, by=by, at=at)
    return PlannerHome(
        is_empty=newest is None and not known,
        accounts=newest,
        team=team.load(tx, by=by, at=at),
        under_way=under_way[:SHOWN],
        next_effective=min(coming, default=None),
        inbox=waits,
        waiting=waiting(tx, waits.items.rows, at=at),
        queue=looking.queue(tx, limit=1, by=by, at=at),
        failed=_failed(tx, by, at) if may(by, Deed.RUN_JOBS) else (),
    )


def _failed(tx: Connection, by: Principal, at: datetime) -> tuple[FailedJob, ...]:
    """Jobs that failed since they last succeeded, with what the last run said."""
    troubled = [job.name for job in jobs.jobs(tx, by=by, at=at) if job.attempts]
    last = [run for name in troubled for run in jobs.runs(tx, name=name, limit=1, by=by, at=at).rows]
    return tuple(
        FailedJob(name=run.name, says=run.says or "It failed.", at=run.ended or run.started)
        for run in last
        if run.outcome not in (Outcome.DONE, Outcome.RUNNING)
    )
