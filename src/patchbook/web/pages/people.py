"""People: who is here, what they have, how full they are, who is away, and which seats are vacant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import Response
from pydantic import BeforeValidator
from sqlalchemy import Connection

from patchbook.changes import store as changes
from patchbook.ledger import desks
from patchbook.ledger.desks import Desk
from patchbook.people import actions as people
from patchbook.people import roster
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.people.roster import Presence
from patchbook.period import FOREVER, Period
from patchbook.plans.workloads import Workload, workloads
from patchbook.web.models import After, Search
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.ask import person_path, territory_path

NAV = (Nav(title="People", path="/people", section="Own"),)

router = Pages()

SHOWN_VACANT = 30
SOON = timedelta(days=30)
"""A leave that begins within this is told in the list."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A seat somebody fills."""

    role: str
    territory: str
    path: str
    territory_id: str


@dataclass(frozen=True, kw_only=True)
class Presently:
    """Where somebody is, in a word and a sentence."""

    word: str
    kind: str
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What somebody carries of one measure, over all their territories, beside what they should."""

    measure: str
    plan: str
    carries: float
    target: float | None

    @property
    def share(self) -> float | None:
        """How full they are: 1 is just what they should carry."""
        return self.carries / self.target if self.target else None

    @property
    def says(self) -> str:
        """It in words, for who does not see the bar."""
        if self.share is None:
            return f"{self.measure}: {self.carries:,.0f}, without a target"
        return f"{self.measure}: {self.carries:,.0f} of {self.target:,.0f}, {self.share:.0%}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person of the list."""

    person_id: str
    name: str
    path: str
    role: str | None
    manager: str | None
    manager_path: str | None
    presently: Presently
    seats: tuple[Place, ...]
    accounts: int
    capacity: float
    loads: tuple[Load, ...]


@dataclass(frozen=True, kw_only=True)
class Vacancy:
    """A seat that nobody fills."""

    desk: Desk
    path: str
    hire: str
    accounts: int


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """The people one may see, narrowed as asked."""

    search: str
    role: str
    team_of: str
    presence: str
    roles: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    presences: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    measures: tuple[str, ...]
    plans: tuple[str, ...]
    next: str | None
    vacancies: tuple[Vacancy, ...]
    more_vacancies: int
    csv: str

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.search or self.role or self.team_of or self.presence)


def load(
    tx: Connection,
    *,
    search: str = "",
    role: str = "",
    team_of: str = "",
    presence: Presence | None = None,
    after: str | None = None,
    limit: int = 50,
    by: Principal,
    at: datetime,
) -> PeoplePage:
    """A page of people by name, and the vacant seats; the same number of queries for every page."""
    found = people.people(
        tx,
        search=search.strip() or None,
        role=role or None,
        team_of=team_of or None,
        presence=presence,
        after=after,
        limit=limit,
        by=by,
        at=at,
    )
    lines = lines_of(tx, found.rows, by=by, at=at)
    vacant = desks.vacant(tx, on=at, by=by, at=at)
    shown = sorted(vacant, key=lambda one: (not one.owns, one.since, one.seat_id))[:SHOWN_VACANT]
    sizes = desks.accounts_in(tx, [one.territory_id for one in shown if one.owns], on=at, by=by, at=at)
    managers = roster.managers(tx, by=by, at=at)
    loads = [load for line in lines for load in line.loads]
    asked = {"search": search, "employed_on": at.date().isoformat() if presence is Presence.HERE else ""}
    return PeoplePage(
        search=search,
        role=role,
        team_of=team_of,
        presence=presence.value if presence else "",
        roles=(("", "Every role"), *((one, one) for one in roster.roles(tx, by=by, at=at))),
        teams=(("", "Every team"), *managers.items()),
        presences=(("", "Everybody"), *((one.value, one.value.capitalize()) for one in Presence)),
        lines=lines,
        measures=tuple(dict.fromkeys(load.measure for load in loads)),
        plans=tuple(dict.fromkeys(load.plan for load in loads)),
        next=found.next_cursor,
        vacancies=tuple(
            Vacancy(
                desk=one,
                path=territory_path(one.territory_id),
                hire=f"/people/hire?{urlencode({'seat_id': one.seat_id})}",
                accounts=sizes.get(one.territory_id, 0) if one.owns else 0,
            )
            for one in shown
        ),
        more_vacancies=len(vacant) - len(shown),
        csv=f"/api/v1/people?{urlencode({'format': 'csv', 'limit': 1000} | {k: v for k, v in asked.items() if v})}",
    )


def lines_of(tx: Connection, profiles: Sequence[Profile], *, by: Principal, at: datetime) -> tuple[Line, ...]:
    """What is told of people in a list, in their order."""
    ids = [one.person_id for one in profiles]
    seats: dict[str, list[Desk]] = {}
    for desk in desks.desks(tx, person_ids=ids, on=at, by=by, at=at):
        seats.setdefault(desk.person_id or "", []).append(desk)
    sizes = desks.book_sizes(tx, ids, on=at, by=by, at=at)
    away = {one.person_id: one for one in reversed(changes.covers(tx, Period(at, at + SOON), of=ids))}
    names = names_of(tx, [*(one.manager_id for one in profiles), *(one.cover_id for one in away.values())], at=at)
    measured = workloads(tx, by=by, at=at)
    found = []
    for one in profiles:
        theirs = seats.get(one.person_id, [])
        leave = away.get(one.person_id)
        cover = names.get(leave.cover_id, leave.cover_id) if leave else ""
        found.append(
            Line(
                person_id=one.person_id,
                name=one.name,
                path=person_path(one.person_id),
                role=one.role,
                manager=names.get(one.manager_id or "", one.manager_id),
                manager_path=person_path(one.manager_id) if one.manager_id and may(by, Deed.SEE_EVERYONE) else None,
                presently=presently(one, leave.valid if leave else None, cover, at),
                seats=tuple(places_of(theirs)),
                accounts=sizes[one.person_id],
                capacity=one.share,
                loads=loads_of(theirs, measured),
            )
        )
    return tuple(found)


def places_of(theirs: Sequence[Desk]) -> list[Place]:
    """Seats as they are shown."""
    return [
        Place(
            role=one.role,
            territory=one.territory,
            path=territory_path(one.territory_id),
            territory_id=one.territory_id,
        )
        for one in theirs
    ]


def loads_of(theirs: Sequence[Desk], measured: dict[str, tuple[Workload, ...]]) -> tuple[Load, ...]:
    """What somebody carries by the territories they own, a line a measure."""
    found: dict[tuple[str, str], list[Workload]] = {}
    for desk in theirs:
        if desk.owns:
            for one in measured.get(desk.territory, ()):
                found.setdefault((one.plan, one.measure), []).append(one)
    return tuple(
        Load(
            measure=measure,
            plan=plan,
            carries=sum(one.carries for one in parts),
            target=sum(one.target for one in parts if one.target) or None,
        )
        for (plan, measure), parts in found.items()
    )


def presently(one: Profile, leave: Period | None, cover: str, at: datetime) -> Presently:
    """Where somebody is."""
    now = next((period for period in one.employed if period.contains(at)), None)
    if now is None:
        coming = [period for period in one.employed if period.start > at]
        if coming:
            return Presently(word="coming", kind="good", says=f"on {_day(coming[0].start)}")
        ended = f"since {_day(one.employed[-1].end)}" if one.employed else ""
        return Presently(word="gone", kind="", says=ended)
    if leave is not None and leave.contains(at):
        until = "" if leave.is_open else f" until {_day(leave.end)}"
        return Presently(word="away", kind="warn", says=f"{cover} acts{until}")
    if now.end < FOREVER:
        return Presently(word="leaving", kind="bad", says=f"on {_day(now.end)}")
    if leave is not None:
        return Presently(word="here", kind="good", says=f"away from {_day(leave.start)}; {cover} acts")
    return Presently(word="here", kind="good")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


_Presence = Annotated[Presence | None, BeforeValidator(lambda told: told or None), Query()]
_Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.page("/people", Deed.SEE)
def show(
    here: Looked,
    search: Search = "",
    role: _Text = "",
    team_of: _Text = "",
    presence: _Presence = None,
    after: After = None,
) -> Response:
    """The people one may see."""
    page = load(
        here.tx,
        search=search,
        role=role,
        team_of=team_of,
        presence=presence,
        after=after,
        by=here.person,
        at=here.at,
    )
    return here.show("people.html", page)
