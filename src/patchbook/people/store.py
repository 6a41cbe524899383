"""People in the database."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text

from patchbook.db.constraints import bitemporal
from patchbook.db.metadata import Json, metadata, valid_and_recorded

person = Table(
    "person",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("revision", Integer, nullable=False, default=1),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True),
    Column("role", Text),
    Column("segment", Text),
    Column("manager_id", Text, ForeignKey("person.person_id"), index=True),
    Column("skills", Json, nullable=False, default=list),
    Column("languages", Json, nullable=False, default=list),
    Column("products", Json, nullable=False, default=list),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("time_zone", Text),
    Column("working_hours", Json),
    Column("capacity", Float, nullable=False, default=1.0),
    Column("ramp", Float, nullable=False, default=1.0),
    Column("other", Json, nullable=False, default=dict),
)

employment = Table(
    "employment",
    metadata,
    Column("fact_id", Integer, primary_key=True, autoincrement=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False),
    *valid_and_recorded(),
    Column("reason", Text, nullable=False),
    Index("ix_employment_person", "person_id", "valid_from"),
)
bitemporal(employment, key=["person_id"])
