"""The tables of leads: what came in, every decision about it, whose turn it is, and what was done since."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

lead = Table(
    "lead",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("motion", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("fields", Json, nullable=False),
    Column("digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("account_id", Text),
    Column("territory_id", Text),
    Column("person_id", Text, ForeignKey("person.person_id")),
    Column("decisions", Integer, nullable=False),
    Column("first_assigned_at", Instant),
    Column("assigned_at", Instant),
    Column("accepted_at", Instant),
    Column("touched_at", Instant),
    Column("closed_at", Instant),
    Column("holds_until", Instant),
    Column("value_usd", Float),
    Column("contact", Text),
    UniqueConstraint("source", "source_id"),
    CheckConstraint("status IN ('assigned', 'queued', 'closed')", name="status_is_known"),
    CheckConstraint("(status = 'assigned') <= (person_id IS NOT NULL)", name="assigned_to_somebody"),
    Index("ix_lead_person", "person_id", "status", "assigned_at"),
    Index("ix_lead_status", "status", "received_at"),
    Index("ix_lead_account", "account_id", "received_at"),
    Index("ix_lead_territory", "territory_id"),
    Index("ix_lead_contact", "contact", "assigned_at"),
    Index("ix_lead_received", "received_at", "lead_id"),
)
"""One row a lead, opportunity, case or meeting, as it stands now. `digest` is that of the request that brought it,
`decisions` how many there were, the last one being where it is. `contact` is a keyed digest of the e-mail address, by
which whoever had the contact's last lead is found; `holds_until` when a queued one is to be decided again."""

decision = Table(
    "decision",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("lead_id", Text, ForeignKey("lead.lead_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("routing_version", Integer, nullable=False),
    Column("plan_id", Text),
    Column("publication_id", Text),
    Column("snapshot_id", Text),
    Column("known", Instant),
    Column("person_id", Text),
    Column("pool_id", Text),
    Column("territory_id", Text),
    Column("account_id", Text),
    Column("route", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("says", Text, nullable=False),
    Column("decided", Json, nullable=False),
    Column("answers", Json, nullable=False),
    Column("answers_digest", Text, nullable=False),
    UniqueConstraint("lead_id", "number"),
    Index("ix_decision_person", "person_id", "at"),
    Index("ix_decision_at", "at", "decision_id"),
)
"""Every decision, only ever added to. `cause` is why there was one (received, reassigned, swept, by hand, …); `decided`
is the decision whole; `answers` is all that was asked to make it, so that it can be made again; `known` is the last
instant anything of the record was recorded when it was made."""
append_only(decision)

turn = Table(
    "turn",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("state", Json, nullable=False),
    Column("revision", Integer, nullable=False),
)
"""One row a pool: the counters of its turns, as `routing.turn` packs them."""

lead_event = Table(
    "lead_event",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("lead_id", Text, ForeignKey("lead.lead_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_lead_event_lead", "lead_id", "at"),
)
"""What was done with a lead since it came in: accepted, touched, returned, closed, escalated; only ever added to."""
append_only(lead_event)

routing = Table(
    "routing",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
)
"""The routing document, a row a version, only ever added to: routes, pools' turns, caps, calendars, service levels,
rules of engagement."""
append_only(routing)
