"""How the server and its record are: what is well, what needs a look, and how large everything is."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from fastapi.responses import Response
from sqlalchemy import Connection

import patchbook
from patchbook.db.migrate import newest_version
from patchbook.db.record import record_of
from patchbook.db.sizes import bytes_of_database, bytes_of_files, rows_of
from patchbook.jobs import actions as jobs
from patchbook.jobs.job import JobState, Outcome, Run
from patchbook.leads import looking
from patchbook.people.permission import Deed, allow, may
from patchbook.people.principal import Principal
from patchbook.web.jobs import Job, Jobs, JobStatus
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.audit import KIND, SUBJECT
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab
from patchbook.webhooks import store as webhooks
from patchbook.webhooks.webhook import Status
from patchbook.words import counted, listed

router = Pages()

TABLES = {
    "People": "person",
    "Territories": "territory",
    "Assignments": "assignment",
    "Plans": "plan",
    "Leads": "lead",
    "Routing decisions": "decision",
    "Audit events": "event",
}
LATE = timedelta(hours=1)
"""A job that is due for so long is done by nobody."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that is looked at."""

    name: str
    kind: str
    """good, warn or bad."""
    says: str
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class OverviewPage:
    """What the overview and the page of health show."""

    tabs: tuple[Tab, ...]
    checks: tuple[Check, ...]
    facts: tuple[tuple[str, str], ...]
    rows: dict[str, int]
    database: str
    files: str

    @property
    def wrong(self) -> int:
        """How many things need a look."""
        return sum(one.kind != "good" for one in self.checks)


def load(tx: Connection, beside: Jobs, *, by: Principal, at: datetime) -> OverviewPage:
    """Everything that is looked at, now."""
    allow(tx, by, Deed.RUN_JOBS, at=at)
    record = record_of(tx)
    states, last = jobs.jobs(tx, by=by, at=at), jobs.last_runs(tx, by=by, at=at)
    checks = (
        Check(name="Record", kind="good", says=f"It can be read and written; its tables are at {newest_version()}."),
        _trail(next((one for one in beside.of(KIND, SUBJECT) if one.status is JobStatus.DONE), None)),
        _work(states, at),
        _failures(last),
        _queue(looking.queue(tx, limit=1, by=by, at=at)),
        _messages(webhooks.counts(tx).get(Status.DEAD, 0), sees=may(by, Deed.ADMINISTER)),
    )
    version = ".".join(map(str, getattr(tx.dialect, "server_version_info", None) or ()))
    facts = (
        ("Patchbook", patchbook.__version__),
        ("Python", platform.python_version()),
        ("Database", f"{tx.dialect.name} {version or _sqlite_version(tx)}".strip()),
        ("SQLAlchemy", sqlalchemy.__version__),
        ("Tables", newest_version()),
    )
    return OverviewPage(
        tabs=tabs(by),
        checks=checks,
        facts=facts,
        rows=rows_of(tx, TABLES),
        database=told_bytes(bytes_of_database(tx)),
        files=told_bytes(bytes_of_files(record.folder)),
    )


def _sqlite_version(tx: Connection) -> str:
    return str(tx.exec_driver_sql("SELECT sqlite_version()").scalar()) if tx.dialect.name == "sqlite" else ""


def told_bytes(count: int) -> str:
    """
    A number of bytes as people say it.

    Examples
    --------
    >>> told_bytes(512), told_bytes(1_500_000), told_bytes(3_200_000_000)
    ('512 B', '1.5 MB', '3.2 GB')
    """
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:,.1f}".removesuffix(".0") + f" {unit}"


def _trail(verified: Job | None) -> Check:
    path = "/admin/audit"
    if verified is None:
        says = "It was not verified since the server started."
        return Check(name="Audit trail", kind="warn", says=says, path=path)
    kind = "good" if verified.outcome.is_whole else "bad"
    return Check(name="Audit trail", kind=kind, says=verified.detail or "", path=path)


def _work(states: list[JobState], at: datetime) -> Check:
    late = sorted(one.name for one in states if one.is_on and one.next_due < at - LATE and not one.is_leased(at))
    if not late:
        return Check(name="Worker", kind="good", says="No job is overdue.", path="/admin/jobs")
    are = "is" if len(late) == 1 else "are"
    says = f"{listed(late, 4)} {are} overdue for more than an hour; start a worker with `patchbook jobs work`."
    return Check(name="Worker", kind="warn", says=says, path="/admin/jobs")


def _failures(last: dict[str, Run]) -> Check:
    failed = sorted(name for name, run in last.items() if run.outcome in (Outcome.FAILED, Outcome.REFUSED))
    if not failed:
        return Check(name="Jobs", kind="good", says="The last run of every job went well.", path="/admin/jobs")
    says = f"The last run of {listed(failed, 4)} did not go well."
    return Check(name="Jobs", kind="bad", says=says, path="/admin/jobs")


def _queue(queue: looking.Queue) -> Check:
    return Check(name="Leads", kind="bad" if queue.is_alarm else "good", says=queue.says, path="/routing/queue")


def _messages(dead: int, *, sees: bool) -> Check:
    """Only admins see the messages themselves, so for others nothing leads there."""
    if not dead:
        path = "/routing/hooks" if sees else ""
        return Check(name="Webhooks", kind="good", says="No message was given up.", path=path)
    says = f"{counted(dead, 'message was', 'messages were')} given up; look why, and send them again."
    return Check(name="Webhooks", kind="bad", says=says, path="/routing/hooks?status=dead" if sees else "")


@router.page("/admin", Deed.RUN_JOBS)
def show_overview(here: Looked) -> Response:
    """The overview."""
    return here.show("admin/overview.html", load(here.tx, here.request.app.state.jobs, by=here.person, at=here.at))


@router.page("/admin/health", Deed.RUN_JOBS)
def show_health(here: Looked) -> Response:
    """What is well and what is not."""
    return here.show("admin/health.html", load(here.tx, here.request.app.state.jobs, by=here.person, at=here.at))
