"""The tables of the rules of engagement."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

registration = Table(
    "registration",
    metadata,
    Column("registration_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("deal", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("starts", Instant),
    Column("ends", Instant),
    Column("extended_at", Instant),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("comment", Text),
    CheckConstraint("(status = 'approved') <= (ends IS NOT NULL)", name="approved_for_a_while"),
    Index("ix_registration_account", "account_id", "status", "ends"),
    Index("ix_registration_person", "person_id"),
)
"""What partners registered. While one is in force its person has the account in the role `partner`: a fact of
`override` whose source is `registration_id`."""

claim = Table(
    "claim",
    metadata,
    Column("claim_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("returned_at", Instant),
    Column("returned_by", Text),
    Column("returned_why", Text),
    CheckConstraint("(status = 'returned') = (returned_at IS NOT NULL)", name="returned_at_an_instant"),
    Index("ix_claim_account", "account_id", "claimed_at"),
    Index("ix_claim_person", "person_id", "claimed_at"),
)
"""What reps took for themselves; while one is in force it is a fact of `override` whose source is `claim_id`."""

activity = Table(
    "activity",
    metadata,
    Column("activity_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_activity_account", "account_id", "at"),
    Index("ix_activity_person", "person_id", "at"),
)
"""What somebody did about an account: a call, a mail, a meeting. It keeps the account from timing out."""

idle_notice = Table(
    "idle_notice",
    metadata,
    Column("notice_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("idle_since", Instant, nullable=False),
    Column("warned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("returns_to", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("status IN ('warned', 'active', 'returned')", name="status_is_known"),
    Index("ix_idle_notice_account", "account_id", "status"),
    Index("ix_idle_notice_person", "person_id", "status"),
    Index("ix_idle_notice_status", "status", "due_at"),
)
"""Owners who were told that an account goes back: still warned, active again, or returned."""

appointment = Table(
    "appointment",
    metadata,
    Column("appointment_id", Text, primary_key=True),
    Column("family_id", Text, nullable=False),
    Column("country", Text, nullable=False, default=""),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    CheckConstraint("starts < ends", name="appointment_is_not_empty"),
    Index("ix_appointment_family", "family_id", "country", "starts"),
    Index("ix_appointment_person", "person_id"),
)
"""Who owns a family of accounts: everywhere where `country` is empty, else in that country. Each site's owner by it is
a fact of `override` whose source is `appointment_id`; a site that comes later gets it with the next run."""

rules_document = Table(
    "rules_document",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("routing_version", Integer, nullable=False),
    Column("markdown", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""The rules of engagement as they were told, a row a version, only ever added to."""
append_only(rules_document)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("acknowledgement_id", Text, primary_key=True),
    Column("version", Integer, ForeignKey("rules_document.version"), nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("version", "person_id"),
    Index("ix_acknowledgement_person", "person_id"),
)
"""Who read which version; only ever added to."""
append_only(acknowledgement)

deal_territory = Table(
    "deal_territory",
    metadata,
    Column("opportunity_id", Text, ForeignKey("opportunity.opportunity_id"), primary_key=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id")),
    Column("status", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("candidates", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    CheckConstraint("status IN ('assigned', 'review', 'chosen', 'locked')", name="status_is_known"),
    CheckConstraint("(status = 'review') <= (territory_id IS NULL)", name="review_has_none"),
    Index("ix_deal_territory_status", "status", "opportunity_id"),
    Index("ix_deal_territory_territory", "territory_id"),
)
"""Which territory an opportunity belongs to and why. Where several rules take it and none goes first it is in review,
with the territories between which somebody chooses."""

handoff = Table(
    "handoff",
    metadata,
    Column("handoff_id", Text, primary_key=True),
    Column("opportunity_id", Text, nullable=False, unique=True),
    Column("account_id", Text, nullable=False),
    Column("from_person", Text, ForeignKey("person.person_id")),
    Column("to_person", Text, ForeignKey("person.person_id")),
    Column("because", Text, nullable=False),
    Column("checklist", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("decided_at", Instant),
    CheckConstraint("status IN ('open', 'accepted', 'returned')", name="status_is_known"),
    Index("ix_handoff_to", "to_person", "status", "due_at"),
    Index("ix_handoff_account", "account_id"),
)
"""What sales hands to customer success when a deal is won: `checklist` is a list of {"item", "is_done"}."""

pack_acknowledgement = Table(
    "pack_acknowledgement",
    metadata,
    Column("acknowledgement_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("plan_id", "person_id", "digest"),
    Index("ix_pack_acknowledgement_person", "person_id"),
)
"""Who read which pack, as it was then; only ever added to."""
append_only(pack_acknowledgement)
