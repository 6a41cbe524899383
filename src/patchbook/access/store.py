"""Access in the database. No secret is kept: passwords as argon2 hashes, sessions and tokens as digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from patchbook.access.session import Token
from patchbook.db.believed import believed_at
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.ledger.lay import lay
from patchbook.people.store import employment, person
from patchbook.territories.store import territory

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


def is_person(tx: Connection, person_id: str) -> bool:
    """Whether there is somebody of this id."""
    return tx.execute(select(person.c.person_id).where(person.c.person_id == person_id)).first() is not None


def is_territory(tx: Connection, territory_id: str) -> bool:
    """Whether there is a territory of this id."""
    query = select(territory.c.territory_id).where(territory.c.territory_id == territory_id)
    return tx.execute(query).first() is not None


def is_employed(tx: Connection, person_id: str, at: datetime) -> bool:
    """Whether somebody works here at `at`, as far as is known."""
    return tx.execute(select(employment.c.fact_id).where(works(literal(person_id), at))).first() is not None


def people_with_email(tx: Connection, email: str) -> list[str]:
    """Whose e-mail address this is, however it is written; more than one where spellings differ by case alone."""
    query = select(person.c.person_id).where(func.lower(person.c.email) == email.strip().lower())
    return list(tx.execute(query.limit(2)).scalars())


def words_about(tx: Connection, person_id: str) -> frozenset[str]:
    """What others know of somebody: name, its parts, and e-mail address."""
    row = tx.execute(select(person.c.name, person.c.email).where(person.c.person_id == person_id)).one()
    return frozenset({row.name, *row.name.split(), *([row.email] if row.email else [])})


def add_person(tx: Connection, person_id: str, name: str, email: str | None) -> None:
    """Somebody of whom no more is known than who they are."""
    tx.execute(insert(person).values(person_id=person_id, name=name, email=email))


def employ(tx: Connection, person_id: str, since: datetime, reason: str, at: datetime) -> None:
    """Have somebody employed from an instant on, unless they are."""
    if not is_employed(tx, person_id, at):
        lay(tx, employment, [{"person_id": person_id, "valid_from": since, "reason": reason}], at=at)


def held_by(tx: Connection, person_id: str) -> Sequence[Row[Any]]:
    """The roles somebody holds, oldest first."""
    query = select(role_held).where(role_held.c.person_id == person_id)
    return tx.execute(query.order_by(role_held.c.at, role_held.c.held_id)).all()


def find_held(tx: Connection, person_id: str, role: str, territory_id: str | None, source: str) -> str | None:
    """The id of exactly this role of somebody, if they hold it."""
    return tx.execute(
        select(role_held.c.held_id).where(
            role_held.c.person_id == person_id,
            role_held.c.role == role,
            role_held.c.territory_id.is_not_distinct_from(territory_id),
            role_held.c.source == source,
        )
    ).scalar()


def add_held(tx: Connection, **held: Any) -> None:
    """Let somebody hold a role."""
    tx.execute(insert(role_held).values(**held))


def drop_held(tx: Connection, held_id: str) -> None:
    """Let somebody hold a role no more."""
    tx.execute(delete(role_held).where(role_held.c.held_id == held_id))


def anybody_holds_a_role(tx: Connection) -> bool:
    """Whether any role is held by anybody."""
    return tx.execute(select(role_held.c.held_id).limit(1)).first() is not None


def admins_besides(tx: Connection, held_id: str, at: datetime) -> int:
    """How many other grants make an employed person an admin."""
    query = select(func.count()).select_from(role_held)
    others = query.where(role_held.c.role == "admin", role_held.c.held_id != held_id)
    return tx.execute(others.where(exists().where(works(role_held.c.person_id, at)))).scalar_one()


def password_hash(tx: Connection, person_id: str) -> str | None:
    """The hash of somebody's password, if they have one."""
    return tx.execute(select(password.c.hash).where(password.c.person_id == person_id)).scalar()


def put_password(tx: Connection, person_id: str, hashed: str, at: datetime) -> None:
    """Keep the hash of a new password in place of the old one's."""
    tx.execute(delete(password).where(password.c.person_id == person_id))
    tx.execute(insert(password).values(person_id=person_id, hash=hashed, at=at))


def attempts(tx: Connection, whom: str, since: datetime) -> list[datetime]:
    """When sign-ins in this name began that have not succeeded, oldest first."""
    query = select(attempt.c.at).where(attempt.c.whom == whom, attempt.c.at > since)
    return list(tx.execute(query.order_by(attempt.c.at)).scalars())


def add_attempt(tx: Connection, whom: str, at: datetime, *, forget_before: datetime) -> None:
    """Count a sign-in as failed until it succeeds, and forget the old ones of everybody."""
    tx.execute(delete(attempt).where(attempt.c.at <= forget_before))
    tx.execute(insert(attempt).values(whom=whom, at=at))


def drop_attempts(tx: Connection, whom: str) -> None:
    """Forget what failed in this name."""
    tx.execute(delete(attempt).where(attempt.c.whom == whom))


def add_session(tx: Connection, digest: str, person_id: str, how: str, at: datetime, ends_at: datetime) -> None:
    """Keep a new session."""
    values = {"digest": digest, "person_id": person_id, "how": how, "made_at": at, "used_at": at, "ends_at": ends_at}
    tx.execute(insert(session).values(**values))


def session_person(tx: Connection, digest: str, *, used_after: datetime, at: datetime) -> str | None:
    """Whose session this is, if it has not ended."""
    query = select(session.c.person_id).where(session.c.digest == digest)
    return tx.execute(query.where(session.c.used_at > used_after, session.c.ends_at > at)).scalar()


def drop_session(tx: Connection, digest: str) -> None:
    """End a session."""
    tx.execute(delete(session).where(session.c.digest == digest))


def drop_sessions_of(tx: Connection, person_id: str) -> int:
    """End all sessions of somebody; how many there were."""
    return tx.execute(delete(session).where(session.c.person_id == person_id)).rowcount


def drop_old_sessions(tx: Connection, *, used_before: datetime, at: datetime) -> None:
    """Forget sessions that have ended."""
    tx.execute(delete(session).where((session.c.used_at <= used_before) | (session.c.ends_at <= at)))


def use_is_due(tx: Connection, digest: str, *, noted_before: datetime, day: date) -> bool:
    """Whether the use of this session or token is to be written down again."""
    sessions = select(session.c.digest).where(session.c.digest == digest, session.c.used_at <= noted_before)
    stale = or_(token.c.used_on.is_(None), token.c.used_on < day)
    tokens = select(token.c.digest).where(token.c.digest == digest, stale)
    return tx.execute(sessions.union_all(tokens)).first() is not None


def note_use(tx: Connection, digest: str, at: datetime) -> None:
    """Write down that a session or token is used."""
    tx.execute(update(session).where(session.c.digest == digest).values(used_at=at))
    tx.execute(update(token).where(token.c.digest == digest).values(used_on=at.date()))


def add_token(tx: Connection, made: Token, digest: str) -> None:
    """Keep a new token."""
    values = {name: getattr(made, name) for name in _TOKEN}
    tx.execute(insert(token).values(**{**values, "scopes": sorted(made.scopes)}, digest=digest))


def token_with(tx: Connection, digest: str) -> Token | None:
    """The token whose secret has this digest."""
    return _token(tx.execute(select(token).where(token.c.digest == digest)).first())


def token_named(tx: Connection, token_id: str) -> Token | None:
    """The token of this id."""
    return _token(tx.execute(select(token).where(token.c.token_id == token_id)).first())


def tokens_of(tx: Connection, person_id: str) -> tuple[Token, ...]:
    """Somebody's tokens, newest first."""
    query = select(token).where(token.c.person_id == person_id)
    rows = tx.execute(query.order_by(token.c.made_at.desc(), token.c.token_id))
    return tuple(found for row in rows if (found := _token(row)))


def revoke_token(tx: Connection, token_id: str, at: datetime) -> None:
    """Have a token end now."""
    tx.execute(update(token).where(token.c.token_id == token_id).values(revoked_at=at))


def person_of_identity(tx: Connection, issuer: str, subject: str) -> str | None:
    """Who this is, if they signed in through this provider before or were linked."""
    mine = (identity.c.issuer == issuer) & (identity.c.subject == subject)
    return tx.execute(select(identity.c.person_id).where(mine)).scalar()


def add_identity(tx: Connection, issuer: str, subject: str, person_id: str, at: datetime) -> None:
    """Say who somebody at a provider is."""
    tx.execute(insert(identity).values(issuer=issuer, subject=subject, person_id=person_id, at=at))


def add_sign_in_begun(
    tx: Connection, digest: str, provider: str, redirect_uri: str, at: datetime, *, forget_before: datetime
) -> None:
    """Remember a sign-in that goes to a provider, and forget those that never came back."""
    tx.execute(delete(sign_in_begun).where(sign_in_begun.c.at <= forget_before))
    tx.execute(insert(sign_in_begun).values(digest=digest, provider=provider, redirect_uri=redirect_uri, at=at))


def take_sign_in_begun(tx: Connection, digest: str, provider: str, *, begun_after: datetime) -> str | None:
    """Where a sign-in was to come back to, once: it is forgotten by asking."""
    mine = (sign_in_begun.c.digest == digest) & (sign_in_begun.c.provider == provider)
    found = tx.execute(select(sign_in_begun.c.redirect_uri).where(mine, sign_in_begun.c.at > begun_after)).scalar()
    tx.execute(delete(sign_in_begun).where(mine))
    return found


def works(whom: ColumnElement[str], at: datetime) -> ColumnElement[bool]:
    """Whether an employment is one of somebody's that holds at an instant."""
    return and_(
        employment.c.person_id == whom,
        *believed_at(employment, at),
    )


_TOKEN = tuple(one.name for one in fields(Token))


def _token(row: Row[Any] | None) -> Token | None:
    if row is None:
        return None
    found = {name: getattr(row, name) for name in _TOKEN}
    return Token(**{**found, "scopes": frozenset(row.scopes)})
