"""Access in the database. No secret is kept: passwords as argon2 hashes, sessions and tokens as digests."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from patchbook.db.metadata import Instant, Json, metadata

role_held = Table(
    "role_held",
    metadata,
    Column("held_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("territory_id", Text, ForeignKey("territory.territory_id")),
    Column("source", Text, nullable=False, default=""),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""The roles people hold now, everywhere or below a territory; who held what before is in the audit trail.

`source` is empty for a role granted by hand, and names the sign-in provider for one that follows its groups.
"""

password = Table(
    "password",
    metadata,
    Column("person_id", Text, ForeignKey("person.person_id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("attempt_id", Integer, primary_key=True, autoincrement=True),
    Column("whom", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_attempt_whom", "whom", "at"),
)
"""Sign-ins that failed, or are being tried; `whom` is a keyed digest of the e-mail address that was typed."""

session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("how", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("used_on", Date),
)

identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
"""Who somebody is at a sign-in provider. An e-mail address is no identity: it can be given to somebody else."""

sign_in_begun = Table(
    "sign_in_begun",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Sign-ins that went to a provider and have not come back; each can come back once."""
