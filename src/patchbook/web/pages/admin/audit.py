"""The audit trail: who did what to what, when and why; before and after; and whether it is as it was written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import BackgroundTasks, Query
from fastapi.responses import FileResponse, Response
from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.audit.event import Event, Verified
from patchbook.audit.verify import verify
from patchbook.db.record import record_of
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, may
from patchbook.people.principal import SYSTEM, Principal
from patchbook.period import instant
from patchbook.web.jobs import ENDED, Job, Jobs
from patchbook.web.models import After, AnId
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab
from patchbook.words import counted

router = Pages()

A_PAGE = 50
KIND, SUBJECT = "verify", "audit trail"
LONGEST = 400
"""Characters of a value that are shown; the CSV has all of it."""

Day = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one deed changed of a thing: a field before and after."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """A deed, told."""

    event: Event
    by: str
    changes: tuple[Change, ...]
    path: str
    """Where what it was done to is shown; empty where nowhere."""


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """What the page of the trail shows."""

    tabs: tuple[Tab, ...]
    events: tuple[EventLine, ...]
    next: str | None
    query: str
    kind: str
    deed: str
    person_id: str
    subject: str
    since: str
    until: str
    may_verify: bool
    verified: Job | None
    """The last time it was verified since the server started, or is."""
    is_under_way: bool


def load(
    tx: Connection,
    jobs: Jobs,
    *,
    kind: str = "",
    deed: str = "",
    person_id: str = "",
    subject: str = "",
    since: str = "",
    until: str = "",
    after: str | None = None,
    limit: int = A_PAGE,
    by: Principal,
    at: datetime,
) -> AuditPage:
    """The deeds asked for; `until` is the last day that counts."""
    asked = {"kind": kind, "deed": deed, "person_id": person_id, "subject": subject}
    found = audit.trail(
        tx,
        **{name: value.strip() or None for name, value in asked.items()},
        since=instant(since) if since else None,
        until=_after(until),
        after=after,
        limit=limit,
        by=by,
        at=at,
    )
    whom = sorted({event.by for event in found.rows} - {SYSTEM})
    names = {SYSTEM: "Patchbook", **people.names(tx, whom)}
    beside = jobs.of(KIND, SUBJECT) if may(by, Deed.SEE_AUDIT) else []
    told = {**asked, "since": since, "until": _after(until).isoformat() if until else ""}
    return AuditPage(
        tabs=tabs(by),
        events=tuple(
            EventLine(
                event=event,
                by=names.get(event.by, event.by),
                changes=changes(event.before, event.after),
                path=_path(event),
            )
            for event in found.rows
        ),
        next=found.next_cursor,
        query=urlencode({name: value for name, value in told.items() if value}),
        **asked,
        since=since,
        until=until,
        may_verify=may(by, Deed.SEE_AUDIT),
        verified=beside[0] if beside else None,
        is_under_way=bool(beside) and beside[0].status not in ENDED,
    )


def _after(until: str) -> Any:
    """The instant before which things count, where a last day or an instant is told."""
    if not until:
        return None
    told = instant(until)
    return told + timedelta(days=1) if len(until) == len("2027-02-01") else told


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Change, ...]:
    """
    The fields that differ, and those that are only there once.

    Examples
    --------
    >>> changes({"a": 1, "b": 2}, {"a": 1, "b": [3]})
    (Change(name='b', before='2', after='[3]'),)
    """
    was, now = before or {}, after or {}
    return tuple(
        Change(name=name, before=_told(was, name), after=_told(now, name))
        for name in dict.fromkeys((*was, *now))
        if name not in was or name not in now or was[name] != now[name]
    )


def _told(document: Mapping[str, Any], name: str) -> str | None:
    if name not in document:
        return None
    value = document[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


_PLACES = {
    "person": "/people/{}",
    "plan": "/plans/{}",
    "lead": "/routing/leads/{}",
    "exception": "/exceptions/{}",
    "challenge": "/challenges/{}",
    "proposal": "/proposals/{}",
    "publication": "/publications/{}",
}


def _path(event: Event) -> str:
    from urllib.parse import quote

    return _PLACES[event.kind].format(quote(event.subject, safe="")) if event.kind in _PLACES else ""


@router.page("/admin/audit", Deed.SEE)
def show_audit(
    here: Looked,
    kind: AnId = None,
    deed: AnId = None,
    person_id: AnId = None,
    subject: AnId = None,
    since: Day = "",
    until: Day = "",
    after: After = None,
) -> Response:
    """The page of the trail."""
    page = load(
        here.tx,
        here.request.app.state.jobs,
        kind=kind or "",
        deed=deed or "",
        person_id=person_id or "",
        subject=subject or "",
        since=since,
        until=until,
        after=after,
        by=here.person,
        at=here.at,
    )
    return here.show("admin/audit.html", page, block="verification")


@router.form("/admin/audit/verification", Deed.SEE_AUDIT)
def verify_by_form(here: Looked, later: BackgroundTasks) -> Response:
    """Make the whole chain anew and compare, beside the page."""
    allow(here.tx, here.person, Deed.SEE_AUDIT, at=here.at)
    jobs: Jobs = here.request.app.state.jobs
    record, by, at = record_of(here.tx), here.person, here.at
    job = jobs.add(KIND, SUBJECT, by=by.person_id, at=at)

    def work(running: Job) -> str:
        def tell(seen: int) -> None:
            running.progress = f"{seen:,} events"

        with record.reading() as tx:
            found = verify(tx, record.folder, progress=tell, by=by, at=at)
        running.outcome = found
        return said(found)

    later.add_task(jobs.begin, job, work)
    return here.done("/admin/audit", "The trail is being verified.")


def said(found: Verified) -> str:
    """What verifying found, in words."""
    if not found.is_whole:
        return str(found.what)
    anchor = f"the last anchor speaks of event {found.anchored:,}" if found.anchored else "no anchor was set yet"
    return f"All {counted(found.events, 'event')} are as they were written; {anchor}."


@router.page("/admin/audit/trail.csv", Deed.SEE_AUDIT)
def download_audit(here: Looked, later: BackgroundTasks) -> Response:
    """The whole trail as CSV."""
    folder = tempfile.TemporaryDirectory(prefix="patchbook-audit-")
    later.add_task(folder.cleanup)
    path = audit.export(here.tx, Path(folder.name) / "audit.csv", by=here.person, at=here.at)
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename="audit.csv")
