"""What reps do with accounts nobody works on: see which there are, claim one within the limits, give it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, moment_of, page_of
from patchbook.engagement import rules, store
from patchbook.engagement.claim import Claim, NotClaimable, refuse_over_limits
from patchbook.engagement.scope import employed_until, territory_of, with_all_below
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal, system
from patchbook.period import Period, microseconds

CAUSE = "claim"


@dataclass(frozen=True, kw_only=True)
class Claimable:
    """An account that may be claimed, and where it lies."""

    account_id: str
    territory_id: str


def claimable(
    tx: Connection, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[Claimable]:
    """The accounts that may be claimed, by id: the rules of engagement open them to everybody who may claim."""
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    where = with_all_below(tx, rules.in_force(tx).engagement.claims.territories, at)
    last = key_of(after, str)[0] if after else None
    rows = store.claimable(tx, sorted(where), last=last, limit=limit_of(limit) + 1, at=at)
    return page_of([Claimable(**row) for row in rows], limit, lambda row: (row.account_id,))


def claim(tx: Connection, account_id: str, reason: str, *, by: Principal, at: datetime) -> Claim:
    """
    Take an account for oneself.

    Raises
    ------
    NotClaimable
        It is somebody's, or lies where nothing may be claimed.
    ClaimLimit
        One has as many claims as one may, made as many this week, or was just relieved of this account.
    """
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    limits = rules.in_force(tx).engagement.claims
    where = with_all_below(tx, limits.territories, at)
    if not store.claimable(tx, sorted(where), account_id=account_id, limit=1, at=at):
        found = ledger.owner(tx, account_id, on=at, by=by, at=at)  # refuses what they do not see
        held = f" belongs to {found.person}" if found.person else " is not in a territory that is open to claims"
        raise NotClaimable(f"{account_id}{held}; `patchbook engagement claimable` lists what may be claimed.")
    refuse_over_limits(
        limits,
        account_id=account_id,
        person_id=by.person_id,
        claims=store.claims_of(tx, person_id=by.person_id, by=system(), at=at),
        lost_at=store.returned_from(tx, account_id, by.person_id, at=at),
        at=at,
    )
    period = Period(at, at + timedelta(days=limits.days))
    ends = employed_until(tx, by.person_id, period)
    other = store.in_the_way(tx, account_id, OWNER, Period(at, ends))
    ends = ends if other is None else min(ends, other["valid_from"])
    made = Claim(
        claim_id=new_id("claim"),
        account_id=account_id,
        person_id=by.person_id,
        reason=reason.strip(),
        claimed_at=at,
        ends=ends,
    )
    fact = {
        "account_id": account_id,
        "role": OWNER,
        "person_id": by.person_id,
        "kind": "named",
        "valid_from": at,
        "valid_to": ends,
        "cause": CAUSE,
        "source": made.claim_id,
        "reason": f"Claimed: {made.reason}",
    }
    lay(tx, override, [fact], at=at)
    told_of = {"account": account_id, "ends": ends.isoformat()}
    audit.record(tx, "claim", made.claim_id, kind="claim", by=by.person_id, at=at, after=told_of)
    return store.add_claim(tx, made)


def give_back(tx: Connection, claim_id: str, why: str, *, by: Principal, at: datetime) -> Claim:
    """End a claim before it does by itself; one's own, or where one decides."""
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.get_claim(tx, claim_id, by=by, at=at)
    if found.person_id != by.person_id:
        allow(tx, by, Deed.DECIDE, at=at, territory=territory_of(tx, found.account_id, at))
    return returned(tx, found, why, by=by, at=at)


def returned(tx: Connection, found: Claim, why: str, *, by: Principal, at: datetime) -> Claim:
    """A claim that ends now, for whoever asked whether it may."""
    after = found.give_back(by=by.person_id, at=at, why=why)
    store.lift_from(tx, found.claim_id, since=at, at=at)
    told_of = {"account": found.account_id, "person": found.person_id}
    audit.record(tx, "return claim", found.claim_id, kind="claim", by=by.person_id, at=at, after=told_of, why=why)
    return store.save_claim(tx, after)


def claims(
    tx: Connection,
    *,
    person_id: str | None = None,
    account_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Claim]:
    """The claims one may see, the oldest first."""
    allow_somewhere(by, Deed.SEE)
    last = moment_of(after)
    rows = store.claims_of(
        tx, person_id=person_id, account_id=account_id, last=last, limit=limit_of(limit) + 1, by=by, at=at
    )
    return page_of(rows, limit, lambda row: (microseconds(row.claimed_at), row.claim_id))
