"""How every operation of the API is answered: uploads taken in, repeats recognised, lists also as CSV."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.concurrency import run_in_threadpool

from patchbook import access
from patchbook.access.sessions import NOTED_EVERY
from patchbook.db.record import Record
from patchbook.period import BEGINNING
from patchbook.publishing import actions as publishing
from patchbook.web import idempotency
from patchbook.web.as_csv import csv_of, wants_csv
from patchbook.web.policy import POLICY
from patchbook.web.signed_in import knock

UPLOAD = "x-patchbook-upload"
"""In `openapi_extra`: the body is a file, taken to disk before anything else is done."""

MOST_NOTED = 10_000
ADVANCED_EVERY = timedelta(minutes=1)

DEED = "x-patchbook-deed"
"""In `openapi_extra`: the deed that asking is, where the operation is a page's and has no line in `POLICY`."""

SECRET = "x-patchbook-secret"
"""In `openapi_extra`: the answer holds a secret that is shown once."""


class Route(APIRoute):
    """An operation of the API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The answer of the operation, and what all operations have in common."""
        answer = super().get_route_handler()
        extra: dict[str, Any] = self.openapi_extra or {}

        async def handle(request: Request) -> Response:
            request.state.operation = self.operation_id or self.name
            request.state.deed = extra.get(DEED) or POLICY.get(request.state.operation)
            request.state.secret = bool(extra.get(SECRET))
            if extra.get(UPLOAD):
                await run_in_threadpool(knock, request)
                with tempfile.TemporaryDirectory(prefix="patchbook-upload-") as folder:
                    request.state.upload = Path(folder) / "upload"
                    request.state.upload_digest = await _taken_in(request, request.state.upload)
                    return await answered(request)
            return await answered(request)

        async def answered(request: Request) -> Response:
            if idempotency.key_of(request) is not None:
                request.state.fingerprint = await idempotency.fingerprint(request)
            response = await answer(request)
            look_after(request, response)
            if request.method == "GET" and response.status_code == 200 and wants_csv(request):
                response = csv_of(response)
            if getattr(request.state, "keep_for", None) is not None:
                await run_in_threadpool(
                    idempotency.keep,
                    request.state.tx,
                    request,
                    response,
                    secret=request.state.secret,
                    at=request.state.at,
                )
            return response

        return handle


def look_after(request: Request, response: Response) -> None:
    """Have done once the answer is sent what need not be done before; now and then is enough."""
    tasks = [task for task in (note_use(request), advance(request)) if task is not None]
    if tasks:
        before = [response.background] if response.background is not None else []
        response.background = BackgroundTasks([*before, *tasks])


def note_use(request: Request) -> BackgroundTask | None:
    """Write down that a session or token is in use."""
    secret: str | None = getattr(request.state, "credential", None)
    noted: dict[str, datetime] = request.app.state.noted
    if secret is None or request.state.at - noted.get(secret, BEGINNING) < NOTED_EVERY:
        return None
    if len(noted) > MOST_NOTED:
        noted.clear()
    noted[secret] = request.state.at
    return BackgroundTask(_in_turn, request, access.note_use, request.app.state.record, secret, at=request.state.at)


def advance(request: Request) -> BackgroundTask | None:
    """Let plans whose date has come be active."""
    at: datetime | None = getattr(request.state, "at", None)
    if at is None or at - request.app.state.advanced_at < ADVANCED_EVERY:
        return None
    request.app.state.advanced_at = at
    return BackgroundTask(_in_turn, request, _advance, request.app.state.record, at)


async def _in_turn(request: Request, work: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    async with request.app.state.writers:
        await run_in_threadpool(work, *arguments, **named)


def _advance(record: Record, at: datetime) -> None:
    with record.writing() as tx:
        publishing.advance(tx, at)


async def _taken_in(request: Request, file: Path) -> bytes:
    """The body's digest; the body itself is in the file."""
    digest = hashlib.sha256()
    with file.open("wb") as out:
        async for chunk in request.stream():
            digest.update(chunk)
            out.write(chunk)
    return digest.digest()
