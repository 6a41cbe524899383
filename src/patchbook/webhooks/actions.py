"""Tell others of decisions: at least once, signed, for a day and a half if need be, and nothing given up in silence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.connectors.webhooks.outside import Answer, Unreachable, UnsafeAddress, send
from patchbook.connectors.webhooks.standard import BadSecret, signed
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.db.record import Record
from patchbook.errors import Conflict
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.webhooks import store
from patchbook.webhooks.webhook import (
    Delivery,
    NoSecret,
    NoWebhook,
    Status,
    Target,
    Webhooks,
    inside,
    secrets_of,
)

AT_ONCE = 8
MOST_AT_A_TIME = 200
LEASE = timedelta(minutes=20)
"""How long an attempt may take before somebody else makes one; longer than a whole round where nobody answers."""

Send = Callable[..., Answer]


class StillOnItsWay(Conflict):
    """A message that has not been given up is not sent again by hand."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What one round of sending did."""

    delivered: int = 0
    later: int = 0
    """Failed, and will be tried again."""
    dead: int = 0

    @property
    def attempts(self) -> int:
        """How many messages were tried."""
        return self.delivered + self.later + self.dead

    def plus(self, other: Sent) -> Sent:
        """Both rounds together."""
        return Sent(
            delivered=self.delivered + other.delivered, later=self.later + other.later, dead=self.dead + other.dead
        )

    @property
    def says(self) -> str:
        """The round in one sentence."""
        return f"{self.delivered:,} delivered, {self.later:,} to be tried again, {self.dead:,} given up."


def announce(
    tx: Connection, webhooks: Webhooks, event: str, subject: str, data: Mapping[str, Any], *, at: datetime
) -> int:
    """
    Leave a message for every target that wants to hear of this; how many.

    In the transaction of what it tells of, so there is never one without the other.
    """
    payload = {"type": event, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(data)}
    made = [
        Delivery(
            delivery_id=new_id("msg"), target=target.name, event=event, subject=subject, payload=payload, made_at=at,
            next_at=at,
        )
        for target in webhooks.targets
        if event in target.events
    ]  # fmt: skip
    store.add(tx, made)
    return len(made)


def deliver(
    record: Record,
    webhooks: Webhooks,
    *,
    at: datetime,
    limit: int = MOST_AT_A_TIME,
    settings: Mapping[str, str] = os.environ,
    send: Send = send,
) -> Sent:
    """
    Send what is due, several at once; what fails is tried again later, or given up and shown.

    A process that dies in between leaves what it held to whoever comes after the lease, with the same id.

    Parameters
    ----------
    at
        The instant of this round.
    send
        What posts a message; another one than the usual for those who send by other ways.
    """
    with record.deciding() as tx:
        held = [(one.attempts, one.begun(until=at + LEASE)) for one in store.due(tx, at=at, limit=limit)]
        for attempts, one in held:
            store.save(tx, one, attempts=attempts)
    if not held:
        return Sent()
    targets = {target.name: target for target in webhooks.targets}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="patchbook-webhook") as pool:
        ended = list(pool.map(lambda one: _attempt(one[1], targets.get(one[1].target), at, settings, send), held))
    kept = []
    with record.deciding() as tx:
        for one in ended:
            if store.save(tx, one, attempts=one.attempts):
                kept.append(one.status)
    return Sent(
        delivered=kept.count(Status.DELIVERED), later=kept.count(Status.PENDING), dead=kept.count(Status.DEAD)
    )  # fmt: skip


def deliveries(
    tx: Connection,
    *,
    status: Status | None = None,
    target: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Delivery]:
    """The messages sent, on their way or given up, the newest first."""
    allow(tx, by, Deed.ADMINISTER, at=at)
    found = store.listed(tx, status=status, target=target, after=moment_of(after), limit=limit_of(limit) + 1)
    return page_of(found, limit, lambda row: (microseconds(row.made_at), row.delivery_id))


def send_again(tx: Connection, delivery_id: str, *, by: Principal, at: datetime) -> Delivery:
    """
    Put a message that was given up on its way again, from the first attempt.

    Raises
    ------
    StillOnItsWay
        It has arrived, or will be tried again by itself.
    """
    allow(tx, by, Deed.ADMINISTER, at=at)
    found = store.get(tx, delivery_id)
    if found.status is not Status.DEAD:
        raise StillOnItsWay(f"The message {delivery_id} is {found.status}; only one that was given up is sent again.")
    after = found.again(at=at)
    store.save(tx, after, attempts=found.attempts)
    audit.record(tx, "send again", delivery_id, kind="webhook", by=by.person_id, at=at, after={"target": found.target})
    return after


def _attempt(
    one: Delivery, target: Target | None, at: datetime, settings: Mapping[str, str], send: Send
) -> Delivery:  # fmt: skip
    """The message after one attempt to send it."""
    if target is None:
        return one.refused(f"No webhook is called {one.target} any more.", at=at)
    body = json.dumps(one.payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        headers = signed(secrets_of(target.name, settings)[0], one.delivery_id, body, at=at)
        answer = send(target.url, body, headers, inside=inside(settings))
    except (UnsafeAddress, NoSecret, NoWebhook, BadSecret) as refusal:
        return one.refused(str(refusal), at=at)
    except Unreachable as error:
        return one.failed(f"{error}.", at=at)
    if 200 <= answer.status < 300:
        return one.arrived(answer.status, at=at)
    wait = None if answer.retry_after_seconds is None else timedelta(seconds=answer.retry_after_seconds)
    return one.failed(f"The answer was {answer.status}.", status=answer.status, wait=wait, at=at)
