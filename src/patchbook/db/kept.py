"""Answers already given to writes, so that a request sent twice is done once and answered alike both times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, delete, insert, select

from patchbook.db.metadata import Instant, Json, metadata

KEPT_FOR = timedelta(days=3)
"""How long an answer is kept at least."""

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", Text),
    Column("at", Instant, nullable=False),
    Index("ix_kept_answer_at", "at"),
)
"""One row a write that came with a key. `body` is null where the answer held a secret, which is not kept."""


@dataclass(frozen=True, kw_only=True)
class KeptAnswer:
    """What a write was answered, and which request it was (a digest of method, path and body)."""

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: str | None


def find(tx: Connection, person_id: str, key: str) -> KeptAnswer | None:
    """What this person's write under this key was answered, if it was."""
    row = tx.execute(
        select(kept_answer).where(kept_answer.c.person_id == person_id, kept_answer.c.key == key)
    ).one_or_none()
    if row is None:
        return None
    return KeptAnswer(fingerprint=row.fingerprint, status=row.status, headers=row.headers, body=row.body)


def keep(tx: Connection, person_id: str, key: str, answer: KeptAnswer, *, at: datetime) -> None:
    """Keep an answer, and let go of those nobody will ask for again; the first answer under a key stays."""
    tx.execute(delete(kept_answer).where(kept_answer.c.at < at - KEPT_FOR))
    if find(tx, person_id, key) is None:
        tx.execute(
            insert(kept_answer).values(
                person_id=person_id,
                key=key,
                fingerprint=answer.fingerprint,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
                at=at,
            )
        )


def forget_all(tx: Connection) -> None:
    """Let go of every kept answer: an answer may name people, and erasing somebody must reach it."""
    tx.execute(delete(kept_answer))
