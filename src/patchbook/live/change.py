"""One account that would be elsewhere since its fields changed. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from patchbook.errors import BadInput, Conflict, NotFound
from patchbook.period import told
from patchbook.words import counted


class Status(StrEnum):
    """Where a change is."""

    WAITING = "waiting"
    """It has not held long enough, or something is in the way; `says` tells what."""
    PROPOSED = "proposed"
    """Somebody has to decide."""
    MOVED = "moved"
    REJECTED = "rejected"
    WENT_BACK = "went back"
    """The fields changed back, or the plan, before it moved."""


OPEN = (Status.WAITING, Status.PROPOSED)


class NoChange(NotFound):
    """There is no such change."""

    def __init__(self, change_id: str) -> None:
        super().__init__(f"There is no live change {change_id!r}.")


class NotOpen(Conflict):
    """A change was decided already, or went away."""


class NoReason(BadInput):
    """Who rejects a change says why."""


@dataclass(frozen=True, kw_only=True)
class LiveChange:
    """An account, where it was, and where the plan puts it now."""

    change_id: str
    plan_id: str
    account_id: str
    from_territory_id: str | None
    to_territory_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Field → its value before and now."""
    says: str
    reason: str
    """What of the plan takes it now."""
    status: Status
    first_seen: datetime
    last_seen: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None

    def decide(self, status: Status, says: str, *, by: str, at: datetime) -> LiveChange:
        """It moved, was rejected, or went back."""
        if self.status not in OPEN:
            when = f" on {told(self.decided_at)}" if self.decided_at else ""
            raise NotOpen(f"The change of {self.account_id} {_WAS[self.status]}{when}; only an open one is decided.")
        return replace(self, status=status, says=says, decided_by=by, decided_at=at)


_WAS: Mapping[Status, str] = {
    Status.MOVED: "was made",
    Status.REJECTED: "was rejected",
    Status.WENT_BACK: "went back",
    Status.WAITING: "waits",
    Status.PROPOSED: "is proposed",
}


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What a look at the accounts came to."""

    changed: int = 0
    """Accounts whose fields differ from when the plan was carved, or that are new."""
    would_move: int = 0
    moved: int = 0
    proposed: int = 0
    waiting: int = 0
    ignored: int = 0
    went_back: int = 0
    changes: tuple[LiveChange, ...] = ()

    @property
    def says(self) -> str:
        """It in one sentence."""
        return (
            f"{counted(self.changed, 'account')} changed and {self.would_move:,} would be elsewhere:"
            f" {self.moved:,} moved, {self.proposed:,} proposed, {self.waiting:,} waiting, {self.ignored:,} ignored;"
            f" {self.went_back:,} went back."
        )
