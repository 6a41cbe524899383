"""Decisions about accounts: duplicates merged or kept apart, families split; and the pairs that wait for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection

from patchbook.errors import Conflict
from patchbook.imports.review import actions as review
from patchbook.imports.review.decision import Decision, Verdict
from patchbook.people.principal import Principal
from patchbook.web.models import Id, In, InPath, Listed, Out, Paged, Why
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["imports"])


class NotComparedYet(Conflict):
    """The newest accounts are many, and have not been compared yet."""

    def __init__(self) -> None:
        super().__init__("The newest accounts have not been compared yet; look for duplicates on the page of the data.")


class DecisionIn(In):
    """What is decided about two accounts, or about an account and its parent."""

    verdict: Verdict
    account_id: Id = Field(description="Of a merge the account that stays; of `split off` the one split off.")
    other_id: Id | None = Field(default=None, description="The other account of the pair; not for `split off`.")
    parts: dict[Id, Id] = Field(
        default={}, max_length=500, description="Of a merge: field → account it is taken from, where not who stays."
    )
    why: Why | None = None


class DecisionOut(Out):
    """What was decided about which accounts, by whom."""

    decision_id: str
    verdict: Verdict
    account_id: str
    other_id: str
    parts: dict[str, str]
    why: str | None
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


@router.get("/duplicates")
def list_duplicates(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[dict[str, Any]]:
    """Pairs of the newest accounts that may be one company and nobody decided about, best first."""
    waiting = review.waiting(tx, by=person, at=at)
    if waiting is None:
        raise NotComparedYet
    pairs = waiting.with_row_index("pair", offset=1).cast({"pair": pl.String})
    return paging.frame(pairs, key="pair")


@router.get("/account-decisions")
def list_account_decisions(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[DecisionOut]:
    """What was decided about accounts, the newest first, undone decisions too."""
    found = review.decisions(tx, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(DecisionOut, found)


@router.post("/account-decisions", status_code=201)
def decide_accounts(what: DecisionIn, tx: Transaction, person: SignedIn, at: Now) -> DecisionOut:
    """Merge two accounts, keep them apart, or split one off its family; the next import does so."""
    return DecisionOut.of(_decided(what, tx, person, at))


@router.post("/account-decisions/{decision_id}/undo", status_code=201)
def undo_account_decision(decision_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> DecisionOut:
    """Take a decision back, from the next import on."""
    return DecisionOut.of(review.undo(tx, decision_id, by=person, at=at))


def _decided(what: DecisionIn, tx: Connection, person: Principal, at: datetime) -> Decision:
    if what.verdict is Verdict.SPLIT:
        return review.split_off(tx, what.account_id, why=what.why, by=person, at=at)
    other = what.other_id or ""
    if what.verdict is Verdict.APART:
        return review.keep_apart(tx, what.account_id, other, why=what.why, by=person, at=at)
    return review.merge(tx, what.account_id, other, parts=what.parts, why=what.why, by=person, at=at)
