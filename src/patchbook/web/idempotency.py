"""The same write sent twice is done once: answers are kept under the `Idempotency-Key` the caller chose.

The answer is kept in the transaction of the deed, so there is never a deed without its answer. A repeat gets the same
status and body; the same key with another request is refused; while the first is still under way a repeat is told so.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db import kept
from patchbook.db.kept import KeptAnswer
from patchbook.errors import BadInput, Conflict

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT_HEADERS = ("content-type", "location", "link")


class BadKey(BadInput):
    """An Idempotency-Key is empty, too long, or has characters a header should not have."""


class KeyUsedForAnother(BadInput):
    """The same Idempotency-Key came before with another request."""


class UnderWay(Conflict):
    """The first request with this Idempotency-Key is not answered yet."""


class SecretNotKept(Conflict):
    """The first answer under this Idempotency-Key held a secret, which is not kept."""


class AnsweredBefore(Exception):
    """Not a failure: this write was done already, and here is what was answered."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer

    def response(self) -> Response:
        """The answer given the first time."""
        body = (self.answer.body or "").encode()
        return Response(body, self.answer.status, {**self.answer.headers, REPLAYED: "true"})


def key_of(request: Request) -> str | None:
    """The key a write came with."""
    key = request.headers.get(HEADER)
    if key is None or request.method in SAFE:
        return None
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise BadKey(f"The {HEADER} must be 1 to 200 printable characters without spaces.")
    return key


async def fingerprint(request: Request) -> str:
    """What makes this request the same as another: method, path, query and body; keyed, as these may hold a secret."""
    body = getattr(request.state, "upload_digest", None) or await request.body()
    digest = hmac.new(request.app.state.record.anchor.key, digestmod=hashlib.sha256)
    digest.update(f"{request.method}\n{request.url.path}?{request.url.query}\n".encode())
    digest.update(body)
    return digest.hexdigest()


@contextmanager
def under_way(request: Request) -> Iterator[None]:
    """While a write with a key is under way, refuse its repeat."""
    key = key_of(request)
    if key is None:
        yield
        return
    mark = (request.headers.get("authorization") or request.headers.get("cookie") or "", key)
    running: set[tuple[str, str]] = request.app.state.under_way
    if mark in running:
        raise UnderWay(f"The first request with this {HEADER} is still under way; ask again in a moment.")
    running.add(mark)
    try:
        yield
    finally:
        running.discard(mark)


@asynccontextmanager
async def turn(request: Request) -> AsyncIterator[None]:
    """This request's turn: one writer at a time, and no more readers than there are connections."""
    if request.method in SAFE:
        async with request.app.state.readers:
            yield
        return
    with under_way(request):
        async with request.app.state.writers:
            yield


def replay(tx: Connection, request: Request, person_id: str) -> None:
    """Answer what was answered before, if this person's write with this key was; else remember to keep the answer."""
    key = key_of(request)
    if key is None:
        return
    found = kept.find(tx, person_id, key)
    if found is None:
        request.state.keep_for = person_id
        return
    if found.fingerprint != request.state.fingerprint:
        raise KeyUsedForAnother(f"This {HEADER} came before with another request; choose a new key for a new request.")
    if found.body is None:
        raise SecretNotKept("This was done already; its answer held a secret, which is shown once and not kept.")
    raise AnsweredBefore(found)


def keep(tx: Connection, request: Request, response: Response, *, secret: bool, at: datetime) -> None:
    """Keep the answer of a write that came with a key, in the transaction given."""
    key, person_id = key_of(request), getattr(request.state, "keep_for", None)
    if key is None or person_id is None or not hasattr(response, "body"):
        return
    answer = KeptAnswer(
        fingerprint=request.state.fingerprint,
        status=response.status_code,
        headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        body=None if secret else bytes(response.body).decode(),
    )
    kept.keep(tx, person_id, key, answer, at=at)
