"""The ledger's questions as SQL: each one query, whatever the number of rows.

Putting such a query together takes longer than running it, so each kind of question is put together once, with places
for what is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union,
    union_all,
)

from patchbook.db.metadata import Instant, Json
from patchbook.ledger.fact import Fact
from patchbook.ledger.tables import assignment, cover, opportunity, override, staffing, tick
from patchbook.people.permission import in_account_scope, in_scope
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.people.store import person
from patchbook.period import FOREVER, Period
from patchbook.territories.store import place, pool, seat, split


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked about, and who asks."""

    account_id: str | None = None
    opportunity_id: str = ""
    role: str | None
    """None asks for every role."""
    within: Period
    known: datetime | None
    """None asks for what is believed now."""
    by: Principal
    at: datetime

    @property
    def told(self) -> dict[str, Any]:
        """What goes into the places of a query."""
        return {
            "account_id": self.account_id,
            "opportunity_id": self.opportunity_id,
            "role": self.role,
            "start": self.within.start,
            "end": self.within.end,
            "known": self.known,
            "at": self.at,
        }

    @property
    def kind(self) -> Kind:
        """What kind of question it is."""
        return Kind(
            of_account=self.account_id is not None,
            of_one_role=self.role is not None,
            is_as_known=self.known is not None,
            by=None if self.by.is_everywhere else self.by,
        )


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the text of a query depends on."""

    of_account: bool
    of_one_role: bool
    is_as_known: bool
    by: Principal | None
    """None where they may see everything."""

    @property
    def known(self) -> ColumnElement[Any] | None:
        """The place for the state of knowledge."""
        return KNOWN if self.is_as_known else None


ACCOUNT, OPPORTUNITY, ROLE, PERSON, AFTER = (
    bindparam(name, type_=Text()) for name in ("account_id", "opportunity_id", "role", "person_id", "after")
)
START, END, ON, KNOWN, AT = (bindparam(name, type_=Instant()) for name in ("start", "end", "on", "known", "at"))
LIMIT = bindparam("limit", type_=Integer())

When = datetime | ColumnElement[Any]
"""An instant, or the place for one."""


def sees(by: Principal | None, territory: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a territory is one the reader may see."""
    now: Any = AT
    return true() if by is None else in_scope(by, territory=territory, at=now)


def sees_account(
    by: Principal | None, account: ColumnElement[str], territory: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether an account is one the reader may see: by its territory, or by an exception to them or theirs."""
    now: Any = AT
    return true() if by is None else in_account_scope(by, account=account, territory=territory, at=now)


def known_at(table: FromClause, known: When | None) -> list[ColumnElement[bool]]:
    """Conditions: the record held it at an instant, or holds it now."""
    if known is None:
        return [table.c.recorded_to == FOREVER]
    return [table.c.recorded_from <= known, table.c.recorded_to > known]


def in_force(table: FromClause, on: When, known: When | None) -> list[ColumnElement[bool]]:
    """Conditions: a fact holds at an instant, as known at another."""
    return [table.c.valid_from <= on, table.c.valid_to > on, *known_at(table, known)]


def facts(tx: Connection, asked: Asked) -> tuple[list[Fact], datetime | None]:
    """Every fact that bears on an account within a period, and the last instant anything was recorded."""
    rows = tx.execute(_facts(asked.kind), asked.told).mappings().all()
    return [_fact(dict(row)) for row in rows], rows[0]["last"] if rows else None


@lru_cache(maxsize=512)
def _facts(asked: Kind) -> Select[Any]:
    mine = select(opportunity.c.account_id).where(opportunity.c.opportunity_id == OPPORTUNITY)
    account: ColumnElement[str] = ACCOUNT if asked.of_account else mine.scalar_subquery()
    assigned = select(assignment).where(assignment.c.account_id == account, *_within(assignment, asked)).cte("assigned")
    overridden = (
        select(override)
        .where(
            override.c.account_id == account,
            or_(override.c.opportunity_id == "", override.c.opportunity_id == OPPORTUNITY),
            *_role(override, asked),
            *_within(override, asked),
        )
        .cte("overridden")
    )
    seated = (
        select(staffing, seat.c.role, seat.c.number, seat.c.territory_id)
        .join(seat, seat.c.seat_id == staffing.c.seat_id)
        .where(
            *_role(seat, asked),
            *_within(staffing, asked),
            seat.c.territory_id.in_(select(assigned.c.territory_id)),
            exists().where(
                assigned.c.territory_id == seat.c.territory_id,
                assigned.c.valid_from < staffing.c.valid_to,
                staffing.c.valid_from < assigned.c.valid_to,
            ),
        )
        .cte("seated")
    )
    if asked.of_one_role:
        seated = select(seated).where(seated.c.number == 1).cte("seated_first")
    people = union(
        select(seated.c.person_id).where(seated.c.person_id.is_not(None)),
        select(seated.c.interim_id).where(seated.c.interim_id.is_not(None)),
        select(overridden.c.person_id),
    ).cte("people")
    covered = (
        select(cover).where(cover.c.person_id.in_(select(people.c.person_id)), *_within(cover, asked)).cte("covered")
    )
    parts = [
        _part(assigned, "assignment", account=assigned.c.account_id, territory=assigned.c.territory_id),
        _part(
            seated,
            "staffing",
            role=seated.c.role,
            number=seated.c.number,
            territory=seated.c.territory_id,
            person=seated.c.person_id,
            other=seated.c.interim_id,
            pool=seated.c.pool_id,
        ),
        _part(
            overridden,
            "override",
            account=overridden.c.account_id,
            role=overridden.c.role,
            person=overridden.c.person_id,
            opportunity=overridden.c.opportunity_id,
            kind=overridden.c.kind,
        ),
        _part(covered, "cover", person=covered.c.person_id, other=covered.c.cover_id),
    ]
    if not asked.of_one_role:
        parts.append(_splits(asked, account, assigned))
    return _named(union_all(*parts).subquery("fact"), asked)


def _splits(asked: Kind, account: ColumnElement[str], assigned: Any) -> Select[Any]:
    here = (
        select(split)
        .where(
            split.c.territory_id.in_(select(assigned.c.territory_id)),
            or_(split.c.account_id == "", split.c.account_id == account),
            *_within(split, asked),
        )
        .cte("shared")
    )
    return _part(
        here,
        "split",
        account=here.c.account_id,
        role=here.c.role,
        territory=here.c.territory_id,
        shares=here.c.shares,
        cause=literal(""),
        source=literal(""),
    )


def _within(table: FromClause, asked: Kind) -> list[ColumnElement[bool]]:
    return [table.c.valid_from < END, table.c.valid_to > START, *known_at(table, asked.known)]


def _role(table: FromClause, asked: Kind) -> list[ColumnElement[bool]]:
    return [table.c.role == ROLE] if asked.of_one_role else []


def _part(of: Any, name: str, **columns: Any) -> Select[Any]:
    """The facts of one table, in the columns all of them share."""
    none = cast(null(), Text)
    told = {"cause": columns.get("cause"), "source": columns.get("source")}
    return select(
        literal(name, Text).label("table"),
        of.c.fact_id,
        columns.get("account", none).label("account_id"),
        columns.get("role", none).label("role"),
        columns.get("number", cast(null(), Integer)).label("number"),
        columns.get("territory", none).label("territory_id"),
        columns.get("person", none).label("person_id"),
        columns.get("other", none).label("other_id"),
        columns.get("pool", none).label("pool_id"),
        columns.get("opportunity", none).label("opportunity_id"),
        columns.get("kind", none).label("kind"),
        columns.get("shares", cast(null(), Json)).label("shares"),
        of.c.valid_from,
        of.c.valid_to,
        of.c.recorded_from,
        *((of.c[key] if value is None else value).label(key) for key, value in told.items()),
        of.c.reason,
    )


def _named(fact: Any, asked: Kind) -> Select[Any]:
    """The same facts with the names of people, pools and territories, and whether the reader may see them."""
    other = person.alias("other")
    last = select(tick.c.last).scalar_subquery()
    theirs = and_(fact.c.table == "override", sees_account(asked.by, fact.c.account_id, cast(null(), Text)))
    visible = case((or_(sees(asked.by, fact.c.territory_id), theirs), 1), else_=0)
    return (
        select(
            fact,
            person.c.name.label("person"),
            other.c.name.label("other"),
            pool.c.name.label("pool"),
            name_of(fact.c.territory_id, asked.known).label("territory"),
            visible.label("is_visible"),
            last.label("last"),
        )
        .outerjoin(person, person.c.person_id == fact.c.person_id)
        .outerjoin(other, other.c.person_id == fact.c.other_id)
        .outerjoin(pool, pool.c.pool_id == fact.c.pool_id)
    )


def name_of(territory_id: ColumnElement[str], known: When | None) -> ColumnElement[str]:
    """The name a territory last had, as known at an instant."""
    named = select(place.c.name).where(place.c.territory_id == territory_id, *known_at(place, known))
    return named.order_by(place.c.valid_from.desc()).limit(1).scalar_subquery()


def _fact(row: Mapping[str, Any]) -> Fact:
    same = ("fact_id", "role", "number", "territory_id", "territory", "person_id", "person", "other_id", "other")
    more = ("table", "pool_id", "pool", "opportunity_id", "kind", "shares", "recorded_from")
    return Fact(
        **{name: row[name] for name in same + more},
        account_id=row["account_id"] or "",
        valid=Period(row["valid_from"], row["valid_to"]),
        cause=row["cause"] or "",
        source=row["source"] or "",
        reason=row["reason"] or "",
        is_visible=bool(row["is_visible"]),
    )


@dataclass(frozen=True, kw_only=True)
class Beginnings:
    """Where the facts of an account begin, among those a reader may see."""

    recorded: datetime | None
    """When the first was recorded."""
    valid: datetime | None
    """From when the first holds, as known then."""
    last: datetime | None
    """The last instant anything was recorded."""


def beginnings(tx: Connection, asked: Asked) -> Beginnings:
    """Where the facts of an account begin."""
    # The reader sees an override where the account is assigned to a territory in scope, or where it is theirs.
    of_account = select(assignment.c.recorded_from, assignment.c.recorded_to, assignment.c.valid_from).where(
        assignment.c.account_id == asked.account_id,
        in_scope(asked.by, territory=assignment.c.territory_id, at=asked.at),
    )
    of_override = select(override.c.recorded_from, override.c.recorded_to, override.c.valid_from).where(
        override.c.account_id == asked.account_id,
        true() if asked.role is None else override.c.role == asked.role,
        or_(
            in_account_scope(asked.by, account=override.c.account_id, territory=cast(null(), Text), at=asked.at),
            override.c.person_id == asked.by.person_id,
        ),
    )
    every = union_all(of_account, of_override).subquery("every")
    in_time = every.c.recorded_to == FOREVER
    if asked.known is not None:
        in_time = and_(every.c.recorded_from <= asked.known, every.c.recorded_to > asked.known)
    row = tx.execute(
        select(
            func.min(every.c.recorded_from),
            func.min(case((in_time, every.c.valid_from))),
            select(tick.c.last).scalar_subquery(),
        )
    ).one()
    return Beginnings(recorded=row[0], valid=row[1], last=row[2])


def account_of(tx: Connection, opportunity_id: str) -> str | None:
    """The account an opportunity belongs to, as last imported."""
    return tx.execute(
        select(opportunity.c.account_id).where(opportunity.c.opportunity_id == opportunity_id)
    ).scalar_one_or_none()


def neighbours(tx: Connection, account_id: str, *, by: Principal, at: datetime, count: int = 5) -> list[str]:
    """Ids that a reader may see just before and after one in the alphabet."""
    column = assignment.c.account_id
    seen = [assignment.c.recorded_to == FOREVER, in_scope(by, territory=assignment.c.territory_id, at=at)]
    after = select(column).distinct().where(column > account_id, *seen).order_by(column).limit(count)
    before = select(column).distinct().where(column < account_id, *seen).order_by(column.desc()).limit(count)
    return [*tx.execute(before).scalars(), *tx.execute(after).scalars()]


def book(
    tx: Connection,
    person_id: str,
    *,
    role: str,
    on: datetime,
    known: datetime | None,
    after: str | None,
    limit: int,
    by: Principal,
    at: datetime,
) -> Sequence[RowMapping]:
    """The accounts somebody owns or acts on, by account id."""
    sees_all = by.is_everywhere or by.person_id == person_id
    query = _book(None if sees_all else by, is_as_known=known is not None, goes_on=after is not None)
    told = {"person_id": person_id, "role": role, "on": on, "known": known, "after": after, "limit": limit, "at": at}
    return tx.execute(query, told).mappings().all()


@lru_cache(maxsize=512)
def _book(by: Principal | None, *, is_as_known: bool, goes_on: bool) -> Select[Any]:
    known = KNOWN if is_as_known else None
    stands_in = cover.alias("stands_in")
    who = union_all(
        select(PERSON.label("person_id"), cast(null(), Text).label("acting_for")),
        select(stands_in.c.person_id, stands_in.c.person_id).where(
            stands_in.c.cover_id == PERSON, *in_force(stands_in, ON, known)
        ),
    ).cte("who")
    parts = [
        _by_seat(who, staffing.c.person_id, "staffing", known),
        _by_seat(who, staffing.c.interim_id, "interim", known),
        _by_override(who, known),
    ]
    row = union_all(*parts).subquery("row")
    shown = select(row).where(sees_account(by, row.c.account_id, row.c.territory_id)).order_by(row.c.account_id)
    if goes_on:
        shown = shown.where(row.c.account_id > AFTER)
    page = shown.limit(LIMIT).subquery("page")
    acts = select(cover.c.cover_id).where(cover.c.person_id == page.c.person_id, *in_force(cover, ON, known))
    return select(
        page,
        name_of(page.c.territory_id, known).label("territory"),
        acts.scalar_subquery().label("acting_id"),
    ).order_by(page.c.account_id)


def _by_seat(who: Any, column: ColumnElement[Any], because: str, known: When | None) -> Select[Any]:
    # Few seats, found first, whatever a planner thinks of the table of a million accounts behind them.
    mine = (
        select(who.c.person_id, who.c.acting_for, seat.c.territory_id, staffing.c.valid_from, staffing.c.valid_to)
        .select_from(who)
        .join(staffing, and_(column == who.c.person_id, *in_force(staffing, ON, known)))
        .join(seat, and_(seat.c.seat_id == staffing.c.seat_id, seat.c.role == ROLE, seat.c.number == 1))
        .cte(f"by_{because}")
        .prefix_with("MATERIALIZED")
    )
    here = func.coalesce(mine.c.territory_id, "")  # no column, so that accounts are looked up by it and not it by them
    taken = override.alias("taken")
    return (
        select(
            assignment.c.account_id,
            assignment.c.territory_id,
            mine.c.person_id,
            mine.c.acting_for,
            literal(because, Text).label("because"),
            _later(assignment.c.valid_from, mine.c.valid_from).label("since"),
            _earlier(assignment.c.valid_to, mine.c.valid_to).label("until"),
        )
        .select_from(mine)
        .join(assignment, and_(assignment.c.territory_id == here, *in_force(assignment, ON, known)))
        .where(
            ~exists().where(
                taken.c.account_id == assignment.c.account_id,
                taken.c.role == ROLE,
                taken.c.opportunity_id == "",
                *in_force(taken, ON, known),
            )
        )
    )


def _by_override(who: Any, known: When | None) -> Select[Any]:
    home = and_(assignment.c.account_id == override.c.account_id, *in_force(assignment, ON, known))
    return (
        select(
            override.c.account_id,
            assignment.c.territory_id,
            who.c.person_id,
            who.c.acting_for,
            override.c.kind,
            override.c.valid_from,
            override.c.valid_to,
        )
        .select_from(who)
        .join(override, and_(override.c.person_id == who.c.person_id, *in_force(override, ON, known)))
        .outerjoin(assignment, home)
        .where(override.c.role == ROLE, override.c.opportunity_id == "")
    )


def _later(first: ColumnElement[Any], second: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((first > second, first), else_=second)


def _earlier(first: ColumnElement[Any], second: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((first < second, first), else_=second)


def sees_person(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> bool:
    """Whether there is such a person, for who asks."""
    seen = in_sight(by, person=person.c.person_id, at=at)
    return tx.execute(select(person.c.person_id).where(person.c.person_id == person_id, seen)).first() is not None
