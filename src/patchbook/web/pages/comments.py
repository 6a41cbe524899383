"""What is said about things: one part for any page, the form it has, and a page for what has no page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.comments import actions as comments
from patchbook.comments.comment import LONGEST, Comment, Subject
from patchbook.comments.mentions import Piece, mentioned, pieces
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.models import After, InPath
from patchbook.web.names import people_named
from patchbook.web.page import Looked, Pages

router = Pages()
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Said:
    """One comment, as pages show it."""

    comment_id: str
    name: str
    at: datetime
    pieces: tuple[Piece, ...]
    is_withdrawn: bool
    is_mine: bool


@dataclass(frozen=True, kw_only=True)
class Thread:
    """What was said about one thing; `templates/comments.html` shows it."""

    kind: Subject
    subject_id: str
    said: tuple[Said, ...]
    names: dict[str, str]
    """Of whom is addressed."""
    may_say: bool
    next: str | None


def thread(
    tx: Connection, kind: Subject, subject_id: str, *, after: str | None = None, by: Principal, at: datetime
) -> Thread:
    """What was said about a thing this person sees, oldest first."""
    found = comments.comments(tx, kind, subject_id, after=after, limit=SHOWN, by=by, at=at)
    names = people_named(tx, (who for one in found.rows for who in (one.by, *mentioned(one.text))))
    return Thread(
        kind=kind,
        subject_id=subject_id,
        said=tuple(_said(one, names, by) for one in found.rows),
        names=names,
        may_say=may(by, Deed.COMMENT),
        next=found.next_cursor,
    )


def _said(one: Comment, names: dict[str, str], by: Principal) -> Said:
    return Said(
        comment_id=one.comment_id,
        name=names.get(one.by, one.by),
        at=one.at,
        pieces=tuple(pieces(one.text)),
        is_withdrawn=one.withdrawn_at is not None,
        is_mine=one.by == by.person_id,
    )


@router.page("/comments/{kind}/{subject_id:path}", Deed.SEE)
def show(kind: Subject, subject_id: InPath, here: Looked, after: After = None) -> Response:
    """What was said about one thing."""
    found = thread(here.tx, kind, subject_id, after=after, by=here.person, at=here.at)
    return here.show("comment_thread.html", found)


@router.form("/comments", Deed.COMMENT)
def say(
    here: Looked,
    kind: Annotated[Subject, Form()],
    subject_id: Annotated[str, Form(min_length=1, max_length=200)],
    text: Annotated[str, Form(max_length=LONGEST)],
    back: Annotated[str, Form(max_length=500)],
) -> Response:
    """Say something about a thing one sees."""
    made = comments.comment(here.tx, kind, subject_id, text, by=here.person, at=here.at)
    unknown = [who for who, name in people_named(here.tx, mentioned(made.text)).items() if who == name]
    said = f"Said; but there is nobody {unknown[0]!r}, so nobody was told." if unknown else "Said."
    return here.done(f"{back}#comments", said)


@router.form("/comments/{comment_id}/withdrawal", Deed.COMMENT)
def withdraw(comment_id: InPath, here: Looked, back: Annotated[str, Form(max_length=500)]) -> Response:
    """Take back what one wrote."""
    comments.withdraw(here.tx, comment_id, by=here.person, at=here.at)
    return here.done(f"{back}#comments", "Withdrawn: that you said something stays, what you said is gone.")
