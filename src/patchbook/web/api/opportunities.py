"""Opportunities: who works on one, and who gets credit."""

from __future__ import annotations

from fastapi import APIRouter

from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.web.api.accounts import CreditOut, ReasonsOut
from patchbook.web.models import AsKnownOn, InPath, Listed, On, RoleName, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["opportunities"])


@router.get("/opportunities/{opportunity_id}/owner")
def get_opportunity_owner(
    opportunity_id: InPath,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> ReasonsOut:
    """Who owned it on a date, and why: who held it over, or else who owned its account."""
    found = ledger.owner_of_opportunity(
        tx, opportunity_id, role=role, on=on or at, as_known_on=as_known_on, by=person, at=at
    )
    return ReasonsOut.of(found)


@router.get("/opportunities/{opportunity_id}/credit")
def list_opportunity_credit(
    opportunity_id: InPath,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
) -> Listed[CreditOut]:
    """Who gets credit for it on a date."""
    found = ledger.credit(tx, opportunity_id=opportunity_id, on=on or at, as_known_on=as_known_on, by=person, at=at)
    return whole(CreditOut, found)
