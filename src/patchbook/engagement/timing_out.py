"""Accounts nobody works on go back: what is due now, and doing it; the job runner calls `enforce`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from patchbook.audit import actions as audit
from patchbook.db.believed import believed_at
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.engagement import claiming, idle_store, rules, store
from patchbook.engagement.idle import Due, Notice, What
from patchbook.engagement.idle import due as pure_due
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal, system
from patchbook.period import microseconds
from patchbook.territories import store as territories
from patchbook.words import counted


@dataclass(frozen=True, kw_only=True)
class TimedOut:
    """What a run did."""

    warned: int = 0
    returned: int = 0
    active: int = 0
    """Warnings that are over because somebody works on the account again."""
    left: tuple[str, ...] = ()
    """What could not be returned, each with why."""

    @property
    def says(self) -> str:
        """The run in one sentence."""
        return (
            f"{counted(self.warned, 'owner')} warned, {counted(self.returned, 'account')} returned,"
            f" {counted(self.active, 'warning')} lifted."
        )


def due(tx: Connection, at: datetime) -> tuple[Due, ...]:
    """What is due: whom to warn, what goes back, which warnings are over. Nothing is written."""
    time_outs = rules.in_force(tx).engagement.time_outs
    return pure_due(idle_store.idle(tx, time_outs, at=at), idle_store.standing(tx), at=at)


def enforce(tx: Connection, at: datetime, *, by: Principal | None = None) -> TimedOut:
    """Warn owners of idle accounts, return those whose warning has passed, and lift the warnings that are over."""
    by = by or system()
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at)
    found = due(tx, at)
    warn, back, clear = ([one for one in found if one.what is what] for what in (What.WARN, What.RETURN, What.CLEAR))
    idle_store.close_notices(tx, [one.notice_id for one in clear if one.notice_id], "active", at=at)
    idle_store.add_notices(tx, [_notice(one, at) for one in warn])
    left = _return(tx, back, by=by, at=at)
    if warn:
        told = {"accounts": [one.account_id for one in warn]}
        audit.record(tx, "warn of time-out", "time-outs", kind="engagement", by=by.person_id, at=at, after=told)
    return TimedOut(warned=len(warn), returned=len(back) - len(left), active=len(clear), left=tuple(left))


def notices(
    tx: Connection,
    *,
    status: str | None = "warned",
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Notice]:
    """The warnings one may see, the first to be due first."""
    allow_somewhere(by, Deed.SEE)
    last = moment_of(after)
    rows = idle_store.notices(tx, status=status, last=last, limit=limit_of(limit) + 1, by=by, at=at)
    return page_of(rows, limit, lambda row: (microseconds(row.due_at), row.notice_id))


def _notice(one: Due, at: datetime) -> Notice:
    return Notice(
        notice_id=new_id("notice"),
        account_id=one.account_id,
        person_id=one.person_id,
        idle_since=one.idle_since,
        warned_at=at,
        due_at=one.due_at,
        returns_to=one.returns_to,
    )


def _return(tx: Connection, back: Sequence[Due], *, by: Principal, at: datetime) -> list[str]:
    """Give accounts back; what could not be, and why."""
    names = territories.by_name(tx, at)
    facts: list[dict[str, Any]] = []
    left: list[str] = []
    for one in back:
        claims = store.claims_of(tx, person_id=one.person_id, account_id=one.account_id, by=by, at=at)
        claim = next((claim for claim in claims if claim.is_in_force(at)), None)
        if claim is not None:
            claiming.returned(tx, claim, one.says(at), by=by, at=at)
        elif one.returns_to not in names:
            left.append(f"There is no territory {one.returns_to!r}, so {one.account_id} stays with {one.person_id}.")
            continue
        else:
            facts.append(_fact(tx, one, names[one.returns_to], at))
        assert one.notice_id is not None
        idle_store.close_notices(tx, [one.notice_id], "returned", at=at)
        told = {"account": one.account_id, "person": one.person_id, "to": one.returns_to}
        audit.record(tx, "time out", one.account_id, kind="account", by=by.person_id, at=at, after=told)
    if facts:
        lay(tx, assignment, facts, at=at)
    return left


def _fact(tx: Connection, one: Due, territory_id: str, at: datetime) -> dict[str, Any]:
    """The account in its new territory for as long as it would have been in the old one."""
    query = select(assignment.c.valid_to).where(assignment.c.account_id == one.account_id, *believed_at(assignment, at))
    return {
        "account_id": one.account_id,
        "territory_id": territory_id,
        "valid_from": at,
        "valid_to": tx.execute(query).scalar_one(),
        "cause": "time out",
        "source": one.notice_id,
        "reason": f"No activity for {(at - one.idle_since).days:,} days",
    }
