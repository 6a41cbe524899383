"""The roles people hold, and their passwords."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from patchbook import access
from patchbook.people.principal import Role
from patchbook.web.models import AnId, Id, In, InPath, Listed, Out, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["grants"])


class HeldIn(In):
    """A role to be given, everywhere or below a territory."""

    role: Role
    territory_id: Id | None = None


class HeldOut(Out):
    """A role somebody holds."""

    held_id: str
    person_id: str
    role: Role
    territory_id: str | None
    source: str
    by: str
    at: datetime


class PasswordIn(In):
    """A new password."""

    new: str = Field(min_length=1, max_length=1000)
    old: str | None = Field(default=None, max_length=1000, description="The present one, to change one's own.")


@router.get("/people/{person_id}/grants")
def list_grants(person_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> Listed[HeldOut]:
    """The roles somebody holds."""
    found = access.grants(tx, person_id, by=person, at=at)
    return whole(HeldOut, found)


@router.post("/people/{person_id}/grants", status_code=201)
def grant_role(person_id: InPath, what: HeldIn, tx: Transaction, person: SignedIn, at: Now) -> Listed[HeldOut]:
    """Give somebody a role; they hold it from their next request on."""
    access.grant(tx, person_id, what.role, territory_id=what.territory_id, by=person, at=at)
    return whole(HeldOut, access.grants(tx, person_id, by=person, at=at))


@router.delete("/people/{person_id}/grants/{role}", status_code=204)
def revoke_role(
    person_id: InPath,
    role: Role,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    territory_id: AnId = None,
) -> None:
    """Take a role away, at once."""
    access.revoke(tx, person_id, role, territory_id=territory_id, by=person, at=at)


@router.put("/people/{person_id}/password", status_code=204)
def set_password(person_id: InPath, what: PasswordIn, tx: Transaction, person: SignedIn, at: Now) -> None:
    """Give somebody a new password, which ends their sessions."""
    access.set_password(tx, person_id, what.new, old=what.old, by=person, at=at)
