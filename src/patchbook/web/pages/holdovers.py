"""Holdovers: deals that stay with somebody although their account moved, and requests for more time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.holdovers import actions as holdovers
from patchbook.holdovers.holdover import Extension, Holdover
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.period import instant
from patchbook.web.models import After, InPath
from patchbook.web.names import accounts_named, accounts_open_to, people_named
from patchbook.web.page import Looked, Pages

PAGE_SIZE = 50
SOON = timedelta(days=30)

router = Pages()


@dataclass(frozen=True, kw_only=True)
class HoldoversPage:
    """The deals held over, the first to expire first, and what was asked for."""

    rows: tuple[Holdover, ...]
    next: str | None
    extensions: tuple[Extension, ...]
    """Those nobody has decided first, then the others."""
    mine_to_decide: frozenset[str]
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    open: frozenset[str]
    """The accounts whose page whoever looks may open."""
    may_ask: bool
    soon: datetime


def load(tx: Connection, *, after: str | None = None, by: Principal, at: datetime) -> HoldoversPage:
    """The deals held over that this person sees."""
    found = holdovers.holdovers(tx, on=at, after=after, limit=PAGE_SIZE, by=by, at=at)
    asked = holdovers.extensions(tx, limit=PAGE_SIZE, by=by, at=at).rows
    waiting = holdovers.waiting_for(tx, limit=PAGE_SIZE, by=by, at=at) if may(by, Deed.DECIDE) else []
    mine = {one.extension_id: one for one in waiting}
    extensions = {**mine, **{one.extension_id: one for one in asked}}.values()
    who = {one.person_id for one in found.rows} | {one.asked_by for one in extensions}
    return HoldoversPage(
        rows=found.rows,
        next=found.next_cursor,
        extensions=tuple(sorted(extensions, key=lambda one: (one.is_granted is not None, one.asked_at))),
        mine_to_decide=frozenset(mine),
        people=people_named(tx, who),
        accounts=accounts_named(tx, (one.account_id for one in found.rows)),
        open=accounts_open_to(tx, (one.account_id for one in found.rows), by=by, at=at),
        may_ask=may(by, Deed.REQUEST_EXCEPTION),
        soon=at + SOON,
    )


@router.page("/holdovers", Deed.SEE)
def show(here: Looked, after: After = None) -> Response:
    """The deals held over, and requests for more time."""
    return here.show("holdovers.html", load(here.tx, after=after, by=here.person, at=here.at))


@router.form("/holdovers/extensions", Deed.REQUEST_EXCEPTION)
def ask(
    here: Looked,
    opportunity_id: Annotated[str, Form(min_length=1, max_length=200)],
    until: Annotated[str, Form(max_length=40)],
    why: Annotated[str, Form(max_length=2000)],
) -> Response:
    """Ask for more time on a deal held over."""
    holdovers.ask_extension(here.tx, opportunity_id, until=instant(until), why=why, by=here.person, at=here.at)
    return here.done("/holdovers", "Asked; somebody else decides.")


@router.form("/holdovers/extensions/{extension_id}/decision", Deed.DECIDE)
def decide(
    extension_id: InPath,
    here: Looked,
    decision: Annotated[Literal["yes", "no"], Form()],
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Grant more time, or refuse it."""
    grant = decision == "yes"
    holdovers.decide_extension(
        here.tx, extension_id, grant=grant, comment=comment.strip() or None, by=here.person, at=here.at
    )
    return here.done("/holdovers", "Granted." if grant else "Refused; the deal goes with its account on its day.")
