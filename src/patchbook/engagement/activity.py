"""What somebody did about an account, and whom they might be treading on. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patchbook.errors import BadInput

LONGEST = 2_000
KINDS = ("call", "mail", "meeting", "visit", "other")


class BadActivity(BadInput):
    """An activity is of no known kind, is to come, or says too much."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A call, a mail, a meeting about an account."""

    activity_id: str
    account_id: str
    person_id: str
    kind: str
    at: datetime
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no activity."""
        if self.kind not in KINDS:
            raise BadActivity(f"There is no activity {self.kind!r}; there are {', '.join(KINDS)}.")
        if len(self.note) > LONGEST:
            raise BadActivity(f"A note has at most {LONGEST:,} characters; this has {len(self.note):,}.")


@dataclass(frozen=True, kw_only=True)
class Outreach:
    """Whether somebody may contact an account, and who else is at it."""

    account_id: str
    person_id: str
    warnings: tuple[str, ...]
    """Each one sentence: who owns it, who holds a deal, who called last; none where the way is clear."""

    @property
    def is_clear(self) -> bool:
        """Whether nobody else is at it."""
        return not self.warnings
