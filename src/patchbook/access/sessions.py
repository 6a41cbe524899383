"""Sessions: who is signed in, until they sign out, rest too long, or leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.access import store
from patchbook.access.grants import principal
from patchbook.access.session import IDLE, LONGEST, SignedIn, digest, new_secret
from patchbook.audit import actions as audit
from patchbook.db.record import Record
from patchbook.people.principal import Principal

NOTED_EVERY = timedelta(minutes=15)
"""How much later than its last noted use a session is used before that is written down."""


def begin(tx: Connection, person_id: str, *, how: str, replaces: str | None = None, at: datetime) -> SignedIn:
    """A new session with a new secret; the one it replaces ends, so that a planted secret is worth nothing."""
    if replaces is not None:
        store.drop_session(tx, digest(replaces))
    store.drop_old_sessions(tx, used_before=at - IDLE, at=at)
    secret = new_secret()
    ends_at = at + LONGEST
    store.add_session(tx, digest(secret), person_id, how, at, ends_at)
    audit.record(tx, "sign in", person_id, kind="person", by=person_id, at=at, after={"how": how})
    return SignedIn(person_id=person_id, secret=secret, ends_at=ends_at)


def session_principal(tx: Connection, secret: str, *, at: datetime) -> Principal | None:
    """Who is signed in with this secret; None where nobody is, or not any more."""
    person_id = store.session_person(tx, digest(secret), used_after=at - IDLE, at=at)
    if person_id is None or not store.is_employed(tx, person_id, at):
        return None
    return principal(tx, person_id, at=at)


def sign_out(tx: Connection, secret: str, *, at: datetime) -> None:
    """End a session; nothing happens where there is none."""
    person_id = store.session_person(tx, digest(secret), used_after=at - IDLE, at=at)
    store.drop_session(tx, digest(secret))
    if person_id is not None:
        audit.record(tx, "sign out", person_id, kind="person", by=person_id, at=at)


def end_sessions(tx: Connection, person_id: str) -> int:
    """End every session of a person, and say how many there were; whoever calls this records why."""
    return store.drop_sessions_of(tx, person_id)


def note_use(record: Record, secret: str, *, at: datetime) -> None:
    """
    Write down that a session or a token is in use, in a transaction of its own, and only now and then.

    A session rests from its last noted use, a token shows the last day it was used; without this call an edge's
    sessions end twelve hours after they began, however busy.
    """
    known = digest(secret)
    with record.reading() as tx:
        is_due = store.use_is_due(tx, known, noted_before=at - NOTED_EVERY, day=at.date())
    if is_due:
        with record.writing() as tx:
            store.note_use(tx, known, at)
