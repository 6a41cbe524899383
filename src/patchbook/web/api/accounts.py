"""Accounts: who owns one, why, since when, and who gets credit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path

from patchbook.imports import actions as imports
from patchbook.imports.imported import NoImport
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.web.models import AsKnownOn, Listed, On, Out, Paged, PeriodOut, RoleName, Search, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["accounts"])

AccountId = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class AccountOut(Out):
    """An account, as last imported."""

    account_id: str
    name: str | None
    fields: dict[str, Any]

    @classmethod
    def of(cls, noun: dict[str, Any]) -> AccountOut:
        """A row of a snapshot as it goes out."""
        known = {
            name: value for name, value in noun.items() if name not in ("account_id", "name") and value is not None
        }
        return cls(account_id=noun["account_id"], name=noun.get("name"), fields=known)


class AnswerOut(Out):
    """Who owned an account on a date, as known on another."""

    account_id: str
    role: str
    on: datetime
    as_known_on: datetime
    opportunity_id: str
    territory_id: str | None
    territory: str | None
    person_id: str | None
    person: str | None
    pool_id: str | None
    pool: str | None
    acting_id: str | None
    acting: str | None
    is_owned: bool
    says: str


class StepOut(Out):
    """One fact in the chain of reasons."""

    fact: str
    says: str
    valid: PeriodOut
    recorded_from: datetime
    cause: str
    source: str
    reason: str


class ReasonsOut(AnswerOut):
    """The answer, and the facts it follows from."""

    chain: list[StepOut]


class HistoryOut(Out):
    """A stretch of time in which who owned an account did not change, and why it was so."""

    period: PeriodOut
    territory_id: str | None
    territory: str | None
    person_id: str | None
    person: str | None
    pool_id: str | None
    pool: str | None
    acting_id: str | None
    acting: str | None
    chain: list[StepOut]


class CreditOut(Out):
    """One person's share, in one role."""

    person_id: str | None
    pool_id: str | None
    percent: float
    role: str
    because: str


@router.get("/accounts")
def list_accounts(tx: Transaction, person: SignedIn, at: Now, paging: Paged, search: Search = "") -> Listed[AccountOut]:
    """Accounts of the newest import whose id, name or domain holds a text."""
    found = imports.search(tx, search, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(AccountOut, found)


@router.get("/accounts/{account_id:path}/owner")
def get_owner(
    account_id: AccountId,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> AnswerOut:
    """Who owned it on a date, as known on another."""
    found = ledger.owner(tx, account_id, role=role, on=on or at, as_known_on=as_known_on, by=person, at=at)
    return AnswerOut.of(found)


@router.get("/accounts/{account_id:path}/reasons")
def get_reasons(
    account_id: AccountId,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> ReasonsOut:
    """Why who owned it on a date did: each fact the answer follows from."""
    found = ledger.owner(tx, account_id, role=role, on=on or at, as_known_on=as_known_on, by=person, at=at)
    return ReasonsOut.of(found)


@router.get("/accounts/{account_id:path}/history")
def list_history(
    account_id: AccountId,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    as_known_on: AsKnownOn = None,
    role: RoleName = OWNER,
) -> Listed[HistoryOut]:
    """Every change of owner, the oldest first."""
    found = ledger.history(
        tx,
        account_id,
        role=role,
        as_known_on=as_known_on,
        after=paging.after,
        limit=paging.limit,
        by=person,
        at=at,
    )
    return paging.listed(HistoryOut, found)


@router.get("/accounts/{account_id:path}/credit")
def list_credit(
    account_id: AccountId,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    on: On = None,
    as_known_on: AsKnownOn = None,
) -> Listed[CreditOut]:
    """Who gets credit for what it brought on a date."""
    found = ledger.credit(tx, account_id=account_id, on=on or at, as_known_on=as_known_on, by=person, at=at)
    return whole(CreditOut, found)


@router.get("/accounts/{account_id:path}")
def get_account(account_id: AccountId, tx: Transaction, person: SignedIn, at: Now) -> AccountOut:
    """One account, as last imported."""
    try:
        rows = imports.accounts_by_id(tx, [account_id]).to_dicts()
    except NoImport:
        rows = []
    if not rows or not person.is_everywhere:
        ledger.owner(tx, account_id, on=at, by=person, at=at)  # refuses what is not there, or not to be seen
    return AccountOut.of(rows[0] if rows else {"account_id": account_id})
