"""Comments, and what waits for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from patchbook.comments import actions as comments
from patchbook.comments.comment import Subject
from patchbook.proposals.inbox import inbox
from patchbook.web.models import Id, In, InPath, Listed, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["comments"])


class CommentIn(In):
    """What somebody says about a thing."""

    kind: Subject
    subject_id: Id
    text: str = Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")


class CommentOut(Out):
    """What somebody said about a thing."""

    comment_id: str
    kind: Subject
    subject_id: str
    text: str
    by: str
    at: datetime
    withdrawn_at: datetime | None


class ItemOut(Out):
    """Something that waits for somebody to do it."""

    kind: str
    subject_id: str
    plan_id: str | None
    says: str
    since: datetime
    due: datetime | None


class InboxOut(Out):
    """What waits, how much of each kind, and a page of it."""

    total: int
    counts: dict[str, int]
    items: list[ItemOut]
    next: str | None = Field(default=None, description="Send it as `after` to get the next page; null at the end.")


@router.get("/comments")
def list_comments(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    kind: Annotated[Subject, Query(description="What kind of thing they are about.")],
    subject_id: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
) -> Listed[CommentOut]:
    """What was said about a thing one may see, the oldest first."""
    found = comments.comments(tx, kind, subject_id, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(CommentOut, found)


@router.post("/comments", status_code=201)
def add_comment(what: CommentIn, tx: Transaction, person: SignedIn, at: Now) -> CommentOut:
    """Say something about a thing one may see."""
    return CommentOut.of(comments.comment(tx, what.kind, what.subject_id, what.text, by=person, at=at))


@router.delete("/comments/{comment_id}")
def withdraw_comment(comment_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> CommentOut:
    """Take back what one wrote."""
    return CommentOut.of(comments.withdraw(tx, comment_id, by=person, at=at))


@router.get("/inbox")
def get_inbox(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> InboxOut:
    """What waits for oneself."""
    found = inbox(tx, after=paging.after, limit=paging.limit, by=person, at=at)
    page = paging.listed(ItemOut, found.items)
    return InboxOut(total=found.total, counts=dict(found.counts), items=page.items, next=page.next)
