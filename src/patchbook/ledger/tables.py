"""The three kinds of fact that say who owns an account, and the clock they are recorded by."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text

from patchbook.db.constraints import bitemporal, while_employed
from patchbook.db.metadata import Instant, metadata, valid_and_recorded
from patchbook.people.store import employment

assignment = Table(
    "assignment",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    *valid_and_recorded(),
    Column("cause", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_assignment_account", "account_id", "valid_from"),
    Index("ix_assignment_territory", "territory_id", "recorded_to", "valid_to", "valid_from", "account_id"),
)
"""account → territory. `cause` is what kind of deed wrote it (publish, move, rollback, …), `source` the id of the plan
or proposal behind it, `reason` plain words."""
bitemporal(assignment, key=["account_id"])

staffing = Table(
    "staffing",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("seat_id", Text, ForeignKey("seat.seat_id"), nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id")),
    Column("pool_id", Text, ForeignKey("pool.pool_id")),
    Column("interim_id", Text, ForeignKey("person.person_id")),
    *valid_and_recorded(),
    Column("cause", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint(
        "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN pool_id IS NULL THEN 0 ELSE 1 END) <= 1",
        name="one_filler",
    ),
    CheckConstraint("interim_id IS NULL OR (person_id IS NULL AND pool_id IS NULL)", name="interim_of_vacant"),
    Index("ix_staffing_seat", "seat_id", "valid_from"),
    Index("ix_staffing_person", "person_id", "valid_from"),
    Index("ix_staffing_interim", "interim_id", "valid_from"),
)
"""seat → who fills it, a person or a pool; with neither it is vacant and `interim_id` covers till somebody is hired."""
staffing.add_is_dependent_on(employment)
bitemporal(staffing, key=["seat_id"])
while_employed(staffing, column="person_id")
while_employed(staffing, column="interim_id")

override = Table(
    "override",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("opportunity_id", Text, nullable=False, default=""),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("kind", Text, nullable=False),
    *valid_and_recorded(),
    Column("cause", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("kind IN ('holdover', 'exception', 'cover', 'named')", name="kind_is_known"),
    Index("ix_override_account", "account_id", "role", "opportunity_id", "valid_from"),
    Index("ix_override_person", "person_id", "valid_from"),
)
"""account and role (or one opportunity of it) → a person, instead of whom the territory says."""
override.add_is_dependent_on(employment)
bitemporal(override, key=["account_id", "role", "opportunity_id"])
while_employed(override, column="person_id")

cover = Table(
    "cover",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    Column("cover_id", Text, ForeignKey("person.person_id"), nullable=False),
    *valid_and_recorded(),
    Column("cause", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("person_id <> cover_id", name="somebody_else"),
    Index("ix_cover_person", "person_id", "valid_from"),
    Index("ix_cover_cover", "cover_id", "valid_from"),
)
"""While `person_id` is on leave, `cover_id` acts for them: one row, whatever the number of accounts."""
cover.add_is_dependent_on(employment)
bitemporal(cover, key=["person_id"])
while_employed(cover, column="cover_id")

opportunity = Table(
    "opportunity",
    metadata,
    Column("opportunity_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("name", Text),
    Column("stage", Text),
    Column("amount_usd", Float),
    Column("owner_id", Text),
    Column("opened", Instant),
    Column("closed", Instant),
    Column("won", Integer),
)
"""Deals as last imported; open while `closed` is null."""

tick = Table("tick", metadata, Column("one", Integer, primary_key=True), Column("last", Instant, nullable=False))
"""One row: the last instant anything was recorded, so that the next one is later whatever the clock says."""
