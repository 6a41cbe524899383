"""What is done with splits: credit for a territory or an account shared between people for a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.ledger.lay import lay, lift
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow, allow_somewhere, in_scope
from patchbook.people.principal import Principal
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.period import Period
from patchbook.territories import store
from patchbook.territories.seats import role_of
from patchbook.territories.store import split as split_table
from patchbook.territories.territory import SeatRole, Share, Split, UnknownTerritory


def split(
    tx: Connection,
    territory_id: str,
    shares: Sequence[Share],
    *,
    account_id: str = "",
    role: str = SeatRole.OWNER,
    period: Period,
    reason: str = "",
    by: Principal,
    at: datetime,
) -> Split:
    """
    Share the credit for a territory, or one account of it, for a period.

    Raises
    ------
    BadSplit
        The shares do not sum to 100 %, counted in hundredths.
    NotEmployed
        Somebody with a share is not employed when the period starts.
    """
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    made = Split(
        territory_id=territory_id, account_id=account_id, role=role_of(role), shares=tuple(shares), valid=period
    )
    _refuse_missing_territory(tx, territory_id, period.start)
    employed = people.find(tx, [share.person_id for share in shares])
    for share in shares:
        if share.person_id not in employed:
            raise UnknownPerson(share.person_id)
        if not any(one.contains(period.start) for one in employed[share.person_id].employed):
            raise NotEmployed(share.person_id, period.start, employed[share.person_id].employed)
    laid = lay(tx, split_table, [fact(made, reason or "split")], at=at)
    if laid.written:
        told = {"account": account_id, "role": made.role.value, "valid": str(period)}
        parts = [[share.person_id, share.percent] for share in shares]
        after = {**told, "shares": parts}
        audit.record(tx, "split", territory_id, kind="territory", by=by.person_id, at=at, after=after)
    return made


def end_split(
    tx: Connection,
    territory_id: str,
    *,
    account_id: str = "",
    role: str = SeatRole.OWNER,
    period: Period,
    by: Principal,
    at: datetime,
) -> None:
    """Let credit be undivided again for a period."""
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_id)
    _refuse_missing_territory(tx, territory_id, period.start)
    key = {"territory_id": territory_id, "account_id": account_id, "role": role_of(role).value}
    ended = lift(tx, split_table, [{**key, "valid_from": period.start, "valid_to": period.end}], at=at)
    if ended.closed:
        told = {"account": account_id, "role": role, "valid": str(period)}
        audit.record(tx, "end split", territory_id, kind="territory", by=by.person_id, at=at, before=told)


def splits(tx: Connection, territory_id: str, *, on: datetime, by: Principal, at: datetime) -> tuple[Split, ...]:
    """The splits of a territory that hold on a day or later."""
    allow_somewhere(by, Deed.SEE)
    if not store.find(tx, territory_id, since=on, seen=in_scope(by, territory=store.place.c.territory_id, at=at)):
        raise UnknownTerritory(territory_id)
    return tuple(split_of(dict(row)) for row in store.splits(tx, Period(on), territory_id=territory_id))


def split_of(row: Mapping[str, Any]) -> Split:
    """A split as its row tells."""
    return Split(
        territory_id=row["territory_id"],
        account_id=row["account_id"],
        role=SeatRole(row["role"]),
        shares=tuple(Share(**share) for share in row["shares"]),
        valid=Period(row["valid_from"], row["valid_to"]),
    )


def fact(one: Split, reason: str) -> dict[str, Any]:
    """A fact of `split` for `lay`."""
    return {
        "territory_id": one.territory_id,
        "account_id": one.account_id,
        "role": one.role.value,
        "shares": [{"person_id": share.person_id, "percent": share.percent} for share in one.shares],
        "valid_from": one.valid.start,
        "valid_to": one.valid.end,
        "reason": reason,
    }


def _refuse_missing_territory(tx: Connection, territory_id: str, on: datetime) -> None:
    found = store.find(tx, territory_id, since=on)
    if not found or not found[0].valid.contains(on):
        raise UnknownTerritory(territory_id)
