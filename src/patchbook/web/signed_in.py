"""What an operation is given: the transaction, who asks, and what time it is; each read anew for every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from sqlalchemy import Connection

from patchbook import access
from patchbook.db.record import Record
from patchbook.people.principal import Principal
from patchbook.web import idempotency, policy
from patchbook.web.errors import FromElsewhere, NotSignedIn
from patchbook.web.idempotency import SAFE

COOKIE = "patchbook-session"


def cookie_name(request: Request) -> str:
    """The session cookie's name; over https one that no other host and no plain connection can set."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


async def turn(request: Request) -> AsyncIterator[None]:
    """Wait for this request's turn."""
    async with idempotency.turn(request):
        yield


Turn = Annotated[None, Depends(turn, scope="function")]


def transaction(request: Request, turn: Turn) -> Iterator[Connection]:
    """
    One request, one transaction: a view of one moment for reads, a deed for writes.

    It ends before the answer is sent (`scope="function"`), so that what is answered as done is on the disk.
    """
    kept_in: Record = request.app.state.record
    with kept_in.reading() if request.method in SAFE else kept_in.writing() as tx:
        request.state.tx = tx
        yield tx


Transaction = Annotated[Connection, Depends(transaction, scope="function")]


def record(request: Request) -> Record:
    """The record that is served, for what opens its own transactions."""
    found: Record = request.app.state.record
    return found


Served = Annotated[Record, Depends(record)]


def clock(request: Request) -> datetime:
    """The instant of a request that opens its own transactions."""
    at: datetime = request.app.state.clock()
    return at


Clock = Annotated[datetime, Depends(clock)]


def now(request: Request, tx: Transaction) -> datetime:
    """The instant of this request, read once its turn has come."""
    at: datetime = request.app.state.clock()
    request.state.at = at
    return at


Now = Annotated[datetime, Depends(now)]


def signed_in(request: Request, tx: Transaction, at: Now) -> Principal:
    """Who asks, by API token or session; refused where nobody is, or where no role of theirs may do this at all."""
    person = admitted(request, tx, at)
    idempotency.replay(tx, request, person.person_id)
    return person


SignedIn = Annotated[Principal, Depends(signed_in)]


def admitted(request: Request, tx: Connection, at: datetime) -> Principal:
    """Who asks, if this operation is one for them."""
    person = principal(request, tx, at)
    if person is None:
        raise NotSignedIn("Nobody is signed in; send an API token as `Authorization: Bearer …`, or sign in first.")
    policy.refuse(person, request.state.deed)
    return person


def knock(request: Request) -> None:
    """Refuse who may not do this before anything of theirs is taken in."""
    at: datetime = request.app.state.clock()
    with record(request).reading() as tx:
        admitted(request, tx, at)


def principal(request: Request, tx: Connection, at: datetime) -> Principal | None:
    """Who the credentials of a request belong to."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind:
        return _by_token(request, tx, secret.strip(), at) if kind.lower() == "bearer" else None
    session = request.cookies.get(cookie_name(request))
    if not session:
        return None
    if request.method not in SAFE:
        refuse_from_elsewhere(request)
    request.state.credential = session
    return access.session_principal(tx, session, at=at)


def _by_token(request: Request, tx: Connection, secret: str, at: datetime) -> Principal | None:
    request.state.credential = secret
    return access.token_principal(tx, secret, at=at)


def refuse_from_elsewhere(request: Request) -> None:
    """Refuse a write that a page of another site made a browser send along with its session."""
    told = request.headers.get("sec-fetch-site")
    if told in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if told is None and origin is not None:
        asked = urlsplit(origin)
        if asked.scheme == request.url.scheme and asked.netloc == request.headers.get("host"):
            return
    raise FromElsewhere(
        "This write comes from a page of another site, or does not say where it comes from; send it from Patchbook's"
        " own pages, or with an API token."
    )
