"""Registrations, claims and activity in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, RowMapping, Table, and_, func, insert, or_, select, update

from patchbook.db.believed import believed_at, believed_during
from patchbook.engagement import claim as claims
from patchbook.engagement import registration as registrations
from patchbook.engagement.claim import Claim, NoClaim
from patchbook.engagement.registration import NoRegistration, Registration
from patchbook.engagement.scope import seen
from patchbook.engagement.tables import claim, idle_notice, registration
from patchbook.ledger.lay import lift
from patchbook.ledger.tables import assignment, opportunity, override
from patchbook.people.principal import Principal
from patchbook.period import FOREVER, Period

Noun = TypeVar("Noun")


def row_of(noun: Any) -> dict[str, Any]:
    """A noun as a row: words of an enumeration as text."""
    return {name: getattr(value, "value", value) for name, value in asdict(noun).items()}


def read(kind: type[Noun], row: RowMapping, **changed: Any) -> Noun:
    """A row as a noun."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    return kind(**{**{name: row[name] for name in names}, **changed})


def save(tx: Connection, table: Table, key: Column[str], noun: Any) -> None:
    """Keep what became of it."""
    row = row_of(noun)
    tx.execute(update(table).where(key == row[key.name]).values(**row))


def after(key: Sequence[Any], last: tuple[Any, ...] | None) -> Any:
    """The condition that a row stands behind the last one seen, by an instant and an id."""
    if last is None:
        return True
    first, second = key
    return or_(first > last[0], and_(first == last[0], second > last[1]))


# Registrations


def add_registration(tx: Connection, made: Registration) -> Registration:
    """Keep a registration."""
    tx.execute(insert(registration).values(**row_of(made)))
    return made


def save_registration(tx: Connection, changed: Registration) -> Registration:
    """Keep what became of one."""
    save(tx, registration, registration.c.registration_id, changed)
    return changed


def get_registration(tx: Connection, registration_id: str, *, by: Principal, at: datetime) -> Registration:
    """The registration of that id, if this person may see it."""
    query = select(registration).where(registration.c.registration_id == registration_id, _sees(by, at))
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NoRegistration(registration_id)
    return _registration(row)


def registrations_of(
    tx: Connection,
    *,
    account_id: str | None = None,
    status: registrations.Status | None = None,
    last: tuple[datetime, str] | None = None,
    limit: int | None = None,
    by: Principal,
    at: datetime,
) -> list[Registration]:
    """Registrations somebody may see, the oldest first."""
    query = select(registration).where(_sees(by, at))
    if account_id is not None:
        query = query.where(registration.c.account_id == account_id)
    if status is not None:
        query = query.where(registration.c.status == status.value)
    key = (registration.c.registered_at, registration.c.registration_id)
    if last is not None:
        query = query.where(after(key, last))
    query = query.order_by(*key)
    return [_registration(row) for row in tx.execute(query if limit is None else query.limit(limit)).mappings()]


def standing(tx: Connection, account_id: str, *, at: datetime) -> list[Registration]:
    """Registrations of an account that wait or are in force."""
    query = select(registration).where(registration.c.account_id == account_id, _standing(at))
    return [_registration(row) for row in tx.execute(query.order_by(registration.c.registered_at)).mappings()]


def standing_of_partner(tx: Connection, partner: str, *, at: datetime) -> int:
    """How many registrations of a partner wait or are in force."""
    mine = func.lower(registration.c.partner) == partner.lower()
    return int(tx.execute(select(func.count()).select_from(registration).where(mine, _standing(at))).scalar_one())


def in_force_for(tx: Connection, account_id: str, *, at: datetime) -> Registration | None:
    """The registration that makes a partner the partner of record of an account."""
    query = select(registration).where(
        registration.c.account_id == account_id,
        registration.c.status == registrations.Status.APPROVED.value,
        registration.c.starts <= at,
        registration.c.ends > at,
    )
    row = tx.execute(query.order_by(registration.c.starts).limit(1)).mappings().first()
    return None if row is None else _registration(row)


def open_deals(tx: Connection, account_id: str) -> list[RowMapping]:
    """The open opportunities of an account."""
    query = select(opportunity).where(opportunity.c.account_id == account_id, opportunity.c.closed.is_(None))
    return list(tx.execute(query.order_by(opportunity.c.opportunity_id)).mappings())


def _sees(by: Principal, at: datetime) -> Any:
    people = (registration.c.registered_by, registration.c.person_id)
    return seen(by, account=registration.c.account_id, people=people, at=at)


def _standing(at: datetime) -> Any:
    approved = and_(registration.c.status == registrations.Status.APPROVED.value, registration.c.ends > at)
    return or_(registration.c.status == registrations.Status.REQUESTED.value, approved)


def _registration(row: RowMapping) -> Registration:
    return read(Registration, row, status=registrations.Status(row["status"]))


# Claims


def add_claim(tx: Connection, made: Claim) -> Claim:
    """Keep a claim."""
    tx.execute(insert(claim).values(**row_of(made)))
    return made


def save_claim(tx: Connection, changed: Claim) -> Claim:
    """Keep what became of one."""
    save(tx, claim, claim.c.claim_id, changed)
    return changed


def get_claim(tx: Connection, claim_id: str, *, by: Principal, at: datetime) -> Claim:
    """The claim of that id, if this person may see it."""
    visible = seen(by, account=claim.c.account_id, people=(claim.c.person_id,), at=at)
    row = tx.execute(select(claim).where(claim.c.claim_id == claim_id, visible)).mappings().first()
    if row is None:
        raise NoClaim(claim_id)
    return _claim(row)


def claims_of(
    tx: Connection,
    *,
    person_id: str | None = None,
    account_id: str | None = None,
    last: tuple[datetime, str] | None = None,
    limit: int | None = None,
    by: Principal,
    at: datetime,
) -> list[Claim]:
    """Claims somebody may see, the oldest first."""
    query = select(claim).where(seen(by, account=claim.c.account_id, people=(claim.c.person_id,), at=at))
    if person_id is not None:
        query = query.where(claim.c.person_id == person_id)
    if account_id is not None:
        query = query.where(claim.c.account_id == account_id)
    key = (claim.c.claimed_at, claim.c.claim_id)
    if last is not None:
        query = query.where(after(key, last))
    query = query.order_by(*key)
    return [_claim(row) for row in tx.execute(query if limit is None else query.limit(limit)).mappings()]


def returned_from(tx: Connection, account_id: str, person_id: str, *, at: datetime) -> datetime | None:
    """When an account was last returned from somebody: by hand, by the end of a claim, or by a time-out."""
    theirs = (claim.c.account_id == account_id, claim.c.person_id == person_id)
    timed = (idle_notice.c.account_id == account_id, idle_notice.c.person_id == person_id)
    instants = [
        tx.execute(select(func.max(claim.c.returned_at)).where(*theirs)).scalar(),
        tx.execute(
            select(func.max(claim.c.ends)).where(
                *theirs, claim.c.status == claims.Status.HELD.value, claim.c.ends <= at
            )
        ).scalar(),
        tx.execute(
            select(func.max(idle_notice.c.closed_at)).where(*timed, idle_notice.c.status == "returned")
        ).scalar(),
    ]
    return max((one for one in instants if one is not None), default=None)


def claimable(
    tx: Connection, territories: Sequence[str], *, account_id: str | None = None, last: str | None = None,
    limit: int, at: datetime,
) -> list[RowMapping]:  # fmt: skip
    """Accounts in these territories whom no override gives to somebody, by id."""
    taken = select(override.c.account_id).where(
        override.c.role == "owner", override.c.opportunity_id == "", *believed_at(override, at)
    )
    query = select(assignment.c.account_id, assignment.c.territory_id).where(
        assignment.c.territory_id.in_(territories),
        assignment.c.account_id.not_in(taken),
        *believed_at(assignment, at),
    )
    if account_id is not None:
        query = query.where(assignment.c.account_id == account_id)
    if last is not None:
        query = query.where(assignment.c.account_id > last)
    return list(tx.execute(query.order_by(assignment.c.account_id).limit(limit)).mappings())


def _claim(row: RowMapping) -> Claim:
    return read(Claim, row, status=claims.Status(row["status"]))


# Facts of the ledger that came of them


def in_the_way(tx: Connection, account_id: str, role: str, period: Period) -> RowMapping | None:
    """An override that is believed for this account, role and part of the period."""
    query = select(override).where(
        override.c.account_id == account_id,
        override.c.role == role,
        override.c.opportunity_id == "",
        *believed_during(override, period),
    )
    return tx.execute(query.order_by(override.c.valid_from).limit(1)).mappings().first()


def lift_from(tx: Connection, source: str, *, since: datetime, at: datetime) -> int:
    """End what is believed because of something, from an instant on; how many facts that ended."""
    query = select(override.c.account_id, override.c.role, override.c.valid_from, override.c.valid_to).where(
        override.c.source == source, override.c.recorded_to == FOREVER, override.c.valid_to > since
    )
    keys: list[Mapping[str, Any]] = [
        {**row, "opportunity_id": "", "valid_from": max(row["valid_from"], since)}
        for row in tx.execute(query).mappings()
    ]
    return lift(tx, override, keys, at=at).closed if keys else 0
