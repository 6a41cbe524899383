"""A plan as it changes, told to everybody who has it open: server-sent events, one look at the record for all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from patchbook.db.record import Record
from patchbook.errors import PatchbookError
from patchbook.people import store as people_store
from patchbook.people.permission import Deed
from patchbook.plans import store as plan_store
from patchbook.plans.life import RecordedPlan
from patchbook.web.models import InPath
from patchbook.web.page import HEADERS
from patchbook.web.pages.workbench.router import router
from patchbook.web.planned import planned_as
from patchbook.web.signed_in import admitted

log = logging.getLogger("patchbook.web")

LOOKED_EVERY_SECONDS = 0.4
BEAT_EVERY_SECONDS = 15.0
ASKED_AGAIN_EVERY = timedelta(seconds=10)
"""How often it is asked whether somebody who listens still may."""
MOST_TOLD = 20_000
"""Accounts moved at once that are told one by one; of more the map asks anew."""
MOST_BEHIND = 200
"""Revisions told one by one to who comes back; further behind, the page is loaded again."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One revision of a plan, as it is told."""

    revision: int
    by: str
    name: str
    what: str
    at: str
    status: str
    moved: dict[int, list[int]] | None = None
    """Index of a territory → the accounts that came to it, by their place on the map; None where all are asked anew."""

    def message(self) -> str:
        """As server-sent events are written."""
        told = {"revision": self.revision, "by": self.by, "name": self.name, "what": self.what, "at": self.at,
                "status": self.status, "moved": self.moved}  # fmt: skip
        return f"id: {self.revision}\nevent: revision\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"


@dataclass
class Watched:
    """A plan somebody has open."""

    plan: RecordedPlan
    names: tuple[str, ...]
    owners: npt.NDArray[np.uint16] | None
    listeners: set[asyncio.Queue[list[Told]]] = field(default_factory=set)


class Watch:
    """The plans that are open in this process; looks at the record for all of them at once, while there are any."""

    def __init__(self, record: Record, readers: asyncio.Semaphore, is_ending: Callable[[], bool]) -> None:
        self.record = record
        self.readers = readers
        self.is_ending = is_ending
        self.plans: dict[str, Watched] = {}
        self.task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def listening(self, plan_id: str) -> AsyncIterator[tuple[asyncio.Queue[list[Told]], int]]:
        """What comes from now on, and the revision it comes after."""
        if plan_id not in self.plans:
            async with self.readers:
                found = await run_in_threadpool(self._first_look, plan_id)
            self.plans.setdefault(plan_id, found)
        watched = self.plans[plan_id]
        queue: asyncio.Queue[list[Told]] = asyncio.Queue()
        watched.listeners.add(queue)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())
        try:
            yield queue, watched.plan.revision
        finally:
            watched.listeners.discard(queue)
            if not watched.listeners:
                self.plans.pop(plan_id, None)

    async def _look(self) -> None:
        while self.plans and not self.is_ending():
            await asyncio.sleep(LOOKED_EVERY_SECONDS)
            try:
                async with self.readers:
                    found = await run_in_threadpool(self._news)
            except Exception:  # whoever listens goes on: the next look may find the record again
                log.exception("Plans that are open could not be looked at")
                continue
            for plan_id, news in found.items():
                for queue in tuple(self.plans[plan_id].listeners) if plan_id in self.plans else ():
                    queue.put_nowait(news)

    def _first_look(self, plan_id: str) -> Watched:
        with self.record.reading() as tx:
            return _seen(tx, plan_store.get(tx, plan_id))

    def _news(self) -> dict[str, list[Told]]:
        """What changed since the last look, by plan."""
        watched = dict(self.plans)
        found: dict[str, list[Told]] = {}
        with self.record.reading() as tx:
            revisions = plan_store.revisions(tx, list(watched))
            for plan_id, before in watched.items():
                if revisions.get(plan_id, before.plan.revision) == before.plan.revision:
                    continue
                now = _seen(tx, plan_store.get(tx, plan_id))
                found[plan_id] = told_since(tx, now.plan, before.plan.revision, moved=_moved(before, now))
                before.plan, before.names, before.owners = now.plan, now.names, now.owners
        return found


def told_since(
    tx: Connection, plan: RecordedPlan, revision: int, *, moved: dict[int, list[int]] | None = None
) -> list[Told]:
    """Each revision after that one; the moves of all of them with the last."""
    changes = plan_store.changes_since(tx, plan.plan_id, revision)
    names = people_store.names(tx, sorted({one.by for one in changes}))
    last = changes[-1].revision if changes else 0
    return [
        Told(
            revision=one.revision, by=one.by, name=names.get(one.by, one.by), what=one.what, at=one.at.isoformat(),
            status=plan.status, moved=moved if one.revision == last else {},
        )
        for one in changes
    ]  # fmt: skip


def _seen(tx: Connection, plan: RecordedPlan) -> Watched:
    if plan.result_id is None:
        return Watched(plan=plan, names=(), owners=None)
    now = planned_as(tx, plan)
    return Watched(plan=plan, names=now.names, owners=now.in_order)


def _moved(before: Watched, now: Watched) -> dict[int, list[int]] | None:
    """The accounts that are elsewhere now; None where territories or the carve changed, or too many did."""
    same = before.plan.result_id == now.plan.result_id and before.names == now.names
    if not same or before.owners is None or now.owners is None:
        return None
    rows = np.flatnonzero(before.owners != now.owners)
    if len(rows) > MOST_TOLD:
        return None
    found: dict[int, list[int]] = {}
    for row, owner in zip(rows.tolist(), now.owners[rows].tolist(), strict=True):
        found.setdefault(owner, []).append(row)
    return found


@router.page("/plans/{plan_id}/events", Deed.SEE_EVERYONE)
async def follow(plan_id: InPath, request: Request, after: int | None = None) -> Response:
    """Each revision of a plan as it is made: who did what, and which accounts are where now."""
    told_before = request.headers.get("last-event-id", "")
    since = int(told_before) if told_before.isdecimal() else after
    async with request.app.state.readers:
        await run_in_threadpool(_refuse_strangers, request, plan_id)
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, plan_id, since), 200, headers, media_type="text/event-stream")


async def _stream(request: Request, plan_id: str, since: int | None) -> AsyncIterator[str]:
    """What a listener is sent, until they go, may no longer look, or the server ends."""
    watch = watch_of(request)
    clock: Callable[[], datetime] = request.app.state.clock
    loop = asyncio.get_running_loop()
    yield "retry: 1000\n\n"
    async with watch.listening(plan_id) as (queue, now):
        if since is not None and since < now:
            async with watch.readers:
                missed = await run_in_threadpool(_missed, watch.record, plan_id, since, now)
            yield "".join(one.message() for one in missed)
        else:
            yield f"id: {now}\nevent: here\ndata: {now}\n\n"
        asked_at, beat_at = clock(), loop.time()
        asked_again = loop.time()
        while not watch.is_ending():
            try:
                news: Iterable[Told] = await asyncio.wait_for(queue.get(), LOOKED_EVERY_SECONDS)
            except TimeoutError:
                news = ()
            text = "".join(one.message() for one in news if one.revision > (since or 0))
            if text or loop.time() - beat_at > BEAT_EVERY_SECONDS:
                beat_at = loop.time()
                yield text or ": still here\n\n"
            if clock() - asked_at > ASKED_AGAIN_EVERY or loop.time() - asked_again > ASKED_AGAIN_EVERY.total_seconds():
                asked_at, asked_again = clock(), loop.time()
                try:
                    async with request.app.state.readers:
                        await run_in_threadpool(_refuse_strangers, request, plan_id)
                except PatchbookError as refusal:
                    yield f"event: ended\ndata: {json.dumps(str(refusal), ensure_ascii=False)}\n\n"
                    return


def watch_of(request: Request) -> Watch:
    """The watch of the application; another one when it answers from another record."""
    state = request.app.state
    found: Watch | None = getattr(state, "watch", None)
    if found is None or found.record is not state.record:
        is_ending: Callable[[], bool] = getattr(state, "is_ending", lambda: False)
        found = state.watch = Watch(state.record, state.readers, is_ending)
    return found


def _refuse_strangers(request: Request, plan_id: str) -> None:
    at: datetime = request.app.state.clock()
    record: Record = request.app.state.record
    # A page that is only open is no use of the session: what is asked here leaves no mark on the request.
    asking = Request({**request.scope, "state": dict(request.scope.get("state", {}))})
    with record.reading() as tx:
        person = admitted(asking, tx, at)
        plan_store.get(tx, plan_id, by=person, at=at)


def _missed(record: Record, plan_id: str, since: int, now: int) -> list[Told]:
    with record.reading() as tx:
        plan = plan_store.get(tx, plan_id)
        found = [one for one in told_since(tx, plan, since) if one.revision <= now]
    return found[-MOST_BEHIND:]
