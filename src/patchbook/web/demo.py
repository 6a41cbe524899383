"""The demo in a browser: the web application on its record, signed in by an address only whoever started it knows."""

from __future__ import annotations

import logging
import socket
import sys
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from fastapi import FastAPI

from patchbook.access.session import new_secret
from patchbook.db.record import Record, open_record
from patchbook.demo.arrivals import EVERY_SECONDS, arrive
from patchbook.demo.workspace import Workspace
from patchbook.web.app import create_app, server_of
from patchbook.web.pages.demo import DemoHouse, Face
from patchbook.web.serve import PORTS_TRIED, NoFreePort


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
    record = open_record(folder)
    logging.basicConfig(level=logging.WARNING)
    stop = Event()
    thread: Thread | None = None
    try:
        with _listening(port) as taken:
            secret = new_secret()
            app = demo_app(record, workspace, secret)
            address = f"http://127.0.0.1:{taken.getsockname()[1]}/demo/{secret}"
            say(f"Open {address} to look around as the planner (Ctrl-C ends the demo)")
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
            server_of(app).run(sockets=[taken])
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
    """The application on the demo's record, which signs in whoever knows the secret, as the planner at first."""
    app = create_app(record, clock=clock)
    faces = tuple(Face(person_id=person_id, title=role) for role, person_id in workspace.people.items())
    app.state.demo = DemoHouse(secret=secret, faces=faces)
    return app
