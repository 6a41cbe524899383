"""Deals that partners register on accounts, to be agreed to, extended and ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.engagement import registering
from patchbook.engagement.registration import Registration, Rival, Status
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.models import After, InPath
from patchbook.web.names import accounts_named, accounts_open_to, people_named
from patchbook.web.page import Looked, Pages

PAGE_SIZE = 50

router = Pages()

Words = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, kw_only=True)
class RegistrationsPage:
    """The deals that partners registered."""

    rows: tuple[Registration, ...]
    next: str | None
    status: Status | None
    at: datetime
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    open: frozenset[str]
    """The accounts whose page whoever looks may open."""
    may_ask: bool


@dataclass(frozen=True, kw_only=True)
class RegistrationPage:
    """One registration, and what stands against it."""

    registration: Registration
    state: str
    rivals: tuple[Rival, ...]
    people: Mapping[str, str]
    accounts: Mapping[str, str]
    may_decide: bool
    may_change: bool
    """Whether it is in force, and this person may extend or end it."""
    is_mine: bool


def load_list(
    tx: Connection, *, status: Status | None = None, after: str | None = None, by: Principal, at: datetime
) -> RegistrationsPage:
    """The registrations this person sees, oldest first."""
    found = registering.registrations(tx, status=status, after=after, limit=PAGE_SIZE, by=by, at=at)
    return RegistrationsPage(
        rows=found.rows,
        next=found.next_cursor,
        status=status,
        at=at,
        people=people_named(tx, (who for one in found.rows for who in (one.person_id, one.registered_by))),
        accounts=accounts_named(tx, (one.account_id for one in found.rows)),
        open=accounts_open_to(tx, (one.account_id for one in found.rows), by=by, at=at),
        may_ask=may(by, Deed.REQUEST_EXCEPTION),
    )


def load(tx: Connection, registration_id: str, *, by: Principal, at: datetime) -> RegistrationPage:
    """One registration."""
    found = registering.get(tx, registration_id, by=by, at=at)
    is_open = found.status is Status.REQUESTED
    rivals = registering.conflicts(tx, found.account_id, partner=found.partner, by=by, at=at) if is_open else ()
    decides = registering.decides(tx, found, by=by, at=at)
    state = "in force" if found.is_in_force(at) else "over" if found.is_over(at) else found.status.value
    return RegistrationPage(
        registration=found,
        state=state,
        rivals=tuple(one for one in rivals if one.subject_id != registration_id),
        people=people_named(tx, (found.person_id, found.registered_by, found.decided_by)),
        accounts=accounts_named(tx, [found.account_id]),
        may_decide=is_open and decides and found.registered_by != by.person_id,
        may_change=decides and found.is_in_force(at),
        is_mine=is_open and found.registered_by == by.person_id,
    )


@router.page("/registrations", Deed.SEE)
def show_list(here: Looked, status: Annotated[Status | None, Query()] = None, after: After = None) -> Response:
    """The deals that partners registered."""
    page = load_list(here.tx, status=status, after=after, by=here.person, at=here.at)
    return here.show("registrations.html", page)


@router.form("/registrations", Deed.REQUEST_EXCEPTION)
def register(
    here: Looked,
    account_id: Annotated[str, Form(min_length=1, max_length=200)],
    partner: Annotated[str, Form(max_length=200)],
    deal: Annotated[str, Form(max_length=200)],
    reason: Words,
    person_id: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Register a partner's deal on an account."""
    made = registering.register(
        here.tx,
        account_id.strip(),
        partner=partner,
        deal=deal,
        reason=reason,
        person_id=person_id.strip() or None,
        by=here.person,
        at=here.at,
    )
    return here.done(f"/registrations/{made.registration_id}", "Registered; somebody else has to agree.")


@router.page("/registrations/{registration_id}", Deed.SEE)
def show(registration_id: InPath, here: Looked) -> Response:
    """One registration."""
    return here.show("registration.html", load(here.tx, registration_id, by=here.person, at=here.at))


@router.form("/registrations/{registration_id}/decision", Deed.DECIDE)
def decide(
    registration_id: InPath,
    here: Looked,
    decision: Annotated[Literal["yes", "no"], Form()],
    comment: Words = "",
) -> Response:
    """Agree to it, or refuse it with a word of why."""
    if decision == "yes":
        registering.approve(here.tx, registration_id, comment, by=here.person, at=here.at)
        return here.done(f"/registrations/{registration_id}", "Approved; the partner has the account's deal for now.")
    registering.reject(here.tx, registration_id, comment, by=here.person, at=here.at)
    return here.done(f"/registrations/{registration_id}", "Rejected.")


@router.form("/registrations/{registration_id}/changes", Deed.DECIDE)
def change(
    registration_id: InPath,
    here: Looked,
    decision: Annotated[Literal["extend", "end"], Form()],
    comment: Words = "",
) -> Response:
    """Let it be in force for longer, once, or end it with a word of why."""
    if decision == "extend":
        registering.extend(here.tx, registration_id, by=here.person, at=here.at)
        return here.done(f"/registrations/{registration_id}", "Extended.")
    registering.end(here.tx, registration_id, comment, by=here.person, at=here.at)
    return here.done(f"/registrations/{registration_id}", "Ended.")


@router.form("/registrations/{registration_id}/withdrawal", Deed.REQUEST_EXCEPTION)
def withdraw(registration_id: InPath, here: Looked) -> Response:
    """Take back a registration of one's own."""
    registering.withdraw(here.tx, registration_id, by=here.person, at=here.at)
    return here.done(f"/registrations/{registration_id}", "Withdrawn; it stays readable.")
