"""The demo in a browser: the web application on its record, signed in by an address that works once."""

from __future__ import annotations

import hmac
import logging
import socket
import sys
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from patchbook.access.session import new_secret
from patchbook.access.sessions import begin
from patchbook.db.record import Record, open_record
from patchbook.demo.arrivals import EVERY_SECONDS, arrive
from patchbook.demo.workspace import Workspace
from patchbook.errors import NotFound
from patchbook.web.api.session import give_cookie
from patchbook.web.app import create_app
from patchbook.web.serve import PORTS_TRIED, NoFreePort


class UsedAddress(NotFound):
    """The address to sign in with was used before, or is another demo's."""


def serve_demo(
    folder: Path | str,
    workspace: Workspace,
    *,
    port: int = 8000,
    say: Callable[[str], None] = lambda text: print(text, flush=True),
    arrivals: float | None = EVERY_SECONDS,
) -> None:
    """
    Serve the demo to this machine until Ctrl-C, while leads arrive.

    Parameters
    ----------
    port
        The port to listen on, or the next that is free; 0 lets the system choose.
    say
        Told the address that signs in, which is opened too where somebody looks on.
    arrivals
        Seconds from one lead to the next; None for no leads.

    Raises
    ------
    NoFreePort
        None of the ports can be used.
    """
    import uvicorn

    record = open_record(folder)
    logging.basicConfig(level=logging.WARNING)
    stop = Event()
    thread: Thread | None = None
    try:
        with _listening(port) as taken:
            secret = new_secret()
            app = demo_app(record, workspace, secret)
            address = f"http://127.0.0.1:{taken.getsockname()[1]}/demo/{secret}"
            say(f"Open {address} to look around as the planner (it works once; Ctrl-C ends the demo)")
            if arrivals is not None:
                thread = Thread(
                    target=arrive,
                    args=(record, stop),
                    kwargs={
                        "every_seconds": arrivals,
                        "seed": workspace.seed,
                        "clock": app.state.clock,
                        "desk": app.state.desk,
                    },
                    name="patchbook-arrivals",
                )
                thread.start()
            if sys.stdout.isatty():
                webbrowser.open(address)
            config = uvicorn.Config(app, log_level="warning", server_header=False)
            uvicorn.Server(config).run(sockets=[taken])
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        stop.set()
        if thread is not None:
            thread.join()
            app.state.desk.close()  # it may have been asked once more after the server closed it
        record.close()


def _listening(port: int) -> socket.socket:
    """Where requests of this machine come in: this port, or the next that is free."""
    for candidate in range(port, port + (PORTS_TRIED if port else 1)):
        try:
            return socket.create_server(("127.0.0.1", candidate))
        except (OSError, OverflowError) as error:
            refused = error
    raise NoFreePort(f"No port from {port} to {port + PORTS_TRIED - 1} is free; name another with --port.") from refused


def demo_app(
    record: Record,
    workspace: Workspace,
    secret: str,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """The application on the demo's record, with the address that signs the planner in, once."""
    app = create_app(record, clock=clock)
    unused = [secret]

    def sign_in(request: Request, given: str) -> Response:
        if not unused or not hmac.compare_digest(given.encode(), secret.encode()):
            raise UsedAddress("This address was used before, or is another demo's; start the demo again for a new one.")
        unused.clear()
        with record.writing() as tx:
            begun = begin(tx, workspace.planner, how="demo", at=clock())
        answer = RedirectResponse("/", status_code=303)
        give_cookie(request, answer, begun)
        return answer

    app.add_api_route("/demo/{given}", sign_in, methods=["GET"], include_in_schema=False, name="demo_sign_in")
    return app
