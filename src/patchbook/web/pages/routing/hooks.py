"""Webhooks: where leads come in, who is told of decisions, and every message that went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.leads.knowledge import document_in
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.web.models import After, AnId, InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.routing.tabs import Tab, tabs
from patchbook.webhooks import actions, store
from patchbook.webhooks.webhook import Delivery, NoSecret, Source, Status, Target, Webhooks, secrets_of

router = Pages()

A_PAGE = 50
STATUSES = (("", "All"), *((status.value, status.value.capitalize()) for status in Status))


@dataclass(frozen=True, kw_only=True)
class End:
    """A system at the other end, and whether its secret is there."""

    name: str
    source: Source | None = None
    target: Target | None = None
    missing: str = ""
    """What to set where its secret is not there; the secret itself is never told."""


@dataclass(frozen=True, kw_only=True)
class HooksPage:
    """What the page of webhooks shows."""

    tabs: tuple[Tab, ...]
    sources: tuple[End, ...]
    targets: tuple[End, ...]
    deliveries: tuple[Delivery, ...]
    next: str | None
    counts: dict[Status, int]
    status: str
    target: str
    statuses: tuple[tuple[str, str], ...] = STATUSES


def load(
    tx: Connection,
    *,
    status: Status | None = None,
    target: str | None = None,
    after: str | None = None,
    limit: int = A_PAGE,
    by: Principal,
    at: datetime,
) -> HooksPage:
    """Both ends, and a page of the messages."""
    allow(tx, by, Deed.ADMINISTER, at=at)
    told: Webhooks = document_in(tx).sections["webhooks"]
    found = actions.deliveries(tx, status=status, target=target or None, after=after, limit=limit, by=by, at=at)
    return HooksPage(
        tabs=tabs(by),
        sources=tuple(End(name=one.name, source=one, missing=_missing(one.name)) for one in told.sources),
        targets=tuple(End(name=one.name, target=one, missing=_missing(one.name)) for one in told.targets),
        deliveries=found.rows,
        next=found.next_cursor,
        counts=store.counts(tx),
        status=status.value if status else "",
        target=target or "",
    )


def _missing(name: str) -> str:
    try:
        secrets_of(name)
    except NoSecret as refusal:
        return str(refusal)
    return ""


@router.page("/routing/hooks", Deed.ADMINISTER)
def show_hooks(
    here: Looked, status: Annotated[str, Query(max_length=20)] = "", target: AnId = None, after: After = None
) -> Response:
    """The page of webhooks."""
    wanted = Status(status) if status in set(Status) else None
    page = load(here.tx, status=wanted, target=target, after=after, by=here.person, at=here.at)
    return here.show("routing/hooks.html", page)


@router.form("/routing/hooks/deliveries/{delivery_id}/retries", Deed.ADMINISTER)
def send_again_by_form(here: Looked, delivery_id: InPath) -> Response:
    """Put a message that was given up on its way again."""
    sent = actions.send_again(here.tx, delivery_id, by=here.person, at=here.at)
    return here.done("/routing/hooks", f"The message to {sent.target} is on its way again.")
