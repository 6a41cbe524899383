"""The feed: every decision about a lead with its reason, the newest first; new ones come by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.page import LONGEST
from patchbook.errors import NotFound
from patchbook.leads import looking
from patchbook.leads.feed import Came, Line, feed
from patchbook.people import actions as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.period import from_microseconds, microseconds
from patchbook.territories import store as territories
from patchbook.web.models import After, AnId
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()

A_PAGE = 50
AT_ONCE = 100
"""New decisions told in one answer; of more the newest, the others are there when the page is loaded anew."""

OUTCOMES = {"": "All", "assigned": "With somebody", "queued": "In the queue"}


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """What the feed shows."""

    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    next: str | None
    newest: int
    """The instant from which on decisions are new, in microseconds."""
    query: str
    """The filters, as they stand in an address."""
    outcome: str
    pool_id: str
    person_id: str
    person: str
    pools: tuple[tuple[str, str], ...]
    """Id and name, all of them first."""
    names: dict[str, str]
    waiting: int
    is_first: bool
    outcomes: tuple[tuple[str, str], ...] = tuple(OUTCOMES.items())

    @property
    def is_filtered(self) -> bool:
        """Whether not all decisions are asked for."""
        return bool(self.query)


def load(
    tx: Connection,
    *,
    outcome: str = "",
    pool_id: str | None = None,
    person_id: str | None = None,
    after: str | None = None,
    limit: int = A_PAGE,
    by: Principal,
    at: datetime,
) -> FeedPage:
    """The decisions asked for."""
    came = Came(outcome) if outcome in set(Came) else None
    found = feed(
        tx, came=came, pool_id=pool_id or None, person_id=person_id or None, after=after, limit=limit, by=by, at=at
    )
    pools = {pool.pool_id: pool.name for pool in territories.find_pools(tx)}
    asked = {"outcome": came.value if came else "", "pool_id": pool_id or "", "person_id": person_id or ""}
    return FeedPage(
        tabs=tabs(by),
        lines=found.rows,
        next=found.next_cursor,
        newest=microseconds(found.rows[0].at if found.rows else at),
        query=urlencode({name: value for name, value in asked.items() if value}),
        outcome=asked["outcome"],
        pool_id=asked["pool_id"],
        person_id=asked["person_id"],
        person=_called(tx, person_id, by=by, at=at) if person_id else "",
        pools=(("", "Any pool"), *pools.items()),
        names=pools,
        waiting=looking.queue(tx, limit=1, by=by, at=at).waiting,
        is_first=after is None,
    )


def _called(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> str:
    """What somebody is called whom one may see; an id one made up stays an id."""
    try:
        return people.get(tx, person_id, by=by, at=at).name
    except NotFound:
        return person_id


Outcome = Annotated[str, Query(max_length=20)]


@router.page("/routing", Deed.SEE)
def show_feed(
    here: Looked, outcome: Outcome = "", pool_id: AnId = None, person_id: AnId = None, after: After = None
) -> Response:
    """The feed."""
    page = load(here.tx, outcome=outcome, pool_id=pool_id, person_id=person_id, after=after, by=here.person, at=here.at)
    return here.show("routing/feed.html", page)


@router.page("/routing/new", Deed.SEE)
def show_new(
    here: Looked,
    since: Annotated[int, Query(ge=0, le=2**53)],
    outcome: Outcome = "",
    pool_id: AnId = None,
    person_id: AnId = None,
) -> Response:
    """The lines made since an instant, for a feed that is open; asking is no use of the session, or none would end."""
    here.request.state.credential = None
    came = Came(outcome) if outcome in set(Came) else None
    found = feed(
        here.tx,
        came=came,
        pool_id=pool_id or None,
        person_id=person_id or None,
        since=max(from_microseconds(since), here.at - timedelta(days=366)),
        limit=min(AT_ONCE, LONGEST),
        by=here.person,
        at=here.at,
    )
    names = {pool.pool_id: pool.name for pool in territories.find_pools(here.tx)} if found.rows else {}
    newest = microseconds(found.rows[0].at) if found.rows else since
    return here.show("routing/lines.html", NewLines(lines=found.rows, names=names, newest=max(newest, since)))


@dataclass(frozen=True, kw_only=True)
class NewLines:
    """The lines to put on top."""

    lines: tuple[Line, ...]
    names: dict[str, str]
    newest: int
