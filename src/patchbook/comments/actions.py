"""What people say about plans, territories, accounts and requests: whoever sees the thing sees what was said of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.challenges import store as challenges
from patchbook.comments import store
from patchbook.comments.comment import BadComment, Comment, NoComment, Subject
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.errors import NotAllowed, NotFound
from patchbook.exceptions import store as exceptions
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.plans import store as plans
from patchbook.proposals import store as proposals

ANSWER_WITHIN = timedelta(days=14)
"""How long what was written to somebody waits for their answer."""


def comment(tx: Connection, kind: Subject | str, subject_id: str, text: str, *, by: Principal, at: datetime) -> Comment:
    """
    Say something about a thing one may see.

    Parameters
    ----------
    kind
        plan, territory, account, proposal, challenge or exception.
    """
    allow_somewhere(by, Deed.COMMENT)
    about = _subject(kind)
    refuse_unseen(tx, about, subject_id, by=by, at=at)
    made = Comment(
        comment_id=new_id("comment"), kind=about, subject_id=subject_id, text=text.strip(), by=by.person_id, at=at
    )
    told = {"on": about.value, "subject": subject_id, "characters": len(made.text)}
    audit.record(tx, "comment", made.comment_id, kind="comment", by=by.person_id, at=at, after=told)
    return store.add(tx, made)


def comments(
    tx: Connection,
    kind: Subject | str,
    subject_id: str,
    *,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Comment]:
    """What was said about a thing one may see, oldest first."""
    allow_somewhere(by, Deed.SEE)
    about = _subject(kind)
    refuse_unseen(tx, about, subject_id, by=by, at=at)
    rows = store.about(tx, about, subject_id, after=moment_of(after), limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda row: (microseconds(row.at), row.comment_id))


def addressed(tx: Connection, *, limit: int, by: Principal, at: datetime) -> list[Comment]:
    """What others wrote to this person by `@` and their id within `ANSWER_WITHIN`, and they have not answered."""
    if not may(by, Deed.COMMENT):
        return []
    found = store.addressed_to(tx, by.person_id, since=at - ANSWER_WITHIN, limit=limit)
    return [one for one in found if _sees(tx, one, by, at)]


def _sees(tx: Connection, one: Comment, by: Principal, at: datetime) -> bool:
    try:
        refuse_unseen(tx, one.kind, one.subject_id, by=by, at=at)
    except (NotFound, NotAllowed):
        return False
    return True


def withdraw(tx: Connection, comment_id: str, *, by: Principal, at: datetime) -> Comment:
    """Take back what one wrote."""
    allow_somewhere(by, Deed.COMMENT)
    found = store.find(tx, comment_id)
    if found is None:
        raise NoComment(comment_id)
    try:
        refuse_unseen(tx, found.kind, found.subject_id, by=by, at=at)
    except NotFound:
        raise NoComment(comment_id) from None
    after = found.withdraw(by=by.person_id, at=at)
    audit.record(tx, "withdraw comment", comment_id, kind="comment", by=by.person_id, at=at)
    return store.save(tx, after)


def refuse_unseen(tx: Connection, kind: Subject, subject_id: str, *, by: Principal, at: datetime) -> None:
    """Raise, as for a thing that is not there, where somebody may not see it."""
    match kind:
        case Subject.PLAN:
            plans.get(tx, subject_id, by=by, at=at)
        case Subject.PROPOSAL:
            allow_somewhere(by, Deed.PROPOSE)
            proposals.get(tx, subject_id, by=by, at=at)
        case Subject.CHALLENGE:
            challenges.get(tx, subject_id, by=by, at=at)
        case Subject.EXCEPTION:
            exceptions.get(tx, subject_id, by=by, at=at)
        case Subject.TERRITORY:
            if not store.sees_territory(tx, subject_id, by=by, at=at):
                raise NotFound(f"There is no territory {subject_id!r}.")
        case Subject.ACCOUNT:
            if not store.sees_account(tx, subject_id, by=by, at=at):
                raise NotFound(f"There is no account {subject_id!r} in the ledger.")


def _subject(kind: Subject | str) -> Subject:
    try:
        return Subject(kind)
    except ValueError:
        raise BadComment(f"{kind!r} cannot be commented on; there are {', '.join(Subject)}.") from None
