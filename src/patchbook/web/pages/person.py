"""One person: where they are, their seats, their book, how full they are, their leaves, and the roles they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook import access
from patchbook.changes import store as changes
from patchbook.errors import NotFound
from patchbook.imports import actions as imports
from patchbook.imports.imported import NoImport
from patchbook.ledger import actions as ledger
from patchbook.ledger import desks
from patchbook.ledger.answers import BookRow
from patchbook.ledger.desks import Desk
from patchbook.people import actions as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.period import Period
from patchbook.web.models import After, InPath
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import account_path, person_path, territory_path
from patchbook.web.pages.people import Line, lines_of

router = Pages()

SHOWN = 25
LOOKED_BACK = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the book."""

    name: str
    account_id: str
    path: str
    row: BookRow
    because: str


@dataclass(frozen=True, kw_only=True)
class Away:
    """A leave of theirs, or one they cover."""

    says: str
    period: Period
    is_over: bool
    is_now: bool


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A seat they fill, filled, or will."""

    desk: Desk
    path: str
    when: str
    is_interim: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """A role they hold."""

    role: str
    where: str


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """All of one person that may be seen."""

    profile: Profile
    path: str
    line: Line
    facts: tuple[tuple[str, str], ...]
    book: tuple[Account, ...]
    next: str | None
    seats: tuple[Seat, ...]
    aways: tuple[Away, ...]
    roles: tuple[Held, ...] | None
    """None to who may not see them."""
    csv: str
    may_leave: bool
    may_depart: bool


_BECAUSE = {
    "staffing": "by the territory",
    "interim": "in the interim",
    "exception": "by an exception",
    "holdover": "as a holdover",
    "cover": "as cover",
    "named": "as a named account",
}


def load(
    tx: Connection, person_id: str, *, after: str | None = None, limit: int = SHOWN, by: Principal, at: datetime
) -> PersonPage:
    """
    All of a person that this principal may see.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody this principal may see.
    """
    one = people.get(tx, person_id, by=by, at=at)
    (line,) = lines_of(tx, [one], by=by, at=at)
    found = ledger.book(tx, person_id, on=at, after=after, limit=limit, by=by, at=at)
    called = _called(tx, [row.account_id for row in found.rows])
    history = desks.history(tx, person_id, by=by, at=at)
    covers = changes.covers(tx, Period(at - LOOKED_BACK), of=[person_id], given_by=[person_id])
    who = [part for one in covers for part in (one.person_id, one.cover_id)]
    names = names_of(tx, [*who, *(row.acting_for for row in found.rows)], at=at)
    is_employed = any(period.contains(at) for period in one.employed)
    return PersonPage(
        profile=one,
        path=person_path(person_id),
        line=line,
        facts=tuple(_facts(one)),
        book=tuple(
            Account(
                name=called.get(row.account_id) or row.account_id,
                account_id=row.account_id,
                path=account_path(row.account_id),
                row=row,
                because=f"acting for {names.get(row.acting_for, row.acting_for)}"
                if row.acting_for
                else _BECAUSE.get(row.because, row.because),
            )
            for row in found.rows
        ),
        next=found.next_cursor,
        seats=tuple(_seat(desk, person_id, at) for desk in history),
        aways=tuple(
            Away(
                says=f"{names[one.cover_id]} acts for them"
                if one.person_id == person_id
                else f"Acts for {names[one.person_id]}",
                period=one.valid,
                is_over=one.valid.end <= at,
                is_now=one.valid.contains(at),
            )
            for one in covers
        ),
        roles=_roles(tx, person_id, by=by, at=at),
        csv=f"/api/v1/people/{quote(person_id, safe='')}/book?format=csv&limit=1000",
        may_leave=is_employed and may(by, Deed.CHANGE_PEOPLE),
        may_depart=is_employed and may(by, Deed.CHANGE_PEOPLE) and person_id != by.person_id,
    )


def _called(tx: Connection, account_ids: list[str]) -> dict[str, str]:
    try:
        known = imports.accounts_by_id(tx, account_ids)
    except (NoImport, NotFound):
        return {}
    return dict(known.select("account_id", "name").iter_rows()) if "name" in known.columns else {}


def _facts(one: Profile) -> list[tuple[str, str]]:
    employed = "; ".join(period.says for period in one.employed) or "never"
    told = {
        "E-mail": one.email,
        "Segment": one.segment,
        "Employed": employed,
        "Time zone": one.time_zone,
        "Languages": ", ".join(sorted(one.languages)),
        "Skills": ", ".join(sorted(one.skills)),
        "Products": ", ".join(sorted(one.products)),
        "Capacity": f"{one.capacity:.0%}",
        "Ramp": f"{one.ramp:.0%}" if one.ramp != 1 else "",
    }
    return [(title, text) for title, text in told.items() if text]


def _seat(desk: Desk, person_id: str, at: datetime) -> Seat:
    is_over = desk.until is not None and desk.until <= at
    when = "over" if is_over else "coming" if desk.since > at else "now"
    return Seat(desk=desk, path=territory_path(desk.territory_id), when=when, is_interim=desk.person_id != person_id)


def _roles(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> tuple[Held, ...] | None:
    if person_id != by.person_id and not may(by, Deed.GRANT):
        return None
    held = access.grants(tx, person_id, by=by, at=at)
    names = names_of(tx, [one.territory_id for one in held], at=at)
    return tuple(
        Held(
            role=one.role.value,
            where=names.get(one.territory_id or "", one.territory_id or "the whole company")
            if one.role.value not in ("rep", "manager") or one.territory_id
            else "what they staff"
            if one.role.value == "rep"
            else "their reports",
        )
        for one in held
    )


@router.page("/people/{person_id}", Deed.SEE)
def show(here: Looked, person_id: InPath, after: After = None) -> Response:
    """The person."""
    return here.show("person.html", load(here.tx, person_id, after=after, by=here.person, at=here.at))
