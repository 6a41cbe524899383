"""Pools: how each has shared what came in, and who may have the next lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.leads.fairness import SharedPool, pools
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One line of a chart: two lengths, from 0 to 1, beside a name."""

    name: str
    one: float
    two: float
    said: str


@dataclass(frozen=True, kw_only=True)
class PoolsPage:
    """What the page of pools shows."""

    tabs: tuple[Tab, ...]
    pools: tuple[tuple[SharedPool, tuple[Bar, ...]], ...]


def load(tx: Connection, *, by: Principal, at: datetime) -> PoolsPage:
    """The pools there are."""
    found = pools(tx, by=by, at=at)
    return PoolsPage(tabs=tabs(by), pools=tuple((pool, bars(pool)) for pool in found))


def bars(pool: SharedPool) -> tuple[Bar, ...]:
    """The share of turns everybody had, beside what is theirs by weight; the longest bar is the whole width."""
    most = max((max(one.had, one.due) for one in pool.members), default=0.0) or 1.0
    return tuple(
        Bar(name=one.name, one=one.had / most, two=one.due / most, said=f"{one.had:.1%} of {one.due:.1%}")
        for one in pool.members
    )


@router.page("/routing/pools", Deed.SEE)
def show_pools(here: Looked) -> Response:
    """The page of pools."""
    return here.show("routing/pools.html", load(here.tx, by=here.person, at=here.at))
