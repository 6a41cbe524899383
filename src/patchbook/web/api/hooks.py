"""Webhooks: leads in signed messages, and messages to others that can be looked at and sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from patchbook.connectors.webhooks import Message
from patchbook.leads.fields import read_fields
from patchbook.leads.knowledge import document_in
from patchbook.leads.lead import Received
from patchbook.people.principal import system
from patchbook.web.api.leads import BatchOut, take
from patchbook.web.models import AnId, InPath, Listed, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction, record
from patchbook.webhooks import actions
from patchbook.webhooks.incoming import MOST_BYTES, Brought, TooLong, leads_of
from patchbook.webhooks.webhook import Status, secrets_of

router = APIRouter(route_class=Route, tags=["webhooks"])


class DeliveryOut(Out):
    """A message to another system, and where it is."""

    delivery_id: str
    target: str
    event: str
    subject: str
    made_at: datetime
    status: Status
    attempts: int
    next_at: datetime
    answer: int | None
    problem: str | None
    ended_at: datetime | None


@router.post("/hooks/{name}")
async def take_hook(name: InPath, request: Request) -> BatchOut:
    """Take in the leads of a message that is signed as the routing document says; no other credentials are needed."""
    body = await _whole(request)
    async with request.app.state.readers:
        brought = await run_in_threadpool(_brought, request, name, body)
    rows = [(place, one.source_id, _received(name, one)) for place, one in enumerate(brought, start=1)]
    return await take(request, rows, [], admit=lambda tx, at: system())


@router.get("/webhooks/deliveries")
def list_deliveries(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Annotated[Status | None, Query(description="Only those that are so.")] = None,
    target: AnId = None,
) -> Listed[DeliveryOut]:
    """The messages that tell others of decisions, the newest first; dead ones were given up."""
    found = actions.deliveries(
        tx, status=status, target=target, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(DeliveryOut, found)


@router.post("/webhooks/deliveries/{delivery_id}/retries", status_code=201)
def send_again(delivery_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> DeliveryOut:
    """Put a message that was given up on its way again."""
    return DeliveryOut.of(actions.send_again(tx, delivery_id, by=person, at=at))


async def _whole(request: Request) -> bytes:
    """The body, as long as it is no longer than that of a webhook: anybody may send one here."""
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > MOST_BYTES:
            raise TooLong(f"The message is longer than the {MOST_BYTES:,} bytes a webhook may have.")
    return bytes(taken)


def _brought(request: Request, name: str, body: bytes) -> tuple[Brought, ...]:
    at: datetime = request.app.state.clock()
    with record(request).reading() as tx:
        source = document_in(tx).sections["webhooks"].source(name)
    message = Message(
        method=request.method,
        url=source.url or str(request.url),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
    return leads_of(message, source, secrets_of(name), at=at)


def _received(name: str, one: Brought) -> Received:
    read = read_fields(one.fields)
    return Received(source=name, source_id=one.source_id[:200], fields=read.fields, unread=read.unread)
