"""The calendar: who is away and who acts, who joins and leaves, and what expires, three months back and ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.changes.calendar import Entry, Event, calendar, names
from patchbook.people import roster
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.period import FOREVER, Period, midnight
from patchbook.web.names import accounts_open_to
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import account_path, person_path

router = Pages()

WEEKS = 13
"""So many weeks back and ahead."""

MOST_ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One thing of a row: a bar, or a point where `width` is 0; in percent."""

    event: str
    x: float
    width: float
    label: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person, and what happens to them."""

    name: str
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table beneath."""

    start: datetime
    end: datetime | None
    name: str
    path: str
    what: str
    account_path: str | None


@dataclass(frozen=True, kw_only=True)
class CalendarPage:
    """What happens to people around today."""

    team_of: str
    teams: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    more_rows: int
    lines: tuple[Line, ...]
    weeks: tuple[float, ...]
    months: tuple[tuple[str, float], ...]
    today: float
    first: date
    last: date
    kinds: tuple[tuple[str, str], ...]
    """What the colours mean."""


_SAYS = {
    Event.LEAVE: "leave",
    Event.JOINS: "joins",
    Event.LEAVES: "leaves",
    Event.EXCEPTION: "exception ends",
    Event.HOLDOVER: "holdover expires",
    Event.NAMED: "named account ends",
}


def load(tx: Connection, *, team_of: str = "", by: Principal, at: datetime) -> CalendarPage:
    """The calendar of the people one may see; the same number of queries however many there are."""
    today = at.astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    first, last = monday - timedelta(weeks=WEEKS), monday + timedelta(weeks=WEEKS + 1)
    within = Period(midnight(first), midnight(last))
    entries = calendar(tx, within, team_of=team_of or None, by=by, at=at)
    called = names(tx, entries)
    open_to = accounts_open_to(tx, (one.account_id for one in entries if one.account_id), by=by, at=at)
    by_person: dict[str, list[Entry]] = {}
    for one in entries:
        by_person.setdefault(one.person_id, []).append(one)
    order = sorted(by_person, key=lambda who: str(called.get(who, who)).lower())
    return CalendarPage(
        team_of=team_of,
        teams=(("", "Every team"), *roster.managers(tx, by=by, at=at).items()),
        rows=tuple(_row(who, by_person[who], called, within) for who in order[:MOST_ROWS]),
        more_rows=max(len(order) - MOST_ROWS, 0),
        lines=tuple(_line(one, called, open_to) for one in entries),
        weeks=tuple(_percent(midnight(first + timedelta(weeks=week)), within) for week in range(1, 2 * WEEKS + 1)),
        months=tuple(_months(first, last, within)),
        today=_percent(at, within),
        first=first,
        last=last,
        kinds=tuple((kind.value.split(" ")[0], _SAYS[kind].capitalize()) for kind in Event),
    )


def _percent(at: datetime, within: Period) -> float:
    share = (at - within.start) / (within.end - within.start)
    return round(100 * min(max(share, 0.0), 1.0), 3)


def _months(first: date, last: date, within: Period) -> list[tuple[str, float]]:
    found = []
    month = first.replace(day=1)
    while (month := (month + timedelta(days=32)).replace(day=1)) < last:
        found.append((f"{month:%b}", _percent(midnight(month), within)))
    return found


def _row(who: str, entries: list[Entry], called: dict[str, str], within: Period) -> Row:
    marks: dict[tuple[Event, datetime], list[Entry]] = {}
    for one in entries:
        marks.setdefault((one.event, one.period.start), []).append(one)
    return Row(
        name=called.get(who, who),
        path=person_path(who),
        marks=tuple(_mark(event, same, called, within) for (event, _), same in marks.items()),
    )


def _mark(event: Event, same: list[Entry], called: dict[str, str], within: Period) -> Mark:
    """One mark; what expires on one day for one person is one."""
    one = same[0]
    start = _percent(one.period.start, within)
    what = _SAYS[event] if len(same) == 1 else f"{len(same)} × {_SAYS[event]}"
    if event is Event.LEAVE:
        cover = called.get(one.cover_id or "", one.cover_id or "")
        return Mark(
            event="leave",
            x=start,
            width=round(max(_percent(one.period.end, within) - start, 0.6), 3),
            label=cover,
            says=f"away {one.period.says}; {cover} acts",
        )
    says = f"{what} on {one.period.start:%Y-%m-%d}"
    return Mark(event=event.value.split(" ", maxsplit=1)[0], x=start, width=0, label=what, says=says)


def _line(one: Entry, called: dict[str, str], open_to: frozenset[str]) -> Line:
    cover = called.get(one.cover_id or "", one.cover_id or "")
    what = f"away; {cover} acts" if one.event is Event.LEAVE else _SAYS[one.event]
    is_stretch = one.event is Event.LEAVE and one.period.end != FOREVER
    return Line(
        start=one.period.start,
        end=one.period.end if is_stretch else None,
        name=called.get(one.person_id, one.person_id),
        path=person_path(one.person_id),
        what=what,
        account_path=account_path(one.account_id) if one.account_id in open_to else None,
    )


@router.page("/people/calendar", Deed.SEE)
def show(here: Looked, team_of: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "") -> Response:
    """The calendar."""
    return here.show("people_calendar.html", load(here.tx, team_of=team_of, by=here.person, at=here.at))
