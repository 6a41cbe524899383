"""Territories and seats in the database."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from patchbook.db.constraints import bitemporal
from patchbook.db.metadata import Instant, Json, metadata, valid_and_recorded

territory = Table(
    "territory",
    metadata,
    Column("territory_id", Text, primary_key=True),
    Column("made_at", Instant, nullable=False),
)
"""That a territory is; what it is called and where it hangs are facts of `place`."""

place = Table(
    "place",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("parent_id", Text, ForeignKey("territory.territory_id")),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("steward_id", Text, ForeignKey("person.person_id")),
    Column("review_on", Instant),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_place_territory", "territory_id", "valid_from"),
    Index("ix_place_parent", "parent_id", "valid_from"),
)
"""Name, kind (geographic, named, vertical, overlay, pool, house, group) and parent of a territory for a period."""
bitemporal(place, key=["territory_id"])

seat = Table(
    "seat",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("number", Integer, nullable=False, default=1),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("territory_id", "role", "number"),
)
"""A role at a territory. `number` tells several seats of one role apart; who fills a seat is a fact of `staffing`."""

pool = Table(
    "pool",
    metadata,
    Column("pool_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("members", Json, nullable=False, default=list),
    Column("revision", Integer, nullable=False, default=1),
)
"""People who share what comes in: `members` is a list of {"person_id", "weight"}."""

split = Table(
    "split",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("territory_id", Text, ForeignKey("territory.territory_id"), nullable=False),
    Column("account_id", Text, nullable=False, default=""),
    Column("role", Text, nullable=False),
    Column("shares", Json, nullable=False),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_split_territory", "territory_id", "account_id", "valid_from"),
)
"""How credit is shared for a period: `shares` is a list of {"person_id", "percent"} that sums to 100.

`account_id` is empty where the split holds for the whole territory; one for an account goes before it.
"""
bitemporal(split, key=["territory_id", "account_id", "role"])
