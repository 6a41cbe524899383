"""How a pool shares what comes in: turns beside weights, who may have the next lead, and who is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, or_, select

from patchbook.db.record import record_of
from patchbook.leads import store
from patchbook.leads.knowledge import Basis, knowledge_of
from patchbook.leads.lead import Status
from patchbook.leads.names import named
from patchbook.leads.tables import lead as table
from patchbook.leads.world import CompanyWorld, starts_of
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.routing.eligibility import Eligible, check
from patchbook.routing.lead import Lead
from patchbook.routing.question import Question
from patchbook.routing.questions import Load, LoadOf, Members
from patchbook.routing.route import SHARED, Cap, Needs, Route, Terms
from patchbook.routing.stage import Case
from patchbook.routing.stages.pool import Pool as PoolStage
from patchbook.routing.turn import turns_of

Answer = TypeVar("Answer")

ELSEWHERE = "Somebody elsewhere"
"""What a member is called to who may not see them."""


@dataclass(frozen=True, kw_only=True)
class Capped:
    """How much of a cap somebody has used up."""

    name: str
    has: float
    limit: float

    @property
    def is_full(self) -> bool:
        """Whether nothing more fits in."""
        return self.has >= self.limit


@dataclass(frozen=True, kw_only=True)
class Share:
    """A member of a pool: their weight, their turns, and whether they may have a lead now."""

    person_id: str
    """Empty where the reader may not see who it is."""
    name: str
    weight: float
    due: float
    """The share of turns that is theirs by weight."""
    given: int
    had: float
    """The share of turns they had."""
    behind: float
    """How many turns behind the others they are; below 0 they are ahead."""
    is_eligible: bool
    why_not: str
    """Why they may not have a lead now; empty where they may."""
    acts: str
    """Who acts for them, where they are away and somebody does."""
    is_next: bool
    caps: tuple[Capped, ...]


@dataclass(frozen=True, kw_only=True)
class SharedPool:
    """A pool and how fairly it has shared."""

    pool_id: str
    name: str
    choose: str
    turns: int
    members: tuple[Share, ...]

    @property
    def eligible(self) -> int:
        """How many may have a lead now."""
        return sum(one.is_eligible for one in self.members)

    @property
    def spread(self) -> float:
        """How many turns lie between who is furthest behind and who is furthest ahead."""
        lags = [one.behind for one in self.members]
        return max(lags) - min(lags) if lags else 0.0

    @property
    def given(self) -> int:
        """All turns that count."""
        return sum(one.given for one in self.members)


def pools(tx: Connection, *, by: Principal, at: datetime) -> tuple[SharedPool, ...]:
    """
    Each pool with somebody in it whom one may see, as it is now, for a lead that asks for nothing in particular.

    How it shares is no secret of the pool; but who its other members are, and why they may have nothing now, is only
    told to who may see them.
    """
    allow_somewhere(by, Deed.SEE)
    record = record_of(tx)
    basis = knowledge_of(record).basis(tx, at)
    found = {members.pool_id: members for members in basis.company.pools.values()}
    whom = sorted({member.person_id for members in found.values() for member in members.members})
    kept = store.every_turn(tx)
    turns: dict[str, Mapping[str, Any] | None] = {}
    turns.update((pool_id, kept[pool_id][0] if pool_id in kept else None) for pool_id in found)
    company = CompanyWorld(tx, tx, basis, turns, key=record.anchor.key, lead_id="", besides=frozenset(), at=at)
    world = _Loaded(company, _had(tx, whom, basis, at))
    ordered = sorted(found.values(), key=lambda one: one.name)
    shared = [_shared(members, basis, world, turns[members.pool_id], at) for members in ordered]
    if by.is_everywhere:
        return tuple(shared)
    known = people.find(tx, whom, seen=in_sight(by, person=people.person.c.person_id, at=at))
    mine = [one for one in shared if any(member.person_id in known for member in one.members)]
    return tuple(replace(one, members=tuple(_as_seen(member, known) for member in one.members)) for one in mine)


def _as_seen(member: Share, known: Collection[str]) -> Share:
    """A member as they are told to somebody who may see these people: their share, and who they are or not."""
    if member.person_id in known:
        return member
    return replace(member, person_id="", name=ELSEWHERE, why_not="", acts="", caps=())


def _shared(
    members: Members, basis: Basis, world: _Loaded, state: Mapping[str, Any] | None, at: datetime
) -> SharedPool:
    rules = basis.routing.pool_rules(members.pool_id, members.name)
    told: dict[str, Any] = {"pool_id": members.pool_id, "name": members.name, "choose": rules.choose.value}
    if not members.members:
        return SharedPool(turns=0, members=(), **told)
    turns = turns_of(state, members.members, rules)
    route, terms = _asked(basis, members)
    case = Case(lead=_ANY, at=at, route=route, routing=basis.routing, world=world)
    checked = {one.person_id: check(case, one.person_id, terms) for one in members.members}
    free = [who for who, one in checked.items() if isinstance(one, Eligible)]
    first = turns.next(free) if free else None
    weights = sum(one.weight for one in members.members)
    given = sum(max(0, one.given) for one in turns.counters)
    counters = {one.person_id: one for one in turns.counters}
    people = [one.person_id for one in members.members]
    shares = []
    for member in members.members:
        found, counter = checked[member.person_id], counters[member.person_id]
        is_free = isinstance(found, Eligible)
        why_not = "" if is_free else " ".join(one.why for one in found.skipped)
        acts = found.says if isinstance(found, Eligible) and found.acts_for is not None else ""
        shares.append(
            Share(
                person_id=member.person_id,
                name=_name(basis, member.person_id),
                weight=member.weight,
                due=member.weight / weights if weights else 0.0,
                given=counter.given,
                had=max(0, counter.given) / given if given else 0.0,
                behind=float(turns.lag(member.person_id, people)) if turns.unit == "leads" else 0.0,
                is_eligible=is_free,
                why_not=named(why_not, lambda one: _name(basis, one)),
                acts=named(acts, lambda one: _name(basis, one)),
                is_next=member.person_id == first,
                caps=_caps(basis, world, member.person_id),
            )
        )
    return SharedPool(turns=turns.number, members=tuple(shares), **told)


def _asked(basis: Basis, members: Members) -> tuple[Route, Terms]:
    """The route that shares in this pool, and on what terms; the usual ones where it is reached another way."""
    for route in basis.routing.routes:
        for stage in route.stages:
            if isinstance(stage, PoolStage) and stage.pool in (members.pool_id, members.name):
                return route, stage.terms
    return Route(name="", needs=Needs(language_of_lead=False), stages=()), SHARED


def _caps(basis: Basis, world: _Loaded, person_id: str) -> tuple[Capped, ...]:
    profile = basis.company.people.get(person_id)
    share = profile.share if profile is not None else 1.0
    held = [cap for cap in basis.routing.caps if not cap.people or person_id in cap.people]
    return tuple(_capped(cap, world.ask(LoadOf(person_id, cap.kinds)), share) for cap in held)


def _capped(cap: Cap, load: Load, share: float) -> Capped:
    return Capped(name=cap.name, has=float(getattr(load, cap.per)), limit=cap.at_most * (share if cap.scaled else 1.0))


def _name(basis: Basis, person_id: str) -> str:
    profile = basis.company.people.get(person_id)
    return profile.name if profile is not None else person_id


_ANY = Lead(
    lead_id="", source="", source_id="", received_at=datetime.fromisoformat("2000-01-01T00:00:00+00:00"), fields={}
)
"""A lead that asks for nothing."""


class _Loaded:
    """A world that knows how much everybody has, read at once and not for each by itself."""

    def __init__(self, world: CompanyWorld, had: Mapping[str, Sequence[Any]]) -> None:
        self._world = world
        self._had = had

    def ask(self, question: Question[Answer]) -> Answer:
        if isinstance(question, LoadOf):
            return cast(Answer, self._load(question))
        return self._world.ask(question)

    def _load(self, question: LoadOf) -> Load:
        rows, starts = self._had.get(question.person_id, ((), {}))
        mine = [row for row in rows if not question.kinds or row.kind in question.kinds]
        opened = [row for row in mine if row.status == Status.ASSIGNED.value]
        since = {
            name: sum(row.assigned_at is not None and row.assigned_at >= at for row in mine)
            for name, at in starts.items()
        }
        return Load(open=len(opened), open_value_usd=sum(row.value_usd or 0.0 for row in opened), **since)


def _had(
    tx: Connection, whom: Sequence[str], basis: Basis, at: datetime
) -> dict[str, tuple[list[Any], dict[str, datetime]]]:
    """Person → what they have open or were given this month, and the instants since which it counts."""
    starts = {who: starts_of(at, basis.company.calendar(who, basis.calendars).time_zone) for who in whom}
    earliest = min((min(one.values()) for one in starts.values()), default=at) - timedelta(days=1)
    query = select(table.c.person_id, table.c.kind, table.c.status, table.c.assigned_at, table.c.value_usd).where(
        table.c.person_id.in_(whom),
        or_(table.c.status == Status.ASSIGNED.value, table.c.assigned_at >= earliest),
    )
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in tx.execute(query):
        rows[row.person_id].append(row)
    return {who: (rows[who], starts[who]) for who in whom}
