"""An account on a day, as known on another: who has each role, why, who gets credit, and the time-line around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER, Answer, BeforeItWasKnown, BeforeTheRecord, Credit, HistoryRow
from patchbook.ledger.lanes import Lane, lanes
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.period import BEGINNING, FOREVER, midnight
from patchbook.web.names import day_of, ids_in, names_of, with_names
from patchbook.web.pages.ask import account_path, person_path, territory_path

AHEAD = timedelta(days=120)
"""So far the time-line goes on after the last change that is known."""

LONGEST = timedelta(days=5 * 366)
"""So far back it goes at most; the table has what was before."""

COLOURS = 10


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One stretch of a lane, in percent of its width."""

    x: float
    width: float
    colour: int
    who: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One role's lane of the time-line."""

    role: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has one role on the day."""

    role: str
    who: str
    path: str | None
    acting: str | None
    since: datetime
    until: datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A line of the table beneath the time-line."""

    role: str
    who: str
    territory: str | None
    start: datetime
    end: datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    """One share of the credit."""

    who: str
    role: str
    percent: float
    because: str


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """The account on a day, as known on another."""

    path: str
    on: datetime | None
    """None where it is now."""
    known: datetime | None
    moment: datetime
    today: date
    owner: str | None
    owner_path: str | None
    acting: str | None
    territory: str | None
    territory_path: str | None
    since: datetime | None
    until: datetime | None
    says: str
    answer: Answer | None
    others: tuple[Holder, ...]
    credit: tuple[CreditLine, ...] | None
    """None to who may not see credit."""
    lanes: tuple[Drawn, ...]
    table: tuple[Stretch, ...]
    first: date
    last: date
    at_percent: float
    years: tuple[tuple[int, float], ...]
    """Where years begin, in percent."""
    before: date | None
    """The change before the day, and the one after it."""
    after: date | None

    @property
    def day(self) -> date:
        """The day shown."""
        return self.moment.astimezone(UTC).date()

    @property
    def on_field(self) -> str:
        """The day as the form has it."""
        return day_of(self.on)

    @property
    def known_field(self) -> str:
        """The state of knowledge as the form has it."""
        return day_of(self.known)

    @property
    def days(self) -> int:
        """How many days the slider has."""
        return (self.last - self.first).days

    @property
    def value(self) -> int:
        """Where the slider stands."""
        return min(max((self.day - self.first).days, 0), self.days)

    @property
    def changes(self) -> str:
        """The days of the slider on which something changes, for its steps."""
        return " ".join(
            str((one.start.date() - self.first).days) for one in self.table if one.start.date() > self.first
        )

    def at(self, day: date) -> str:
        """The address of another day."""
        told = {"on": day.isoformat(), **({"known": self.known_field} if self.known else {})}
        return f"{self.path}?{urlencode(told)}"


def load(
    tx: Connection, account_id: str, *, on: datetime | None, known: datetime | None, by: Principal, at: datetime
) -> AsOf:
    """
    The account on a day; a day the record says nothing of is answered with the sentence that says so.

    Raises
    ------
    UnknownAccount
        There is none, or none this person may see.
    """
    moment = on or at
    found: Answer | None = None
    try:
        found = ledger.owner(tx, account_id, on=moment, as_known_on=known, by=by, at=at)
        says = found.says
    except (BeforeTheRecord, BeforeItWasKnown) as refusal:
        says = str(refusal)
    there = lanes(tx, account_id, as_known_on=known, by=by, at=at)
    row = next((lane.on(moment) for lane in there if lane.role == OWNER), None)
    first, last = _range(there, moment, at)
    table = [_stretch(lane.role, one) for lane in there for one in lane.rows]
    names = names_of(tx, ids_in(one.because for one in table), at=at)
    starts = sorted({one.period.start.astimezone(UTC).date() for lane in there for one in lane.rows})
    day = moment.astimezone(UTC).date()
    return AsOf(
        path=account_path(account_id),
        on=on,
        known=known,
        moment=moment,
        today=at.astimezone(UTC).date(),
        owner=_who(found) if found is not None else None,
        owner_path=person_path(found.person_id) if found is not None and found.person_id else None,
        acting=found.acting if found is not None else None,
        territory=(found.territory or found.territory_id) if found is not None else None,
        territory_path=territory_path(found.territory_id) if found is not None and found.territory_id else None,
        since=row.period.start if row else None,
        until=row.period.end if row and row.period.end != FOREVER else None,
        says=says,
        answer=found,
        others=tuple(_holder(lane.role, now) for lane in there if lane.role != OWNER and (now := lane.on(moment))),
        credit=_credit(tx, account_id, moment, known, by=by, at=at),
        lanes=_drawn(there, first, last),
        table=tuple(replace(one, because=with_names(one.because, names)) for one in table),
        first=first,
        last=last,
        at_percent=_percent(day, first, last),
        years=tuple((year, _percent(date(year, 1, 1), first, last)) for year in range(first.year + 1, last.year + 1)),
        before=max((one for one in starts if one < day), default=None),
        after=min((one for one in starts if one > day), default=None),
    )


def _range(there: Sequence[Lane], moment: datetime, at: datetime) -> tuple[date, date]:
    """The days the time-line shows: from the first fact to some time after the last change known, the day in it."""
    edges = [edge for lane in there for row in lane.rows for edge in (row.period.start, row.period.end)]
    inside = [edge for edge in edges if BEGINNING < edge < FOREVER]
    start = max(min([*inside, at]), at - LONGEST)
    end = min(max([*inside, at]), at + LONGEST) + AHEAD
    start, end = min(start, max(moment, at - 4 * LONGEST)), max(end, min(moment, at + 4 * LONGEST))
    return start.astimezone(UTC).date(), end.astimezone(UTC).date()


def _percent(day: date, first: date, last: date) -> float:
    return round(100 * min(max((day - first).days, 0), (last - first).days) / max((last - first).days, 1), 3)


def _drawn(there: Sequence[Lane], first: date, last: date) -> tuple[Drawn, ...]:
    colours: dict[str, int] = {}
    found = []
    for lane in there:
        bars = []
        for row in lane.rows:
            who = _who(row)
            if row.period.end <= midnight(first) or who == "nobody":
                continue
            start = _percent(row.period.start.astimezone(UTC).date(), first, last)
            end = 100.0 if row.period.end >= midnight(last) else _percent(row.period.end.date(), first, last)
            colour = colours.setdefault(who, len(colours) % COLOURS)
            says = f"{lane.role}: {who}, {row.period.says}"
            bars.append(Bar(x=start, width=round(max(end - start, 0.4), 3), colour=colour, who=who, says=says))
        found.append(Drawn(role=lane.role, bars=tuple(bars)))
    return tuple(found)


def _who(told: Answer | HistoryRow) -> str:
    """Who has it, by name."""
    if told.person_id is not None:
        return told.person or told.person_id
    return f"the pool {told.pool or told.pool_id}" if told.pool_id is not None else "nobody"


def _holder(role: str, row: HistoryRow) -> Holder:
    return Holder(
        role=role,
        who=_who(row),
        path=person_path(row.person_id) if row.person_id else None,
        acting=row.acting,
        since=row.period.start,
        until=row.period.end,
        because=row.chain[0].says if row.chain else "",
    )


def _stretch(role: str, row: HistoryRow) -> Stretch:
    who = _who(row) + (f", for whom {row.acting} acts" if row.acting else "")
    return Stretch(
        role=role,
        who=who,
        territory=row.territory,
        start=row.period.start,
        end=row.period.end,
        because=_because(row),
    )


def _because(row: HistoryRow) -> str:
    """Why the stretch began: the reason of the newest of its facts."""
    newest = max(row.chain, key=lambda step: step.valid.start, default=None)
    return "" if newest is None else newest.reason or newest.cause


def _credit(
    tx: Connection, account_id: str, on: datetime, known: datetime | None, *, by: Principal, at: datetime
) -> tuple[CreditLine, ...] | None:
    if not may(by, Deed.SEE_CREDIT):
        return None
    try:
        found: Sequence[Credit] = ledger.credit(tx, account_id=account_id, on=on, as_known_on=known, by=by, at=at)
    except BadInput:
        return ()
    names = names_of(tx, [one.person_id for one in found], at=at)
    return tuple(
        CreditLine(
            who=names.get(one.person_id or "", "") or (f"the pool {one.pool_id}" if one.pool_id else "nobody"),
            role=one.role,
            percent=float(one.percent) / 100,
            because=one.because,
        )
        for one in found
    )
