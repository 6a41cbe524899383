"""An answer that is sent once something else is done, which begins when what was asked for is on the disk."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send


class Afterwards(Response):
    """The same answer, after `work`; whatever the work could not do, the page that is answered says."""

    def __init__(self, answer: Response, work: Callable[[], object]) -> None:
        self.answer = answer
        self.work = work
        self.status_code = answer.status_code
        self.body = answer.body
        self.raw_headers = answer.raw_headers
        self.background = answer.background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, then answer."""
        await run_in_threadpool(self.work)
        self.answer.background = self.background
        await self.answer(scope, receive, send)
