"""Handoffs: customers that were won, on the way from sales to who looks after them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from patchbook.engagement import handing_over, transition
from patchbook.engagement.handoff import Status
from patchbook.web.models import In, InPath, Listed, Out, Paged, Why, Words
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["engagement"])


class PreparationIn(In):
    """What is done of the checklist, and the note."""

    done: Annotated[tuple[Words, ...], Field(max_length=100)] = ()
    note: Words | None = None


class SendBackIn(In):
    """What is missing."""

    why: Why


class ItemOut(Out):
    """One thing to do before a customer is accepted."""

    item: str
    is_done: bool


class HandoffOut(Out):
    """What is handed over, by whom to whom, and what is still to do."""

    handoff_id: str
    opportunity_id: str
    account_id: str
    from_person: str | None
    to_person: str | None
    because: str
    checklist: list[ItemOut]
    note: str
    status: Status
    made_at: datetime
    due_at: datetime
    decided_at: datetime | None


class PackLineOut(Out):
    """One thing to know."""

    kind: str
    subject_id: str
    person_id: str | None
    since: datetime | None
    until: datetime | None
    says: str


class PackOut(Out):
    """All there is to know of an account when it changes hands."""

    account_id: str
    at: datetime
    owner_id: str | None
    lines: list[PackLineOut]
    markdown: str


@router.get("/accounts/{account_id}/transition-pack")
def get_transition_pack(account_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PackOut:
    """What whoever takes over an account needs to know, as rows and as Markdown that is safe to render."""
    return PackOut.of(transition.pack(tx, account_id, by=person, at=at))


@router.get("/handoffs")
def list_handoffs(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, status: Status | None = None
) -> Listed[HandoffOut]:
    """The handoffs one may see, the first to be due first."""
    found = handing_over.handoffs(tx, status=status, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(HandoffOut, found)


@router.post("/handoffs/{handoff_id}/preparation", status_code=201)
def prepare_handoff(handoff_id: InPath, what: PreparationIn, tx: Transaction, person: SignedIn, at: Now) -> HandoffOut:
    """Tick items of the checklist and write the note."""
    return HandoffOut.of(handing_over.prepare(tx, handoff_id, done=what.done, note=what.note, by=person, at=at))


@router.post("/handoffs/{handoff_id}/acceptance", status_code=201)
def accept_handoff(handoff_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> HandoffOut:
    """Say that one has the customer now."""
    return HandoffOut.of(handing_over.accept(tx, handoff_id, by=person, at=at))


@router.post("/handoffs/{handoff_id}/return", status_code=201)
def return_handoff(handoff_id: InPath, what: SendBackIn, tx: Transaction, person: SignedIn, at: Now) -> HandoffOut:
    """Send it back to sales, with what is missing."""
    return HandoffOut.of(handing_over.send_back(tx, handoff_id, what.why, by=person, at=at))
