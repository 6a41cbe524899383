"""The web application: the record behind an HTTP API, and what is true of every answer."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

import patchbook
from patchbook.access.store import anybody_holds_a_role
from patchbook.db.record import Record, open_record
from patchbook.leads.desk import Desk
from patchbook.period import BEGINNING
from patchbook.web import errors, geometry, idempotency, policy
from patchbook.web.api import ROUTERS
from patchbook.web.edge import Edge
from patchbook.web.errors import PASSING
from patchbook.web.idempotency import AnsweredBefore
from patchbook.web.jobs import Jobs
from patchbook.web.openapi import described
from patchbook.web.page import refused
from patchbook.web.pages import PAGES
from patchbook.web.serve import NoFreePort
from patchbook.web.static_files import add_static_files

if TYPE_CHECKING:
    import uvicorn

API = "/api/v1"
READERS_AT_ONCE = 12
"""Fewer than a pool has connections, so that whoever has one never waits for a thread held by who has none."""


def create_app(record: Record, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> FastAPI:
    """
    The application that serves a record.

    Parameters
    ----------
    clock
        Tells the instant of each request.

    Raises
    ------
    NoPolicy
        An operation has no line in `web/policy.py`.
    """
    app = FastAPI(
        title="Patchbook",
        version=patchbook.__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=_while_served,
    )
    answer_from(app, record, clock)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    for page in PAGES:
        app.include_router(page.router)
    add_static_files(app)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    policy.check(operations())
    errors.add_handlers(app, _refused)
    app.add_exception_handler(AnsweredBefore, _answered_before)
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
    app.add_middleware(Edge)
    return app


def answer_from(app: FastAPI, record: Record, clock: Callable[[], datetime]) -> None:
    """Let an application answer from this record from now on, by this clock."""
    app.state.record = record
    app.state.clock = clock
    app.state.writers = asyncio.Lock()
    app.state.readers = asyncio.Semaphore(READERS_AT_ONCE)
    app.state.under_way = set()
    app.state.jobs = Jobs()
    app.state.desk = Desk(record, clock)
    app.state.set_up_secret = secrets.token_urlsafe(16)
    app.state.demo = None
    app.state.noted = {}
    app.state.known_here = {}
    app.state.advanced_at = BEGINNING


def operations() -> list[str]:
    """The name of every operation of the API."""
    return [str(route.name) for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def serve_record(
    folder: Path | str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    say: Callable[[str], None] = lambda text: print(text, flush=True),
) -> None:
    """
    Serve the record in a data folder until Ctrl-C.

    Parameters
    ----------
    host
        The address to listen on. Beyond this machine, put a proxy that speaks https before it.
    port
        The port to listen on; 0 lets the system choose.
    say
        Told the address.

    Raises
    ------
    NoFreePort
        The port is taken.
    """
    record = open_record(folder)
    logging.basicConfig(level=logging.WARNING)
    try:
        with suppress(KeyboardInterrupt), _listening(host, port) as listening:
            taken = listening.getsockname()[1]
            app = create_app(record)
            Thread(target=geometry.make_ready, daemon=True).start()
            say(f"Serving the record in {record.folder} on http://{host}:{taken}/ (Ctrl-C ends it)")
            with record.reading() as tx:
                if not anybody_holds_a_role(tx):
                    say(f"Make the first admin at http://{host}:{taken}/set-up/{app.state.set_up_secret}")
            server_of(app).run(sockets=[listening])
        say("Stopped.")
    finally:
        record.close()


def server_of(app: FastAPI, **settings: Any) -> uvicorn.Server:
    """What serves an application, and tells streams of events to end when it does, as they would not by themselves."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False, **settings))
    app.state.is_ending = lambda: server.should_exit
    return server


def _listening(host: str, port: int) -> socket.socket:
    """Where requests come in: whoever asks before the application is ready waits."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise NoFreePort(f"Cannot listen on {host} port {port}: {error}; name another with --port.") from error


@asynccontextmanager
async def _while_served(app: FastAPI) -> AsyncIterator[None]:
    """When the server stops, so does long work; what it found so far is kept."""
    yield
    await run_in_threadpool(app.state.jobs.close)
    await run_in_threadpool(app.state.desk.close)


async def _refused(request: Request, error: Exception) -> Response:
    """The answer to what was refused; kept where the write came with a key and asking again would be refused again."""
    refusal = errors.meant(error)
    assert refusal is not None
    response = refused(refusal, request)
    if getattr(request.state, "keep_for", None) is not None and response.status_code not in PASSING:
        async with request.app.state.writers:
            await run_in_threadpool(_keep, request, response)
    return response


def _keep(request: Request, response: Response) -> None:
    record: Record = request.app.state.record
    with record.writing() as tx:
        idempotency.keep(tx, request, response, secret=False, at=request.state.at)


async def _answered_before(request: Request, error: Any) -> Response:
    answered: Response = error.response()
    return answered
