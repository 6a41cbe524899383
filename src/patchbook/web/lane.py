"""Deeds on leads, as the web does them: at the desk, whose turns wait for no other write of the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from patchbook.leads.desk import Admit, Desk
from patchbook.leads.lane import Lane
from patchbook.people.principal import Principal
from patchbook.web.signed_in import admitted, knock

Done = TypeVar("Done")

AT_DESK = frozenset(
    {
        *("receive_lead", "receive_leads", "import_leads", "accept_lead", "touch_lead", "return_lead", "close_lead"),
        *("reassign_lead", "reroute_lead", "sweep_queue"),
    }
)
"""The operations whose answers are not kept under an `Idempotency-Key`."""

KNOWN_FOR = timedelta(seconds=10)
MOST_KNOWN = 10_000


async def known_here(request: Request) -> None:
    """
    Refuse who may not do this before anything they sent is looked at.

    Who was let in a moment ago is not asked again here: what counts is what the desk asks, in the turn itself.
    """
    secret = request.headers.get("authorization") or request.headers.get("cookie") or ""
    known: dict[tuple[str, str], datetime] = request.app.state.known_here
    at: datetime = request.app.state.clock()
    request.state.at = at  # in a turn of the desk nobody is looked up twice
    key = (secret, request.state.operation)
    seen = known.get(key)
    if seen is not None and abs(at - seen) < KNOWN_FOR:
        return
    async with request.app.state.readers:
        await run_in_threadpool(knock, request)
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[key] = at


Knocked = Annotated[None, Depends(known_here)]


async def at_desk(
    request: Request,
    deed: Callable[[Lane, Principal, datetime], Done],
    *,
    writes_last: bool = False,
    admit: Admit | None = None,
) -> Done:
    """
    What a deed on leads gives, once it is on the disk.

    These take no part in the turns of other writes, nor in their kept answers: a lead has its source's id, by which
    what is sent again is known.

    Parameters
    ----------
    admit
        Who does it, where that is not whoever is signed in: a message says by its signature who it is from.
    """

    def signed_in(tx: Connection, at: datetime) -> Principal:
        request.state.at = at
        return admitted(request, tx, at)

    # The company is seen at one moment in a turn, so the same credentials get the same answer in it.
    secret = request.headers.get("authorization")
    who = None if admit is not None or secret is None else (secret, request.state.operation)
    desk: Desk = request.app.state.desk
    return await asyncio.wrap_future(desk.ask(admit or signed_in, deed, who=who, writes_last=writes_last))
