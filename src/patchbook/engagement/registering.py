"""What people do with registrations: register a partner's deal, agree to it, extend it, and end it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from patchbook.approvals.reach import is_company_wide
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.engagement import rules, store
from patchbook.engagement.registration import (
    BadRegistration,
    OwnRegistration,
    Registration,
    RegistrationStep,
    Rival,
    Status,
    refuse_conflict,
)
from patchbook.engagement.scope import employed_until, territory_of
from patchbook.ledger import actions as ledger
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.live.store import territories_of
from patchbook.people import actions as people
from patchbook.people.permission import Deed, allow, allow_somewhere, may, reached
from patchbook.people.principal import Principal
from patchbook.period import Period, microseconds, told

PARTNER = "partner"
"""The role that whoever looks after the partner of record has at an account."""


def register(
    tx: Connection,
    account_id: str,
    *,
    partner: str,
    deal: str,
    reason: str,
    person_id: str | None = None,
    by: Principal,
    at: datetime,
) -> Registration:
    """
    Register a partner's deal on an account, for somebody to agree to.

    Parameters
    ----------
    person_id
        Who looks after the partner here; otherwise whoever has the account's partner seat.

    Raises
    ------
    ChannelConflict
        A deal of our own is open there, or another partner registered one.
    BadRegistration
        Nobody looks after the partner, or the partner has as many registrations as it may.
    """
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    ledger.owner(tx, account_id, on=at, by=by, at=at)  # refuses what they do not see
    who = person_id or ledger.owner(tx, account_id, role=PARTNER, on=at, by=by, at=at).person_id
    if who is None:
        raise BadRegistration(f"Nobody has the partner seat of {account_id}; say who looks after {partner}.")
    people.get(tx, who, by=by, at=at)
    employed_until(tx, who, Period(at))
    made = Registration(
        registration_id=new_id("registration"),
        account_id=account_id,
        partner=partner.strip(),
        person_id=who,
        deal=deal.strip(),
        reason=reason.strip(),
        registered_by=by.person_id,
        registered_at=at,
    )
    refuse_conflict(account_id, made.partner, _rivals(tx, made, at))
    limit = rules.in_force(tx).engagement.registrations.most_per_partner
    if store.standing_of_partner(tx, made.partner, at=at) >= limit:
        raise BadRegistration(
            f"{made.partner} has {limit:,} registrations waiting or in force, which is all it may; end one first."
        )
    _tell(tx, "register deal", made, by, at)
    return store.add_registration(tx, made)


def conflicts(tx: Connection, account_id: str, *, partner: str, by: Principal, at: datetime) -> tuple[Rival, ...]:
    """What would stand against a partner's registration on an account now; nothing is written."""
    allow_somewhere(by, Deed.SEE)
    ledger.owner(tx, account_id, on=at, by=by, at=at)
    asked = Registration(
        registration_id="", account_id=account_id, partner=partner, person_id="", deal="?", reason="?",
        registered_by=by.person_id, registered_at=at,
    )  # fmt: skip
    return tuple(_rivals(tx, asked, at))


def approve(
    tx: Connection, registration_id: str, comment: str | None = None, *, by: Principal, at: datetime
) -> Registration:
    """Agree to a registration: from now on the account's partner-sourced business is the partner's, for its window."""
    found = _decidable(tx, registration_id, by, at)
    days = rules.in_force(tx).engagement.registrations.days
    after = found.approve(by=by.person_id, at=at, days=days, comment=(comment or "").strip() or None)
    refuse_conflict(found.account_id, found.partner, _rivals(tx, found, at))
    _write(tx, after, since=at, at=at)
    _tell(tx, "approve registration", after, by, at)
    return store.save_registration(tx, after)


def reject(tx: Connection, registration_id: str, comment: str, *, by: Principal, at: datetime) -> Registration:
    """Refuse a registration, and say why."""
    found = _decidable(tx, registration_id, by, at)
    after = found.reject(by=by.person_id, at=at, comment=comment)
    _tell(tx, "reject registration", after, by, at)
    return store.save_registration(tx, after)


def extend(tx: Connection, registration_id: str, *, by: Principal, at: datetime) -> Registration:
    """Let a registration be in force for longer, once; whoever may agree to it may."""
    found = _decidable(tx, registration_id, by, at)
    after = found.extend(days=rules.in_force(tx).engagement.registrations.extension_days, at=at)
    _write(tx, after, since=at, at=at)
    _tell(tx, "extend registration", after, by, at)
    return store.save_registration(tx, after)


def end(tx: Connection, registration_id: str, why: str, *, by: Principal, at: datetime) -> Registration:
    """End a registration before its window is over."""
    found = _decidable(tx, registration_id, by, at)
    after = found.end(at=at, why=why)
    store.lift_from(tx, registration_id, since=at, at=at)
    _tell(tx, "end registration", after, by, at)
    return store.save_registration(tx, after)


def withdraw(tx: Connection, registration_id: str, *, by: Principal, at: datetime) -> Registration:
    """Take back a registration of one's own that was not decided yet."""
    allow_somewhere(by, Deed.REQUEST_EXCEPTION)
    found = store.get_registration(tx, registration_id, by=by, at=at)
    if found.registered_by != by.person_id:
        raise OwnRegistration(f"{found.registered_by} registered this deal; who registered it can withdraw it.")
    after = found.withdraw()
    _tell(tx, "withdraw registration", after, by, at)
    return store.save_registration(tx, after)


def get(tx: Connection, registration_id: str, *, by: Principal, at: datetime) -> Registration:
    """The registration of that id."""
    allow_somewhere(by, Deed.SEE)
    return store.get_registration(tx, registration_id, by=by, at=at)


def registrations(
    tx: Connection,
    *,
    account_id: str | None = None,
    status: Status | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Registration]:
    """The registrations one may see, the oldest first."""
    allow_somewhere(by, Deed.SEE)
    last = moment_of(after)
    rows = store.registrations_of(
        tx, account_id=account_id, status=status, last=last, limit=limit_of(limit) + 1, by=by, at=at
    )
    return page_of(rows, limit, lambda row: (microseconds(row.registered_at), row.registration_id))


def waiting_for(tx: Connection, *, limit: int, by: Principal, at: datetime) -> list[Registration]:
    """The registrations this person may agree to: of others, on accounts in territories they decide in."""
    asked = store.registrations_of(tx, status=Status.REQUESTED, limit=limit, by=by, at=at)
    asked = [one for one in asked if one.registered_by != by.person_id]
    if is_company_wide(by, Deed.DECIDE) or not asked:
        return asked
    where = territories_of(tx, [one.account_id for one in asked], at=at)
    mine = reached(tx, by, where.values(), at=at, deed=Deed.DECIDE)
    return [one for one in asked if where.get(one.account_id) in mine]


def decides(tx: Connection, one: Registration, *, by: Principal, at: datetime) -> bool:
    """Whether this person decides about a registration they see; the deeds themselves ask again."""
    where = territory_of(tx, one.account_id, at)
    if not may(by, Deed.DECIDE):
        return False
    return is_company_wide(by, Deed.DECIDE) or bool(where and reached(tx, by, [where], at=at, deed=Deed.DECIDE))


def partner_of_record(tx: Connection, account_id: str, *, on: datetime) -> Registration | None:
    """The registration in force on an account; for routing and other parts of the record, which ask the gate."""
    return store.in_force_for(tx, account_id, at=on)


def _rivals(tx: Connection, wanted: Registration, at: datetime) -> list[Rival]:
    """Open deals of our own, and registrations of others or of the partner itself, the oldest first."""
    found = [
        Rival(
            kind="opportunity",
            subject_id=deal["opportunity_id"],
            says=f"our own deal {deal['opportunity_id']} is open there"
            + (f", with {deal['owner_id']}" if deal["owner_id"] else ""),
        )
        for deal in store.open_deals(tx, wanted.account_id)
        if deal["owner_id"] is None or deal["owner_id"] != wanted.person_id
    ]
    for one in store.standing(tx, wanted.account_id, at=at):
        if one.registration_id == wanted.registration_id:
            continue
        until = f"until {told(one.ends)}" if one.ends else "and waits for an answer"
        says = f"{one.partner} registered {one.deal!r} on {told(one.registered_at)} {until}"
        found.append(Rival(kind="registration", subject_id=one.registration_id, says=says))
    return found


def _decidable(tx: Connection, registration_id: str, by: Principal, at: datetime) -> Registration:
    allow_somewhere(by, Deed.DECIDE)
    found = store.get_registration(tx, registration_id, by=by, at=at)
    allow(tx, by, Deed.DECIDE, at=at, territory=territory_of(tx, found.account_id, at))
    return found


def _write(tx: Connection, agreed: Registration, *, since: datetime, at: datetime) -> None:
    """Put what was agreed in the ledger: who looks after the partner has the role meanwhile."""
    assert agreed.ends is not None
    period = Period(since, agreed.ends)
    other = store.in_the_way(tx, agreed.account_id, PARTNER, period)
    if other is not None and other["source"] != agreed.registration_id:
        raise RegistrationStep(
            f"{other['person_id']} has the partner role at {agreed.account_id} by {other['kind']} until"
            f" {told(other['valid_to'])}; end that first."
        )
    fact = {
        "account_id": agreed.account_id,
        "role": PARTNER,
        "person_id": agreed.person_id,
        "kind": "named",
        "valid_from": period.start,
        "valid_to": employed_until(tx, agreed.person_id, period),
        "cause": "registration",
        "source": agreed.registration_id,
        "reason": f"{agreed.partner} registered {agreed.deal!r}",
    }
    lay(tx, override, [fact], at=at)


def _tell(tx: Connection, deed: str, one: Registration, by: Principal, at: datetime) -> None:
    after = {"account": one.account_id, "person": one.person_id, "status": one.status.value}
    after |= {"ends": one.ends.isoformat()} if one.ends else {}
    audit.record(tx, deed, one.registration_id, kind="registration", by=by.person_id, at=at, after=after)
