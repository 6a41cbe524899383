"""When an account nobody works on goes back: told in advance, never without a warning. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from patchbook.period import told
from patchbook.routing.engagement import TimeOut


class What(StrEnum):
    """What is to be done about an account."""

    WARN = "warn"
    RETURN = "return"
    CLEAR = "clear"
    """Somebody works on it again, or it is somebody else's: the warning is over."""


@dataclass(frozen=True, kw_only=True)
class Idle:
    """An account on which nothing was done since an instant, with the time-out that is for it."""

    account_id: str
    person_id: str
    territory_id: str
    since: datetime
    rule: TimeOut
    returns_to: str
    """Name of the territory that gets it; for a claim, of the one it lies in."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """That an owner was told an account goes back."""

    notice_id: str
    account_id: str
    person_id: str
    idle_since: datetime
    warned_at: datetime
    due_at: datetime
    returns_to: str
    status: str = "warned"
    """`warned`, `active` again, or `returned`."""
    closed_at: datetime | None = None

    @property
    def says(self) -> str:
        """The notice in one sentence."""
        if self.status == "warned":
            return (
                f"Nothing was done on {self.account_id} since {told(self.idle_since)};"
                f" it goes back to {self.returns_to} on {told(self.due_at)} unless something is."
            )
        what = f"went back to {self.returns_to}" if self.status == "returned" else "was worked on again"
        return f"{self.account_id} {what} after {self.person_id} was warned on {told(self.warned_at)}."


@dataclass(frozen=True, kw_only=True)
class Due:
    """One thing that is due."""

    what: What
    account_id: str
    person_id: str
    idle_since: datetime
    due_at: datetime
    """When it goes back, or would have."""
    returns_to: str
    notice_id: str | None = None

    def says(self, at: datetime) -> str:
        """What is due in one sentence."""
        days = (at - self.idle_since).days
        if self.what is What.WARN:
            return (
                f"{self.account_id} of {self.person_id} has been without activity for {days:,} days;"
                f" it goes back to {self.returns_to} on {told(self.due_at)}."
            )
        if self.what is What.RETURN:
            return (
                f"{self.account_id} of {self.person_id} goes back to {self.returns_to}: no activity for {days:,} days,"
                " and the warning has passed."
            )
        return f"{self.account_id} is worked on again, or is somebody else's; the warning to {self.person_id} is over."


def due(idle: Iterable[Idle], notices: Iterable[Notice], *, at: datetime) -> tuple[Due, ...]:
    """
    Whom to warn, what goes back, and which warnings are over, by account.

    An account goes back no sooner than its warning period after the warning, however long it has been idle: a run that
    was missed costs nobody an account.

    Parameters
    ----------
    idle
        Accounts without activity for long enough to warn.
    notices
        The warnings that stand.
    """
    found: list[Due] = []
    standing: Mapping[tuple[str, str], Notice] = {(one.account_id, one.person_id): one for one in notices}
    still = set()
    for one in idle:
        notice = standing.get((one.account_id, one.person_id))
        key: dict[str, Any] = {"account_id": one.account_id, "person_id": one.person_id, "idle_since": one.since}
        if notice is None or notice.idle_since != one.since:
            last = one.since + timedelta(days=one.rule.days)
            due_at = max(last, at + timedelta(days=one.rule.warning_days))
            found.append(Due(what=What.WARN, due_at=due_at, returns_to=one.returns_to, **key))
            continue
        still.add(notice.notice_id)
        if notice.due_at <= at:
            found.append(
                Due(
                    what=What.RETURN,
                    due_at=notice.due_at,
                    returns_to=notice.returns_to,
                    notice_id=notice.notice_id,
                    **key,
                )
            )
    for notice in standing.values():
        if notice.notice_id not in still:
            found.append(
                Due(
                    what=What.CLEAR,
                    account_id=notice.account_id,
                    person_id=notice.person_id,
                    idle_since=notice.idle_since,
                    due_at=notice.due_at,
                    returns_to=notice.returns_to,
                    notice_id=notice.notice_id,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.account_id, one.what is not What.CLEAR)))
