"""A record served on this machine, as `patchbook serve` does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from patchbook.db.record import Record
from patchbook.web.app import create_app, server_of


@contextmanager
def served(record: Record, at: datetime | Callable[[], datetime]) -> Iterator[str]:
    """Serve a record on this machine while the block runs; its address."""
    app = create_app(record, clock=at if callable(at) else lambda: at)
    server = server_of(app, port=0, lifespan="on")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
