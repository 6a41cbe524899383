"""What waits for somebody: proposals, approvals, challenges and exceptions they are asked about, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.approvals import store as approvals
from patchbook.approvals.reach import is_company_wide
from patchbook.challenges import store as challenges
from patchbook.challenges.challenge import Status as ChallengeStatus
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.exceptions import store as exceptions
from patchbook.exceptions.exception import Status as ExceptionStatus
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.period import Period, microseconds, told
from patchbook.proposals import store as proposals
from patchbook.proposals.proposal import Status

SOON = timedelta(days=30)
"""An exception that ends within this time is worth a look."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that waits."""

    kind: str
    """proposal, approval, challenge or exception."""
    subject_id: str
    plan_id: str | None
    says: str
    since: datetime
    due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """How many of each kind wait, and the things themselves, a page at a time."""

    counts: Mapping[str, int]
    """proposals, approvals, challenges, overdue_challenges, exceptions, expiring_exceptions."""
    items: Page[Item]

    @property
    def total(self) -> int:
        """How many things wait for an answer."""
        return sum(self.counts[kind] for kind in ("proposals", "approvals", "challenges", "exceptions"))


def inbox(tx: Connection, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime) -> Inbox:
    """
    What waits for this person.

    Exceptions that end soon are counted beside what waits: they want a look, not an answer.
    """
    allow_somewhere(by, Deed.SEE)
    limit_of(limit)
    waiting = [*_approvals(tx, by, at), *_proposals(tx, by, at), *_challenges(tx, by, at), *_exceptions(tx, by, at)]
    waiting.sort(key=_key)
    start = None if after is None else key_of(after, int, str)
    rest = [item for item in waiting if start is None or _key(item) > start]
    return Inbox(counts=_counts(tx, by, at), items=page_of(rest[: limit + 1], limit, _key))


def _key(item: Item) -> tuple[int, str]:
    return microseconds(item.since), item.subject_id


def _counts(tx: Connection, by: Principal, at: datetime) -> dict[str, int]:
    me, decides, wide = by.person_id, may(by, Deed.DECIDE), is_company_wide(by, Deed.DECIDE)
    still = ChallengeStatus.OPEN
    return {
        "proposals": proposals.count(tx, status=Status.OPEN, not_made_by=me, by=by, at=at) if decides else 0,
        "approvals": len(_approvals(tx, by, at)),
        "challenges": challenges.count(tx, status=still, not_filed_by=me, by=by, at=at) if decides else 0,
        "overdue_challenges": challenges.count(tx, overdue=True, not_filed_by=me, by=by, at=at) if decides else 0,
        "exceptions": exceptions.count(
            tx, status=ExceptionStatus.REQUESTED, waits_for=me, or_a_planner=wide, by=by, at=at
        )
        if decides
        else 0,
        "expiring_exceptions": exceptions.count(
            tx, status=ExceptionStatus.APPROVED, expiring=Period(at, at + SOON), by=by, at=at
        ),
    }


def _approvals(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.APPROVE):
        return []
    found = approvals.waiting(tx, is_planner=is_company_wide(by, Deed.APPROVE), by=by, at=at)
    return [
        Item(kind="approval", subject_id=step_id, plan_id=plan_id, says="A plan waits for your approval.", since=since)
        for plan_id, step_id, since in found
    ]


def _proposals(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.DECIDE):
        return []
    found = proposals.proposals(tx, status=Status.OPEN, not_made_by=by.person_id, limit=MOST, by=by, at=at)
    return [
        Item(
            kind="proposal",
            subject_id=one.proposal_id,
            plan_id=one.plan_id,
            says=f"{one.made_by} proposes: {one.effect.says}",
            since=one.made_at,
        )
        for one in found
    ]


def _challenges(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.DECIDE):
        return []
    found = challenges.listed(tx, status=ChallengeStatus.OPEN, not_filed_by=by.person_id, limit=MOST, by=by, at=at)
    return [
        Item(
            kind="challenge",
            subject_id=one.challenge_id,
            plan_id=one.plan_id,
            says=f"{one.filed_by} asks to {one.ask} {one.account_id} ({one.reason_code.replace('_', ' ')}).",
            since=one.filed_at,
            due=one.due,
        )
        for one in found
    ]


def _exceptions(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.DECIDE):
        return []
    found = exceptions.listed(
        tx,
        status=ExceptionStatus.REQUESTED,
        waits_for=by.person_id,
        or_a_planner=is_company_wide(by, Deed.DECIDE),
        limit=MOST,
        by=by,
        at=at,
    )
    return [
        Item(
            kind="exception",
            subject_id=one.exception_id,
            plan_id=None,
            says=f"{one.requested_by} asks for {one.account_id} to go to {one.person_id} until {told(one.expires)}.",
            since=one.requested_at,
            due=one.starts,
        )
        for one in found
    ]


MOST = 5_000
"""So many of a kind are read; the counts are of all."""
