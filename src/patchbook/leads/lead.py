"""A lead as the record keeps it: where it is, what was done with it, and which deeds it allows. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.leads.fields import Unread, packed
from patchbook.period import told
from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind, Lead, Motion, Value

LONGEST_ID = 200
QUEUE = "queue"


class Status(StrEnum):
    """Where a lead is."""

    ASSIGNED = "assigned"
    QUEUED = "queued"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why there was a decision."""

    RECEIVED = "received"
    RETURNED = "returned"
    BY_HAND = "by hand"
    REROUTED = "rerouted"
    SWEPT = "swept"
    OVERDUE = "overdue"


class What(StrEnum):
    """What was done with a lead beside deciding about it."""

    ACCEPTED = "accepted"
    TOUCHED = "touched"
    RETURNED = "returned"
    CLOSED = "closed"
    MERGED = "merged"
    ERASED = "erased"
    ALARMED = "alarmed"
    """It waited in the queue for longer than is allowed, and whoever is to know was told."""


class UnknownLead(NotFound):
    """There is no such lead, or none this person may see."""

    def __init__(self, lead_id: str) -> None:
        super().__init__(f"There is no lead {lead_id!r}.")
        self.lead_id = lead_id


class BadLead(BadInput):
    """A lead cannot be taken in as it was sent."""


class AnotherLead(Conflict):
    """A lead of this id came from this source before, and said something else."""

    def __init__(self, source: str, source_id: str, lead_id: str) -> None:
        super().__init__(
            f"The lead {source_id!r} of {source!r} came before as {lead_id}, and with other fields; the same id is the"
            " same lead, so send another one under an id of its own."
        )
        self.lead_id = lead_id


class NotAssigned(Conflict):
    """A lead is not with anybody, so nobody can work on it."""


class IsClosed(Conflict):
    """A lead that was closed is not touched again."""


class DecidedSince(Conflict):
    """A lead has been decided about since somebody read it."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A lead as it came in, its fields cleaned."""

    source: str
    source_id: str
    kind: Kind = Kind.LEAD
    motion: Motion = Motion.INBOUND
    fields: Mapping[str, Value | None] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    received_at: datetime | None = None
    """When it came to the source; when it came here where it does not say."""

    def __post_init__(self) -> None:
        """Refuse what cannot be told apart from others."""
        for name, value in (("source", self.source), ("source_id", self.source_id)):
            if not value.strip() or len(value) > LONGEST_ID or "\0" in value:
                found = f"has {len(value):,} characters" if value.strip() else "is empty"
                raise BadLead(f"A lead's {name} {found}; give it 1 to {LONGEST_ID} characters.")

    @property
    def digest(self) -> str:
        """What tells it from another lead sent under the same id."""
        said = {"kind": self.kind, "motion": self.motion, "fields": packed(self.fields)}
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class RecordedLead:
    """A lead as it stands."""

    lead_id: str
    source: str
    source_id: str
    kind: Kind
    motion: Motion
    received_at: datetime
    fields: Mapping[str, Value | None]
    digest: str
    status: Status
    account_id: str | None = None
    territory_id: str | None = None
    person_id: str | None = None
    decisions: int = 0
    """How many there were; the last one says where it is."""
    first_assigned_at: datetime | None = None
    assigned_at: datetime | None = None
    """Since when it is with whoever has it."""
    accepted_at: datetime | None = None
    touched_at: datetime | None = None
    """When somebody first got in touch."""
    closed_at: datetime | None = None
    holds_until: datetime | None = None
    """When it is decided again, where it waits for somebody's working hours."""
    value_usd: float | None = None
    contact: str | None = None

    @property
    def as_asked(self) -> Lead:
        """The lead as routing is asked about it."""
        return Lead(
            lead_id=self.lead_id,
            source=self.source,
            source_id=self.source_id,
            kind=self.kind,
            motion=self.motion,
            received_at=self.received_at,
            fields=self.fields,
        )

    def decided(self, decision: Decision) -> RecordedLead:
        """The lead where a decision put it."""
        goes = decision.person_id is not None
        return replace(
            self,
            status=Status.ASSIGNED if goes else Status.QUEUED,
            person_id=decision.person_id,
            territory_id=decision.territory_id,
            account_id=decision.account_id or self.account_id,
            decisions=self.decisions + 1,
            first_assigned_at=self.first_assigned_at or (decision.at if goes else None),
            assigned_at=decision.at if goes else None,
            accepted_at=None,
            closed_at=None,
            holds_until=decision.holds_until,
        )

    def accept(self, at: datetime) -> RecordedLead:
        """Take it on; a second time changes nothing."""
        self._refuse_nobodys()
        return self if self.accepted_at is not None else replace(self, accepted_at=at)

    def touch(self, at: datetime) -> RecordedLead:
        """Note that somebody got in touch; whoever does has accepted it."""
        accepted = self.accept(at)
        return accepted if accepted.touched_at is not None else replace(accepted, touched_at=at)

    def give_back(self) -> RecordedLead:
        """The lead with nobody, before it is decided again."""
        self._refuse_nobodys()
        return self

    def close(self, at: datetime) -> RecordedLead:
        """End it, worked or not."""
        if self.status is Status.CLOSED:
            raise IsClosed(f"The lead {self.lead_id} was closed on {told(self.closed_at or at)} already.")
        return replace(self, status=Status.CLOSED, closed_at=at, holds_until=None)

    def refuse_closed(self) -> None:
        """Refuse to decide again what is over."""
        if self.status is Status.CLOSED:
            raise IsClosed(f"The lead {self.lead_id} is closed; it is not routed again.")

    def refuse_decided_since(self, read: int | None) -> None:
        """Refuse where more was decided than whoever asks has read; None takes the lead as it is."""
        if read is not None and read != self.decisions:
            raise DecidedSince(
                f"The lead {self.lead_id} has {self.decisions} decisions, and you read {read}; look at it again."
            )

    def _refuse_nobodys(self) -> None:
        self.refuse_closed()
        if self.status is not Status.ASSIGNED:
            raise NotAssigned(f"The lead {self.lead_id} is in the queue and with nobody; it has to be assigned first.")


@dataclass(frozen=True, kw_only=True)
class LeadEvent:
    """Something done with a lead."""

    event_id: str
    lead_id: str
    at: datetime
    what: str
    by: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a decision was made from: exactly one version of the rules, the plan, the accounts and the facts."""

    routing_version: int
    plan_id: str | None = None
    publication_id: str | None = None
    snapshot_id: str | None = None
    known: datetime | None = None
    """The last instant anything was recorded that counted."""


@dataclass(frozen=True, kw_only=True)
class RecordedDecision:
    """A decision as the record keeps it, whole."""

    decision_id: str
    lead_id: str
    number: int
    """The first is 1."""
    at: datetime
    by: str
    cause: Cause
    version: Version
    decision: Decision
    answers: Mapping[str, Any]
    """What the company answered when it was made, each under a keyed digest of the question."""
    answers_digest: str
    pool_id: str | None = None

    @property
    def says(self) -> str:
        """It in one sentence."""
        return self.decision.says


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What whoever sent a lead, or had it decided again, is told."""

    lead: RecordedLead
    decision: RecordedDecision
    is_new: bool = True
    """False where the same lead came before, and this is what was decided then."""
    unread: tuple[Unread, ...] = ()
