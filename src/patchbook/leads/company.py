"""
The part of the company that seldom changes, read once: who works here, who has which seat, who acts for whom.

It holds periods rather than answers, so one reading serves every instant until something is recorded again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, literal, null, or_, select, union_all

from patchbook.audit.store import event
from patchbook.db.metadata import Instant
from patchbook.leads.names import token
from patchbook.ledger.store import known_at
from patchbook.ledger.tables import assignment, cover, override, staffing, tick
from patchbook.people import store as people
from patchbook.people.profile import Profile
from patchbook.period import BEGINNING, Period
from patchbook.routing.calendar import Calendar
from patchbook.routing.calendars import Calendars
from patchbook.routing.questions import Holder, Members, Standing
from patchbook.routing.questions import Member as Sharing
from patchbook.territories import store as territories
from patchbook.territories.store import place, seat
from patchbook.territories.territory import Kind


class Stamp(NamedTuple):
    """What tells one state of the record from every other: the last event, and the last instant recorded at."""

    event: int
    tick: datetime | None


class Filled(NamedTuple):
    """Who fills a seat for a period."""

    period: Period
    person_id: str | None
    pool_id: str | None
    interim_id: str | None
    reason: str


class Acting(NamedTuple):
    """Who acts for somebody for a period."""

    period: Period
    cover_id: str


class Called(NamedTuple):
    """What a territory is called for a period."""

    period: Period
    name: str
    is_group: bool
    """It holds no accounts; a territory that does may have the same name."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """People, seats, covers and pools, as believed at one moment."""

    stamp: Stamp
    known: datetime | None
    """As known then; None for what is believed now."""
    read_at: datetime
    """Nothing that ended before is there."""
    people: Mapping[str, Profile]
    covers: Mapping[str, Sequence[Acting]]
    seats: Mapping[tuple[str, str], str]
    """Territory and role → its first seat."""
    staffing: Mapping[str, Sequence[Filled]]
    names: Mapping[str, Sequence[Called]]
    pools: Mapping[str, Members]
    """By id, and by name."""

    def holder(self, territory_id: str, role: str, on: datetime) -> Holder | None:
        """Who has a role at a territory; None where there is no such seat, or nobody in it and no interim."""
        seat_id = self.seats.get((territory_id, role))
        filled = None if seat_id is None else _at(self.staffing.get(seat_id, ()), on)
        if filled is None:
            return None
        territory = self.name_of(territory_id, on)
        told: dict[str, Any] = {"territory_id": territory_id, "territory": territory}
        if filled.person_id is not None:
            who = token(filled.person_id)
            return Holder(person_id=filled.person_id, says=f"{who} has the {role} seat of {territory}.", **told)
        if filled.pool_id is not None:
            pool = self.pools.get(filled.pool_id)
            name = pool.name if pool else filled.pool_id
            return Holder(pool_id=filled.pool_id, says=f"The pool {name} has the {role} seat of {territory}.", **told)
        if filled.interim_id is not None:
            says = f"{token(filled.interim_id)} stands in at the vacant {role} seat of {territory}."
            return Holder(person_id=filled.interim_id, because="interim", says=says, **told)
        return None

    def acting(self, person_id: str, on: datetime) -> Acting | None:
        """Who acts for somebody who is away."""
        found: Acting | None = _at(self.covers.get(person_id, ()), on)
        return found

    def calendar(self, person_id: str, calendars: Calendars, *, less_leave: bool = False) -> Calendar:
        """When somebody works, by the hours the record has of them, or the calendar they follow."""
        profile = self.people.get(person_id)
        return calendars.of(
            person_id,
            time_zone=profile.time_zone if profile else None,
            working_hours=(profile.working_hours or None) if profile else None,
            leave=[one.period for one in self.covers.get(person_id, ())] if less_leave else (),
        )

    def name_of(self, territory_id: str, on: datetime) -> str:
        """What a territory is called on a day."""
        found = _at(self.names.get(territory_id, ()), on)
        return found.name if found else territory_id

    def ids_of(self, on: datetime) -> Mapping[str, str]:
        """What territories that hold accounts are called on a day → their ids."""
        return self._one_name if self._one_name is not None else self._ids_at(on)

    @cached_property
    def _one_name(self) -> Mapping[str, str] | None:
        """The ids by name, where no territory is ever called otherwise than now."""
        if any(len(names) > 1 or not names[0].period.is_open for names in self.names.values()):
            return None
        latest = max((names[0].period.start for names in self.names.values()), default=BEGINNING)
        return self._ids_at(latest) if latest <= self.read_at else None

    def _ids_at(self, on: datetime) -> Mapping[str, str]:
        found = ((territory_id, _at(names, on)) for territory_id, names in self.names.items())
        return {
            called.name: territory_id for territory_id, called in found if called is not None and not called.is_group
        }


def _at(facts: Sequence[Any], on: datetime) -> Any:
    return next((fact for fact in facts if fact.period.contains(on)), None)


def standing_of(
    profile: Profile,
    away: Acting | None,
    hours: Calendar,
    *,
    name: str,
    is_employed: bool,
    is_paused: bool = False,
    at: datetime,
) -> Standing:
    """What decides whether somebody may have a lead at an instant."""
    is_working = hours.is_working(at)
    return Standing(
        person_id=profile.person_id,
        name=name,
        is_employed=is_employed,
        is_paused=is_paused,
        away_until=away.period.end if away else None,
        acting_id=away.cover_id if away else None,
        is_working=is_working,
        works_from=None if is_working else hours.next_working(at),
        manager_id=profile.manager_id,
        share=profile.share,
        skills=tuple(sorted(profile.skills)),
        languages=tuple(sorted(profile.languages)),
        products=tuple(sorted(profile.products)),
    )


def stamp_of(tx: Connection) -> Stamp:
    """The state the record is in; one query."""
    last = select(func.max(event.c.number)).scalar_subquery()
    found = tx.execute(select(last, select(tick.c.last).scalar_subquery())).one()
    return Stamp(found[0] or 0, found[1])


def read_company(tx: Connection, stamp: Stamp, *, known: datetime | None, at: datetime) -> Company:
    """The company as known at an instant, for whatever is asked about `at` and later."""
    ids = list(people.managers(tx))
    rows = tx.execute(
        select(staffing, seat.c.territory_id, seat.c.role)
        .join(seat, seat.c.seat_id == staffing.c.seat_id)
        .where(seat.c.number == 1, staffing.c.valid_to > at, *known_at(staffing, known))
    )
    seats: dict[tuple[str, str], str] = {}
    filled: dict[str, list[Filled]] = defaultdict(list)
    for row in rows:
        seats[row.territory_id, row.role] = row.seat_id
        period = Period(row.valid_from, row.valid_to)
        filled[row.seat_id].append(Filled(period, row.person_id, row.pool_id, row.interim_id, row.reason))
    covers: dict[str, list[Acting]] = defaultdict(list)
    for row in tx.execute(select(cover).where(cover.c.valid_to > at, *known_at(cover, known))):
        covers[row.person_id].append(Acting(Period(row.valid_from, row.valid_to), row.cover_id))
    names: dict[str, list[Called]] = defaultdict(list)
    told = select(place.c.territory_id, place.c.name, place.c.kind, place.c.valid_from, place.c.valid_to)
    for row in tx.execute(told.where(place.c.valid_to > at, *known_at(place, known))):
        names[row.territory_id].append(Called(Period(row.valid_from, row.valid_to), row.name, row.kind == Kind.GROUP))
    pools: dict[str, Members] = {}
    for pool in territories.find_pools(tx):
        sharing = tuple(Sharing(person_id=one.person_id, weight=float(one.weight)) for one in pool.members)
        made = Members(pool_id=pool.pool_id, name=pool.name, members=sharing)
        pools.setdefault(pool.name, made)
        pools[pool.pool_id] = made
    return Company(
        stamp=stamp,
        known=known,
        read_at=at,
        people=people.find(tx, ids),
        covers=covers,
        seats=seats,
        staffing=filled,
        names=names,
        pools=pools,
    )


def owner(
    tx: Connection, company: Company, account_id: str, role: str, opportunity_id: str, *, on: datetime
) -> Holder | None:
    """Who has a role at an account, overrides before the territory; None where the ledger has nothing of it."""
    found = _owner_facts(tx, account_id, role, opportunity_id, on=on, known=company.known)
    overrides = [row for row in found if row.kind is not None]
    assigned = next((row for row in found if row.kind is None), None)
    territory_id = assigned.territory_id if assigned is not None else None
    told: dict[str, Any] = {
        "territory_id": territory_id,
        "territory": company.name_of(territory_id, on) if territory_id else None,
    }
    if overrides:
        over = max(overrides, key=lambda row: row.opportunity_id != "")
        says = f"{token(over.person_id)} has {account_id} by {_kind(over.kind)}: {over.reason}."
        return Holder(person_id=over.person_id, because=over.kind, says=says.replace("..", "."), **told)
    if territory_id is None:
        return None
    held = company.holder(territory_id, role, on)
    if held is None:
        return Holder(says=f"{account_id} is in {told['territory']}, which has no {role}.", **told)
    return held


def _kind(kind: str) -> str:
    return {"exception": "an exception", "named": "name"}.get(kind, f"a {kind}")


def _owner_facts(
    tx: Connection, account_id: str, role: str, opportunity_id: str, *, on: datetime, known: datetime | None
) -> Sequence[Any]:
    values = {"account": account_id, "its_role": role, "deal": opportunity_id, "on_day": on}
    return tx.execute(_FACTS[known is not None], values | ({} if known is None else {"as_known": known})).all()


def _owner_query(is_as_known: bool) -> Any:
    on: Any = bindparam("on_day", type_=Instant())
    known: Any = bindparam("as_known", type_=Instant()) if is_as_known else None
    account = bindparam("account", type_=Text())

    def holds(table: Any) -> Any:
        mine = table.c.account_id == account
        return and_(mine, table.c.valid_from <= on, table.c.valid_to > on, *known_at(table, known))

    nothing = cast(null(), Text)
    assigned = select(
        assignment.c.territory_id,
        nothing.label("person_id"),
        nothing.label("kind"),
        literal("").label("opportunity_id"),
        assignment.c.reason,
    ).where(holds(assignment))
    given = select(nothing, override.c.person_id, override.c.kind, override.c.opportunity_id, override.c.reason).where(
        holds(override),
        override.c.role == bindparam("its_role", type_=Text()),
        or_(override.c.opportunity_id == "", override.c.opportunity_id == bindparam("deal", type_=Text())),
    )
    return union_all(assigned, given)


_FACTS = {False: _owner_query(False), True: _owner_query(True)}
