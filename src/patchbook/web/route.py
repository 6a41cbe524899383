"""How every operation of the API is answered: uploads taken in, repeats recognised, lists also as CSV."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.concurrency import run_in_threadpool

from patchbook import access
from patchbook.access.sessions import NOTED_EVERY
from patchbook.period import BEGINNING
from patchbook.web import idempotency
from patchbook.web.as_csv import csv_of, wants_csv
from patchbook.web.signed_in import knock

UPLOAD = "x-patchbook-upload"
"""In `openapi_extra`: the body is a file, taken to disk before anything else is done."""

MOST_NOTED = 10_000

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
            note_use(request, response)
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


def note_use(request: Request, response: Response) -> None:
    """Have it written down, once the answer is sent, that a session or token is in use; now and then is enough."""
    secret: str | None = getattr(request.state, "credential", None)
    noted: dict[str, datetime] = request.app.state.noted
    if secret is None or request.state.at - noted.get(secret, BEGINNING) < NOTED_EVERY:
        return
    if len(noted) > MOST_NOTED:
        noted.clear()
    noted[secret] = request.state.at

    async def note() -> None:
        async with request.app.state.writers:
            await run_in_threadpool(access.note_use, request.app.state.record, secret, at=request.state.at)

    tasks = [response.background] if response.background is not None else []
    response.background = BackgroundTasks([*tasks, BackgroundTask(note)])


async def _taken_in(request: Request, file: Path) -> bytes:
    """The body's digest; the body itself is in the file."""
    digest = hashlib.sha256()
    with file.open("wb") as out:
        async for chunk in request.stream():
            digest.update(chunk)
            out.write(chunk)
    return digest.digest()
