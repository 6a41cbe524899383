"""Processes that die in the middle of a deed: forked from one that has imported everything, so that each costs little.

    python -m builders.killed   # reads one JSON request a line, forks a child for it, answers how the child ended

A request names the folder, the database and the plan, and where to die: at a crash point's n-th hit (`at`), with
`statement`, so many statements into the deed, or, with `backend`, by killing the database server's process instead.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

DONE, STUCK, REFUSED = 0, 1, 3
SECONDS = 60
"""A child that takes longer says where it is and ends."""


FORKABLE = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "_RJEM_MALLOC_CONF": "background_thread:false",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_CONF": "background_thread:false",
}
"""What keeps libraries from starting threads, which a fork would leave behind with their locks held."""


@dataclass
class Nursery:
    """A running parent of children that die."""

    process: subprocess.Popen[str]

    def run(self, request: Mapping[str, Any]) -> int:
        """How the child ended: 0 done, 3 an error, -9 killed."""
        assert self.process.stdin
        assert self.process.stdout
        for _ in range(3):
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            ended = int(self.process.stdout.readline())
            if ended != STUCK:
                break
        return ended


@contextmanager
def a_nursery() -> Iterator[Nursery]:
    """The parent, until the end of the block."""
    tests = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(tests), **FORKABLE}
    process = subprocess.Popen(
        [sys.executable, "-m", "builders.killed"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        yield Nursery(process)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait()
        assert process.stdout
        process.stdout.close()


def main(requests: IO[str]) -> None:
    """Fork a child for every request."""
    import polars  # noqa: F401 - imported before the fork, used after it
    import psycopg  # noqa: F401

    from patchbook.publishing import actions  # noqa: F401

    for line in requests:
        child = os.fork()
        if child == 0:
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            try:
                deed(json.loads(line))
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                os._exit(REFUSED)
            os._exit(DONE)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def deed(request: Mapping[str, Any]) -> None:
    """Publish or roll back, and die where the request says."""
    from sqlalchemy import event, text

    from builders.publishing import PAT
    from patchbook.db import crash, open_record
    from patchbook.publishing import actions as publishing

    record = open_record(request["folder"], url=request.get("url"))
    crash._TRACE = request.get("trace")
    crash._AT, _, crash._COUNT = request.get("at", "").partition(":")
    last = request.get("statement")
    at, on = (datetime.fromisoformat(request[name]) for name in ("now", "on"))
    with record.writing() as tx:
        backend = None
        if record.is_postgresql:
            backend = int(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())
        if last is not None:
            seen = 0

            def count(*_: Any) -> None:
                nonlocal seen
                seen += 1
                if seen == last:
                    os.kill(backend if request.get("backend") and backend else os.getpid(), signal.SIGKILL)

            event.listen(tx, "before_cursor_execute", count)
        if "publication" in request:
            publishing.rollback(tx, request["publication"], by=PAT, at=at)
        else:
            publishing.publish(tx, request["plan"], on=on, by=PAT, at=at)
        if request.get("count"):
            Path(request["count"]).write_text(str(seen if last is not None else 0))


if __name__ == "__main__":
    main(sys.stdin)
