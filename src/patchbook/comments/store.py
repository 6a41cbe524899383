"""Comments in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, Table, Text, exists, insert, select, update

from patchbook.comments.comment import Comment, Subject
from patchbook.comments.mentions import mentioned
from patchbook.db.believed import believed_at
from patchbook.db.metadata import Instant, metadata
from patchbook.ledger.tables import assignment
from patchbook.people.permission import in_account_scope, in_scope
from patchbook.people.principal import Principal
from patchbook.territories.store import territory

comment = Table(
    "comment",
    metadata,
    Column("comment_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index("ix_comment_subject", "kind", "subject_id", "at"),
)
"""`kind` is what it is about: plan, territory, account, proposal, challenge or exception."""


def add(tx: Connection, made: Comment) -> Comment:
    """Keep a comment."""
    tx.execute(insert(comment).values(**_values(made)))
    return made


def save(tx: Connection, changed: Comment) -> Comment:
    """Keep what was withdrawn."""
    tx.execute(update(comment).where(comment.c.comment_id == changed.comment_id).values(**_values(changed)))
    return changed


def find(tx: Connection, comment_id: str) -> Comment | None:
    """The comment of that id, whoever asks."""
    row = tx.execute(select(comment).where(comment.c.comment_id == comment_id)).first()
    return None if row is None else _read(row)


def about(
    tx: Connection, kind: Subject, subject_id: str, *, after: tuple[datetime, str] | None = None, limit: int
) -> list[Comment]:
    """What was said about one thing, oldest first."""
    query = select(comment).where(comment.c.kind == kind.value, comment.c.subject_id == subject_id)
    if after is not None:
        said, last = after
        query = query.where((comment.c.at > said) | ((comment.c.at == said) & (comment.c.comment_id > last)))
    rows = tx.execute(query.order_by(comment.c.at, comment.c.comment_id).limit(limit))
    return [_read(row) for row in rows]


def addressed_to(tx: Connection, person_id: str, *, since: datetime, limit: int) -> list[Comment]:
    """
    What others wrote to somebody by `@` and their id since an instant, and they said nothing after; oldest first.

    The text is looked for roughly; `mentions.mentioned` tells exactly.
    """
    wanted = person_id.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    mine = comment.alias("mine")
    answered = exists().where(
        mine.c.kind == comment.c.kind,
        mine.c.subject_id == comment.c.subject_id,
        mine.c.by == person_id,
        mine.c.at >= comment.c.at,
    )
    query = select(comment).where(
        comment.c.at > since,
        comment.c.by != person_id,
        comment.c.withdrawn_at.is_(None),
        comment.c.text.like(f"%@{wanted}%", escape="!"),
        ~answered,
    )
    found = [_read(row) for row in tx.execute(query.order_by(comment.c.at, comment.c.comment_id).limit(limit))]
    return [one for one in found if person_id in mentioned(one.text)]


def sees_territory(tx: Connection, territory_id: str, *, by: Principal, at: datetime) -> bool:
    """Whether there is such a territory for this person."""
    query = select(territory.c.territory_id).where(
        territory.c.territory_id == territory_id, in_scope(by, territory=territory.c.territory_id, at=at)
    )
    return tx.execute(query).first() is not None


def sees_account(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> bool:
    """Whether there is such an account for this person."""
    query = select(assignment.c.account_id).where(
        assignment.c.account_id == account_id,
        *believed_at(assignment, at),
        in_account_scope(by, account=assignment.c.account_id, territory=assignment.c.territory_id, at=at),
    )
    return tx.execute(query).first() is not None


def blot_out(tx: Connection, person_id: str, *, at: datetime) -> int:
    """Empty what somebody wrote, where they are erased; how many comments that were."""
    theirs = (comment.c.by == person_id) & comment.c.withdrawn_at.is_(None)
    return tx.execute(update(comment).where(theirs).values(text="", withdrawn_at=at)).rowcount


def _values(made: Comment) -> dict[str, Any]:
    return {**asdict(made), "kind": made.kind.value}


def _read(row: Row[Any]) -> Comment:
    return Comment(**{**row._mapping, "kind": Subject(row.kind)})
