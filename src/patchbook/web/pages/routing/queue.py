"""The orphan queue: what waits for an owner, why, and what to do; what runs out next; how fast leads are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.leads import actions, looking
from patchbook.leads.feed import called, titles
from patchbook.leads.fields import packed
from patchbook.leads.looking import Lag, Queue, Speed, Waiting
from patchbook.people import store as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.service.timer import Timer
from patchbook.service.timers import timers
from patchbook.web.lane import Knocked, at_desk
from patchbook.web.models import After
from patchbook.web.page import Looked, Pages, sent_on
from patchbook.web.pages.routing.pools import Bar
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()

A_PAGE = 50
SOON = 10
"""Timers shown."""
MONTH = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A lead that waits."""

    waiting: Waiting
    who: str
    age: str
    to_do: str
    """What would end the wait."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long one thing took."""

    name: str
    lag: Lag
    median: str
    p90: str
    longest: str


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """What runs out next."""

    timer: Timer
    person: str
    lead: str
    """What it is called."""
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """What the page of the queue shows."""

    tabs: tuple[Tab, ...]
    queue: Queue
    lines: tuple[Line, ...]
    next: str | None
    awaited: tuple[Awaited, ...]
    speed: Speed
    paces: tuple[Pace, ...]
    bars: tuple[Bar, ...]
    may_sweep: bool
    may_give: bool


def load(tx: Connection, *, after: str | None = None, limit: int = A_PAGE, by: Principal, at: datetime) -> QueuePage:
    """The queue, the timers that run, and the speed of the last month."""
    queue = looking.queue(tx, after=after, limit=limit, by=by, at=at)
    running = timers(tx, is_running=True, limit=SOON, by=by, at=at).rows
    names = people.names(tx, sorted({one.person_id for one in running}))
    leads = titles(tx, sorted({one.lead_id for one in running}), by=by, at=at)
    speed = looking.speed(tx, since=at - MONTH, until=at + timedelta(microseconds=1), by=by, at=at)
    paces = tuple(
        _pace(name, lag)
        for name, lag in (
            ("To an owner", speed.to_assigned),
            ("To being accepted", speed.to_accepted),
            ("To the first touch", speed.to_touched),
        )
    )
    return QueuePage(
        tabs=tabs(by),
        queue=queue,
        lines=tuple(_line(one) for one in queue.page.rows),
        next=queue.page.next_cursor,
        awaited=tuple(
            Awaited(
                timer=one,
                person=names.get(one.person_id, one.person_id),
                lead=leads.get(one.lead_id, one.lead_id),
                is_over=one.due_at <= at,
            )
            for one in running
        ),
        speed=speed,
        paces=paces,
        bars=_bars(paces),
        may_sweep=may(by, Deed.ROUTE),
        may_give=may(by, Deed.REASSIGN_LEADS),
    )


def _pace(name: str, lag: Lag) -> Pace:
    told = {"median": took(lag.median_seconds), "p90": took(lag.p90_seconds), "longest": took(lag.longest_seconds)}
    return Pace(name=name, lag=lag, **told)


def _line(one: Waiting) -> Line:
    lead = one.lead
    if not lead.fields:
        to_do = "Look at what came in, and give it to somebody or close it."
    elif one.holds_until is not None:
        to_do = "Nothing: it is decided again as soon as somebody works."
    elif lead.account_id is None and lead.territory_id is None:
        to_do = "Give it to somebody, or add a rule or a route that takes leads like it."
    else:
        to_do = "Fill the vacancy or free somebody, then look through the queue; or give it to somebody."
    return Line(waiting=one, who=called(packed(lead.fields), lead.source_id), age=took(one.age_seconds), to_do=to_do)


def _bars(paces: tuple[Pace, ...]) -> tuple[Bar, ...]:
    """The median above the ninth tenth; the longest bar is the whole width."""
    most = max((one.lag.p90_seconds or 0.0 for one in paces), default=0.0) or 1.0
    return tuple(
        Bar(
            name=one.name,
            one=(one.lag.median_seconds or 0.0) / most,
            two=(one.lag.p90_seconds or 0.0) / most,
            said=f"{one.median}; {one.p90}",
        )
        for one in paces
        if one.lag.count
    )


def took(seconds: float | None) -> str:
    """
    How long something took, in the unit people would use.

    Examples
    --------
    >>> took(0.4), took(42), took(90), took(5400), took(200_000), took(None)
    ('under 1 s', '42 s', '1.5 min', '1.5 h', '2.3 days', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 1:
        return "under 1 s"
    for unit, size, below in (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 172_800)):
        if seconds < below:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds / 86_400:,.1f} days"


@router.page("/routing/queue", Deed.SEE)
def show_queue(here: Looked, after: After = None) -> Response:
    """The page of the queue."""
    return here.show("routing/queue.html", load(here.tx, after=after, by=here.person, at=here.at))


@router.form("/routing/queue/sweep", Deed.ROUTE)
async def sweep_by_form(request: Request, knocked: Knocked) -> Response:
    """Decide again about what waits."""
    swept = await at_desk(request, lambda lane, by, at: actions.sweep(lane, by=by, at=at))
    return sent_on(request, "/routing/queue", swept.says)
