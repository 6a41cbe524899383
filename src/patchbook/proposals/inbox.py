"""What waits for somebody, oldest first: what they are asked about, are to do, or were warned of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.approvals import store as approvals
from patchbook.approvals.reach import is_company_wide
from patchbook.challenges import store as challenges
from patchbook.challenges.challenge import Status as ChallengeStatus
from patchbook.comments import actions as comments
from patchbook.comments.comment import Subject
from patchbook.comments.mentions import mentioned
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.engagement import handing_over, idle_store, registering
from patchbook.exceptions import store as exceptions
from patchbook.exceptions.exception import Status as ExceptionStatus
from patchbook.holdovers import actions as holdovers
from patchbook.live import store as live
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.period import Period, microseconds, told
from patchbook.proposals import store as proposals
from patchbook.proposals.proposal import Status
from patchbook.service import timers
from patchbook.territories import store as territories

MOST = 5_000
"""So many of a kind are read; the counts of proposals, challenges, exceptions and live changes are of all."""
SOON = timedelta(days=30)
"""An exception that ends within this time is worth a look."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that waits."""

    kind: str
    """proposal, approval, challenge, exception, extension, registration, live change, escalation, time-out, handoff or
    mention."""
    subject_id: str
    plan_id: str | None
    says: str
    since: datetime
    due: datetime | None = None
    people: tuple[str, ...] = ()
    """Ids of the people `says` names."""
    effect: str | None = None
    """What it would do to the balance of a plan, where that is known."""
    about: tuple[str, str] | None = None
    """What it is about, where that has a page: `account` or a subject of comments, and its id."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One kind of thing that waits for people."""

    name: str
    """What the things are counted under."""
    items: Callable[[Connection, Principal, datetime], list[Item]]
    """Those that wait for somebody, up to `MOST`."""
    count: Callable[[Connection, Principal, datetime], int] | None = None
    """How many there are, where they can be more than that."""

    def counted(self, tx: Connection, by: Principal, at: datetime, items: list[Item]) -> int:
        """How many wait for somebody."""
        return len(items) if len(items) < MOST or self.count is None else self.count(tx, by, at)


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """How many of each kind wait, and the things themselves, a page at a time."""

    counts: Mapping[str, int]
    """Those of `SOURCES` by their names, overdue_challenges and expiring_exceptions."""
    items: Page[Item]

    @property
    def total(self) -> int:
        """How many things wait for somebody to do something."""
        return sum(self.counts[source.name] for source in SOURCES)


def inbox(
    tx: Connection,
    *,
    only: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Inbox:
    """
    What waits for this person.

    Exceptions that end soon are counted beside what waits: they want a look, not an answer.

    Parameters
    ----------
    only
        The name of one of `SOURCES`: the things themselves are of that kind alone; counted are all.
    """
    allow_somewhere(by, Deed.SEE)
    limit_of(limit)
    found = {source: source.items(tx, by, at) for source in SOURCES}
    chosen = [items for source, items in found.items() if only in (None, source.name)]
    waiting = sorted((item for items in chosen for item in items), key=_key)
    start = None if after is None else key_of(after, int, str)
    rest = [item for item in waiting if start is None or _key(item) > start]
    counts = {source.name: source.counted(tx, by, at, items) for source, items in found.items()}
    return Inbox(counts=counts | _looks(tx, by, at), items=page_of(rest[: limit + 1], limit, _key))


def total(tx: Connection, *, by: Principal, at: datetime) -> int:
    """How many things wait for this person, without reading those that can be counted."""
    allow_somewhere(by, Deed.SEE)
    return sum(
        len(source.items(tx, by, at)) if source.count is None else source.count(tx, by, at) for source in SOURCES
    )


def _key(item: Item) -> tuple[int, str]:
    return microseconds(item.since), item.subject_id


def _looks(tx: Connection, by: Principal, at: datetime) -> dict[str, int]:
    """What is counted beside what waits."""
    me, decides = by.person_id, may(by, Deed.DECIDE)
    return {
        "overdue_challenges": challenges.count(tx, overdue=True, not_filed_by=me, by=by, at=at) if decides else 0,
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
            people=(one.made_by,),
            effect=one.effect.says,
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
            people=(one.filed_by,),
            about=("account", one.account_id),
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
            people=(one.requested_by, one.person_id),
            effect=one.cost.get("says") if by.is_everywhere else None,
            about=("account", one.account_id),
        )
        for one in found
    ]


def _live_changes(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not _commits(by):
        return []
    names = {territory_id: name for name, territory_id in territories.by_name(tx, at).items()}
    return [
        Item(
            kind="live change",
            subject_id=one.change_id,
            plan_id=one.plan_id,
            says=f"{one.account_id} would go to {names.get(one.to_territory_id, one.to_territory_id)}: {one.reason}",
            since=one.first_seen,
            about=("account", one.account_id),
        )
        for one in live.proposed(tx, limit=MOST)
    ]


def _escalations(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.WORK_LEADS):
        return []
    everywhere = is_company_wide(by, Deed.REASSIGN_LEADS)
    found = timers.escalations(tx, or_nobody=everywhere, limit=MOST, by=by, at=at)
    return [
        Item(kind="escalation", subject_id=one.lead_id, plan_id=None, says=one.says, since=one.ended or one.due_at)
        for one in found
    ]


def _time_outs(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    return [
        Item(
            kind="time-out",
            subject_id=one.notice_id,
            plan_id=None,
            says=one.says,
            since=one.warned_at,
            due=one.due_at,
            about=("account", one.account_id),
        )
        for one in idle_store.warned(tx, by.person_id, limit=MOST)
    ]


def _handoffs(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.COMMENT):
        return []
    return [
        Item(
            kind="handoff",
            subject_id=one.handoff_id,
            plan_id=None,
            says=f"{one.from_person or 'Sales'} hands {one.account_id} over to you.",
            since=one.made_at,
            due=one.due_at,
            people=() if one.from_person is None else (one.from_person,),
            about=("account", one.account_id),
        )
        for one in handing_over.waiting_for(tx, by.person_id, limit=MOST)
    ]


def _extensions(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.DECIDE):
        return []
    return [
        Item(
            kind="extension",
            subject_id=one.extension_id,
            plan_id=None,
            says=f"{one.asked_by} asks to keep deal {one.opportunity_id} until {told(one.until)}: {one.why}",
            since=one.asked_at,
            people=(one.asked_by,),
        )
        for one in holdovers.waiting_for(tx, limit=MOST, by=by, at=at)
    ]


def _registrations(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    if not may(by, Deed.DECIDE):
        return []
    return [
        Item(
            kind="registration",
            subject_id=one.registration_id,
            plan_id=None,
            says=f"{one.registered_by} registers {one.deal!r} of {one.partner} on {one.account_id}: {one.reason}",
            since=one.registered_at,
            people=(one.registered_by,),
            about=("account", one.account_id),
        )
        for one in registering.waiting_for(tx, limit=MOST, by=by, at=at)
    ]


def _mentions(tx: Connection, by: Principal, at: datetime) -> list[Item]:
    return [
        Item(
            kind="mention",
            subject_id=one.comment_id,
            plan_id=one.subject_id if one.kind is Subject.PLAN else None,
            says=f"{one.by} wrote to you: {one.text}",
            since=one.at,
            people=(one.by, *mentioned(one.text)),
            about=(one.kind.value, one.subject_id),
        )
        for one in comments.addressed(tx, limit=MOST, by=by, at=at)
    ]


def _commits(by: Principal) -> bool:
    return may(by, Deed.COMMIT) and is_company_wide(by, Deed.COMMIT)


def _count_proposals(tx: Connection, by: Principal, at: datetime) -> int:
    if not may(by, Deed.DECIDE):
        return 0
    return proposals.count(tx, status=Status.OPEN, not_made_by=by.person_id, by=by, at=at)


def _count_challenges(tx: Connection, by: Principal, at: datetime) -> int:
    if not may(by, Deed.DECIDE):
        return 0
    return challenges.count(tx, status=ChallengeStatus.OPEN, not_filed_by=by.person_id, by=by, at=at)


def _count_exceptions(tx: Connection, by: Principal, at: datetime) -> int:
    if not may(by, Deed.DECIDE):
        return 0
    wide = is_company_wide(by, Deed.DECIDE)
    asked = ExceptionStatus.REQUESTED
    return exceptions.count(tx, status=asked, waits_for=by.person_id, or_a_planner=wide, by=by, at=at)


def _count_live_changes(tx: Connection, by: Principal, at: datetime) -> int:
    return live.count_proposed(tx) if _commits(by) else 0


SOURCES: tuple[Source, ...] = (
    Source(name="proposals", items=_proposals, count=_count_proposals),
    Source(name="approvals", items=_approvals),
    Source(name="challenges", items=_challenges, count=_count_challenges),
    Source(name="exceptions", items=_exceptions, count=_count_exceptions),
    Source(name="extensions", items=_extensions),
    Source(name="registrations", items=_registrations),
    Source(name="live_changes", items=_live_changes, count=_count_live_changes),
    Source(name="escalations", items=_escalations),
    Source(name="time_outs", items=_time_outs),
    Source(name="handoffs", items=_handoffs),
    Source(name="mentions", items=_mentions),
)
"""All that can wait for somebody, a line each."""
