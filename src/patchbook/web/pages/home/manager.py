"""The manager's home: the team's balance, what waits, who is away, and leads that wait too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from patchbook.changes import store as changes
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import AccountException
from patchbook.leads import feed
from patchbook.people import store as people
from patchbook.people.principal import Principal
from patchbook.period import Period
from patchbook.proposals.inbox import Inbox, inbox
from patchbook.service import timers
from patchbook.service.timer import State, Timer
from patchbook.web.names import accounts_named
from patchbook.web.pages.home import team
from patchbook.web.pages.home.team import Team
from patchbook.web.pages.inbox import Waiting, waiting

SOON = timedelta(days=60)
SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Away:
    """Somebody of the team who is away or will be, and who acts for them."""

    person: str
    person_id: str
    cover: str
    period: Period
    is_now: bool


@dataclass(frozen=True, kw_only=True)
class Leaver:
    """Somebody of the team whose employment ends."""

    person: str
    person_id: str
    on: datetime


@dataclass(frozen=True, kw_only=True)
class ManagerHome:
    """What a manager's day begins with."""

    team: Team | None
    inbox: Inbox
    waiting: tuple[Waiting, ...]
    """The first of what is in the inbox."""
    away: tuple[Away, ...]
    leavers: tuple[Leaver, ...]
    expiring: tuple[AccountException, ...]
    timers: tuple[Timer, ...]
    names: dict[str, str]
    accounts: dict[str, str]
    leads: dict[str, str]
    """What the leads whose clocks run are called."""


def load(tx: Connection, *, by: Principal, at: datetime) -> ManagerHome:
    """The team as it is now."""
    mine = list(tx.execute(select(people.reports_of(by.person_id).c.person_id)).scalars())
    soon = Period(at, at + SOON)
    covers = changes.covers(tx, soon, of=mine)
    running = tuple(timers.timers(tx, state=State.RUNNING, limit=SHOWN, by=by, at=at).rows)
    known = people.find(tx, sorted({*mine, *(one.cover_id for one in covers), *(one.person_id for one in running)}))
    names = {person_id: one.name for person_id, one in known.items()}
    expiring = tuple(exceptions.expiring(tx, before=at + SOON, limit=SHOWN, by=by, at=at).rows)
    waits = inbox(tx, limit=SHOWN, by=by, at=at)
    return ManagerHome(
        team=team.load(tx, by=by, at=at),
        inbox=waits,
        waiting=waiting(tx, waits.items.rows, at=at),
        away=tuple(
            Away(
                person=names.get(one.person_id, one.person_id), person_id=one.person_id,
                cover=names.get(one.cover_id, one.cover_id), period=one.valid, is_now=one.valid.start <= at,
            )
            for one in covers
        ),
        leavers=tuple(
            Leaver(person=names[person_id], person_id=person_id, on=periods[-1].end)
            for person_id, periods in sorted(people.employments(tx, mine).items())
            if periods and at < periods[-1].end <= soon.end
        ),
        expiring=expiring,
        timers=running,
        names=names,
        accounts=accounts_named(tx, (one.account_id for one in expiring)),
        leads=feed.titles(tx, sorted({one.lead_id for one in running}), by=by, at=at),
    )  # fmt: skip
