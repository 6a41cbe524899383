"""A comment: what somebody says about a plan, a territory, an account or a request, in plain text. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from patchbook.errors import BadInput, NotAllowed, NotFound

LONGEST = 10_000


class Subject(StrEnum):
    """What can be commented on."""

    PLAN = "plan"
    TERRITORY = "territory"
    ACCOUNT = "account"
    PROPOSAL = "proposal"
    CHALLENGE = "challenge"
    EXCEPTION = "exception"


class BadComment(BadInput):
    """A comment is empty, too long, or about something that cannot be commented on."""


class NoComment(NotFound):
    """There is no comment of that id, or none the one who asks may see."""

    def __init__(self, comment_id: str) -> None:
        super().__init__(f"There is no comment {comment_id!r}.")


class NotYours(NotAllowed):
    """Somebody takes back another's comment."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """Plain text about one thing, by one person."""

    comment_id: str
    kind: Subject
    subject_id: str
    text: str
    by: str
    at: datetime
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what says nothing, or too much."""
        if self.withdrawn_at is None and not self.text.strip():
            raise BadComment("A comment says something; this one is empty.")
        if len(self.text) > LONGEST:
            raise BadComment(f"The comment has {len(self.text):,} characters; at most {LONGEST:,} are kept.")

    def withdraw(self, *, by: str, at: datetime) -> Comment:
        """Taken back: that something was said stays, what was said goes."""
        if by != self.by:
            raise NotYours(f"The comment is by {self.by}; who wrote it can withdraw it.")
        return self if self.withdrawn_at else replace(self, text="", withdrawn_at=at)
