"""Handoffs: customers that were won, on the way from who sold to who looks after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.engagement import handing_over
from patchbook.engagement.handoff import LONGEST, Handoff, Status
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.models import After, InPath
from patchbook.web.names import accounts_named, people_named
from patchbook.web.page import Looked, Pages

PAGE_SIZE = 50

router = Pages()


@dataclass(frozen=True, kw_only=True)
class HandoffsPage:
    """The customers on the way, the first to be due first."""

    rows: tuple[Handoff, ...]
    next: str | None
    status: Status | None
    at: datetime
    people: Mapping[str, str]
    accounts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class HandoffPage:
    """One customer on the way."""

    handoff: Handoff
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    may_prepare: bool
    may_answer: bool
    is_late: bool


def load_list(
    tx: Connection, *, status: Status | None = None, after: str | None = None, by: Principal, at: datetime
) -> HandoffsPage:
    """The handoffs this person sees."""
    found = handing_over.handoffs(tx, status=status, after=after, limit=PAGE_SIZE, by=by, at=at)
    return HandoffsPage(
        rows=found.rows,
        next=found.next_cursor,
        status=status,
        at=at,
        people=people_named(tx, (who for one in found.rows for who in (one.from_person, one.to_person))),
        accounts=accounts_named(tx, (one.account_id for one in found.rows)),
    )


def load(tx: Connection, handoff_id: str, *, by: Principal, at: datetime) -> HandoffPage:
    """One handoff."""
    found = handing_over.get(tx, handoff_id, by=by, at=at)
    says = may(by, Deed.COMMENT)
    is_open = found.status is Status.OPEN
    return HandoffPage(
        handoff=found,
        people=people_named(tx, (found.from_person, found.to_person)),
        accounts=accounts_named(tx, [found.account_id]),
        may_prepare=says and found.status is not Status.ACCEPTED and handing_over.prepares(tx, found, by=by),
        may_answer=says and is_open and found.to_person == by.person_id,
        is_late=is_open and found.due_at < at,
    )


@router.page("/handoffs", Deed.SEE)
def show_list(here: Looked, status: Annotated[Status | None, Query()] = None, after: After = None) -> Response:
    """The customers on the way."""
    return here.show("handoffs.html", load_list(here.tx, status=status, after=after, by=here.person, at=here.at))


@router.page("/handoffs/{handoff_id}", Deed.SEE)
def show(handoff_id: InPath, here: Looked) -> Response:
    """One customer on the way."""
    return here.show("handoff.html", load(here.tx, handoff_id, by=here.person, at=here.at))


@router.form("/handoffs/{handoff_id}/preparation", Deed.COMMENT)
def prepare(
    handoff_id: InPath,
    here: Looked,
    done: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006
    note: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """Tick items of the checklist and write the note."""
    handing_over.prepare(here.tx, handoff_id, done=done, note=note, by=here.person, at=here.at)
    return here.done(f"/handoffs/{handoff_id}", "Kept.")


@router.form("/handoffs/{handoff_id}/decision", Deed.COMMENT)
def decide(
    handoff_id: InPath,
    here: Looked,
    decision: Annotated[Literal["yes", "no"], Form()],
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say that one has the customer now, or send it back with what is missing."""
    if decision == "yes":
        handing_over.accept(here.tx, handoff_id, by=here.person, at=here.at)
        return here.done(f"/handoffs/{handoff_id}", "Accepted: the customer is yours.")
    handing_over.send_back(here.tx, handoff_id, comment, by=here.person, at=here.at)
    return here.done(f"/handoffs/{handoff_id}", "Sent back with what is missing.")
