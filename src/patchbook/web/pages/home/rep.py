"""The rep's home: my territory, whom to call, my leads, and what changes and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.challenges import actions as challenges
from patchbook.challenges.challenge import Ask, PlannedAccount, Reason
from patchbook.changes import store as changes
from patchbook.engagement import acknowledging, calling
from patchbook.engagement.call import Call
from patchbook.leads import feed, looking
from patchbook.leads.lead import RecordedLead, Status
from patchbook.ledger.answers import BookRow
from patchbook.people import store as people
from patchbook.people.principal import Principal
from patchbook.period import Period
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan
from patchbook.service import timers
from patchbook.service.timer import State, Timer

SHOWN = 8
CHANGES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A plan that is open to challenges, and what it would change for oneself."""

    plan: RecordedPlan
    changes: tuple[PlannedAccount, ...]
    gains: int
    loses: int
    keeps: int


@dataclass(frozen=True, kw_only=True)
class RepHome:
    """What a rep's day begins with."""

    person_id: str
    accounts: int
    acting: int
    """How many of them are somebody else's, who is away."""
    territories: tuple[str, ...]
    calls: tuple[Call, ...]
    leads: tuple[RecordedLead, ...]
    titles: dict[str, str]
    """What they are called."""
    timers: tuple[Timer, ...]
    coming: tuple[Coming, ...]
    leave: Period | None
    cover: str | None
    rules_unread: bool
    """Whether the rules of engagement have changed since one read them."""
    asks: tuple[str, ...] = tuple(Ask)
    reasons: tuple[tuple[str, str], ...] = tuple((one.value, one.value.replace("_", " ")) for one in Reason)


def load(tx: Connection, *, by: Principal, at: datetime) -> RepHome:
    """The rep's day as it is now."""
    me = by.person_id
    book = calling.whole_book(tx, me, by=by, at=at)
    leave = next(iter(changes.covers(tx, Period(at, at.replace(year=at.year + 1)), of=[me])), None)
    cover = people.find(tx, [leave.cover_id]).get(leave.cover_id) if leave else None
    mine = acknowledging.acknowledgements(tx, missing=True, by=by, at=at).rows
    leads = tuple(lead for lead in _leads(tx, me, by, at) if lead.status is Status.ASSIGNED)[:SHOWN]
    return RepHome(
        person_id=me,
        accounts=len(book),
        acting=sum(row.acting_for is not None for row in book),
        territories=territories_of(book),
        calls=calling.calls(tx, me, most=SHOWN, by=by, at=at) if book else (),
        leads=leads,
        titles=feed.titles(tx, [lead.lead_id for lead in leads], by=by, at=at),
        timers=tuple(timers.timers(tx, state=State.RUNNING, limit=SHOWN, by=by, at=at).rows),
        coming=tuple(_coming(tx, plan, by, at) for plan in _open(tx, by, at)),
        leave=leave.valid if leave else None,
        cover=cover.name if cover else None,
        rules_unread=any(one.person_id == me for one in mine),
    )


def territories_of(book: list[BookRow]) -> tuple[str, ...]:
    """The names of the territories a book lies in."""
    return tuple(sorted({row.territory for row in book if row.territory and row.acting_for is None}))


def _leads(tx: Connection, me: str, by: Principal, at: datetime) -> tuple[RecordedLead, ...]:
    return looking.leads(tx, person_id=me, limit=50, by=by, at=at).rows


def _open(tx: Connection, by: Principal, at: datetime) -> list[RecordedPlan]:
    """Plans whose window for challenges is open."""
    found = plans.plans(tx, by=by, at=at).rows
    return [plan for plan in found if plan.open_to_challenges_until is not None and plan.open_to_challenges_until > at]


def _coming(tx: Connection, plan: RecordedPlan, by: Principal, at: datetime) -> Coming:
    rows = challenges.preview(tx, plan.plan_id, limit=1000, by=by, at=at).rows
    changed = tuple(row for row in rows if row.change != "keeps")
    return Coming(
        plan=plan,
        changes=changed[:CHANGES_SHOWN],
        gains=sum(row.change == "gains" for row in rows),
        loses=sum(row.change == "loses" for row in rows),
        keeps=sum(row.change == "keeps" for row in rows),
    )
