"""Where signed messages come from and go to, and what becomes of one that is sent. Pure: no clock, no network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from patchbook.errors import BadInput, NotFound

SECRET_SETTING = "PATCHBOOK_WEBHOOK_SECRET_"
INSIDE_SETTING = "PATCHBOOK_WEBHOOK_INSIDE"
"""`host:port` of addresses inside, parted by blanks, that an administrator allows webhooks to be sent to."""

EVENTS: Mapping[str, str] = {
    "lead.assigned": "A lead went to a person",
    "lead.queued": "A lead found nobody, and waits in the orphan queue",
    "queue.alarm": "A lead waits in the orphan queue for longer than is allowed",
}
"""What one can be told of → what it means."""

RETRIES: tuple[timedelta, ...] = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long after each failed attempt the next one is made, as Standard Webhooks 1.0.0 advises; after the last, none."""

GONE = 410


class NoWebhook(NotFound):
    """There is no webhook of that name."""


class NoSecret(BadInput):
    """A webhook has no secret to sign or verify with."""


class NoDelivery(NotFound):
    """There is no delivery of that id."""

    def __init__(self, delivery_id: str) -> None:
        super().__init__(f"There is no delivery {delivery_id!r}.")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A system that sends leads to `/hooks/<name>`."""

    name: str
    signed: str = "standard"
    """One of `connectors.webhooks.SCHEMES`."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field of the lead → where it stands in the message, as `properties.email.value`."""
    id: str | None = None
    """Where the lead's id in that system stands; without it the message's own id is taken."""
    items: str | None = None
    """Where the list of leads stands, if one message may bring several."""
    url: str | None = None
    """The address the sender writes, where a proxy changes it on the way; part of what HubSpot signs."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A system that is told of decisions and alarms."""

    name: str
    url: str
    events: tuple[str, ...] = tuple(EVENTS)


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """Everybody who sends and is sent to."""

    sources: tuple[Source, ...] = ()
    targets: tuple[Target, ...] = ()

    def source(self, name: str) -> Source:
        """The source of that name."""
        for one in self.sources:
            if one.name == name:
                return one
        raise NoWebhook(f"There is no webhook {name!r} that leads come in by.")


class Status(StrEnum):
    """Where a message is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message to one target, from the decision it tells of until it has arrived or is given up."""

    delivery_id: str
    """The `webhook-id`: the same at every attempt, so that the receiver can tell a repeat."""
    target: str
    event: str
    subject: str
    """The id of the lead."""
    payload: Mapping[str, Any]
    made_at: datetime
    status: Status = Status.PENDING
    attempts: int = 0
    next_at: datetime
    leased_until: datetime | None = None
    """Until when somebody is at it."""
    answer: int | None = None
    """The HTTP status of the last attempt."""
    problem: str | None = None
    """What was wrong with the last attempt, in words."""
    ended_at: datetime | None = None

    def begun(self, *, until: datetime) -> Delivery:
        """One more attempt, by whoever holds it until then."""
        return replace(self, attempts=self.attempts + 1, leased_until=until)

    def arrived(self, status: int, *, at: datetime) -> Delivery:
        """The target took it."""
        return replace(
            self, status=Status.DELIVERED, answer=status, problem=None, leased_until=None, ended_at=at
        )  # fmt: skip

    def failed(
        self, problem: str, *, status: int | None = None, wait: timedelta | None = None, at: datetime
    ) -> Delivery:
        """The target did not take it: it is tried again later, or given up after the last time or where it is gone."""
        told = replace(self, answer=status, problem=problem, leased_until=None)
        if status == GONE or self.attempts > len(RETRIES):
            return replace(told, status=Status.DEAD, ended_at=at)
        return replace(told, next_at=at + max(RETRIES[self.attempts - 1], wait or timedelta()))

    def refused(self, problem: str, *, at: datetime) -> Delivery:
        """It can never be sent as things are: given up at once, to be sent again when that is mended."""
        return replace(self, status=Status.DEAD, problem=problem, leased_until=None, ended_at=at)

    def again(self, *, at: datetime) -> Delivery:
        """Somebody wants it sent once more, from the start."""
        return replace(
            self, status=Status.PENDING, attempts=0, next_at=at, leased_until=None, ended_at=None
        )  # fmt: skip


def secrets_of(name: str, settings: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """
    The secrets of a webhook, the newest first; the environment holds them, never the record.

    Raises
    ------
    NoSecret
        The environment names none; the message says what to set.
    """
    setting = SECRET_SETTING + name.upper().replace("-", "_")
    found = tuple(settings.get(setting, "").split())
    if not found:
        raise NoSecret(f"The webhook {name!r} has no secret; set {setting} where Patchbook runs.")
    return found


def inside(settings: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The addresses inside that an administrator allows."""
    return frozenset(settings.get(INSIDE_SETTING, "").split())
