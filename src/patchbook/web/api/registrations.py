"""Registrations: deals that partners register on accounts, and whether that is agreed to."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from patchbook.engagement import registering
from patchbook.engagement.registration import Status
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, Paged, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["engagement"])


class RegistrationIn(In):
    """What a partner registers, on which account, and why it is theirs."""

    account_id: Id
    partner: Name
    deal: Name
    reason: Why
    person_id: Id | None = None


class RegistrationApprovalIn(In):
    """A word to the approval."""

    comment: Why | None = None


class RegistrationRefusalIn(In):
    """Why it is refused, or ended."""

    comment: Why


class RegistrationOut(Out):
    """A partner's deal on an account, and where it is."""

    registration_id: str
    account_id: str
    partner: str
    person_id: str
    deal: str
    reason: str
    status: Status
    registered_by: str
    registered_at: datetime
    starts: datetime | None
    ends: datetime | None
    extended_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


@router.get("/registrations")
def list_registrations(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Status | None = None,
    account_id: AnId = None,
) -> Listed[RegistrationOut]:
    """The registrations one may see, the oldest first."""
    found = registering.registrations(
        tx, status=status, account_id=account_id, after=paging.after, limit=paging.limit, by=person, at=at
    )
    return paging.listed(RegistrationOut, found)


@router.post("/registrations", status_code=201)
def register_deal(what: RegistrationIn, tx: Transaction, person: SignedIn, at: Now) -> RegistrationOut:
    """Register a partner's deal; refused where somebody works on the account already."""
    made = registering.register(
        tx,
        what.account_id,
        partner=what.partner,
        deal=what.deal,
        reason=what.reason,
        person_id=what.person_id,
        by=person,
        at=at,
    )
    return RegistrationOut.of(made)


@router.get("/registrations/{registration_id}")
def get_registration(registration_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> RegistrationOut:
    """One registration."""
    return RegistrationOut.of(registering.get(tx, registration_id, by=person, at=at))


@router.post("/registrations/{registration_id}/approval", status_code=201)
def approve_registration(
    registration_id: InPath, what: RegistrationApprovalIn, tx: Transaction, person: SignedIn, at: Now
) -> RegistrationOut:
    """Agree to it: from now on it is the partner's, for its window."""
    return RegistrationOut.of(registering.approve(tx, registration_id, what.comment, by=person, at=at))


@router.post("/registrations/{registration_id}/rejection", status_code=201)
def reject_registration(
    registration_id: InPath, what: RegistrationRefusalIn, tx: Transaction, person: SignedIn, at: Now
) -> RegistrationOut:
    """Refuse it, and say why."""
    return RegistrationOut.of(registering.reject(tx, registration_id, what.comment, by=person, at=at))


@router.post("/registrations/{registration_id}/extension", status_code=201)
def extend_registration(registration_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> RegistrationOut:
    """Let it be in force for longer, once."""
    return RegistrationOut.of(registering.extend(tx, registration_id, by=person, at=at))


@router.post("/registrations/{registration_id}/end", status_code=201)
def end_registration(
    registration_id: InPath, what: RegistrationRefusalIn, tx: Transaction, person: SignedIn, at: Now
) -> RegistrationOut:
    """End it before its window is over."""
    return RegistrationOut.of(registering.end(tx, registration_id, what.comment, by=person, at=at))


@router.delete("/registrations/{registration_id}")
def withdraw_registration(registration_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> RegistrationOut:
    """Take back one's own that was not decided; it stays readable."""
    return RegistrationOut.of(registering.withdraw(tx, registration_id, by=person, at=at))
