"""My book: every account I own today, with why; and challenges to what a plan would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.challenges import actions as challenges
from patchbook.engagement import calling
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.ledger.answers import BookRow
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal, Role
from patchbook.web.page import Looked, Nav, Pages

NAV = (Nav(title="My book", path="/my/book", section="Own", deed=Deed.CHALLENGE, roles=frozenset({Role.REP})),)
SHOWN = 100
ORDERS = ("potential", "name", "since")

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One account of the book."""

    row: BookRow
    name: str | None
    city: str | None
    industry: str | None
    potential: float | None

    @property
    def text(self) -> str:
        """What is searched."""
        return f"{self.name or ''} {self.row.account_id} {self.city or ''}".casefold()


@dataclass(frozen=True, kw_only=True)
class MyBookPage:
    """A page of the book."""

    person_id: str
    search: str
    order: str
    orders: tuple[str, ...]
    total: int
    lines: tuple[Line, ...]
    start: int
    more: bool


def load(
    tx: Connection, *, search: str = "", order: str = "potential", start: int = 0, by: Principal, at: datetime
) -> MyBookPage:
    """The accounts somebody owns, those with most potential first, or by name, or the newest first."""
    book = calling.whole_book(tx, by.person_id, by=by, at=at)
    ids = [row.account_id for row in book]
    known = _known(tx, ids)
    potential = calling.potential_of(tx, ids)
    lines = [
        Line(
            row=row,
            name=known.get(row.account_id, {}).get("name"),
            city=known.get(row.account_id, {}).get("city"),
            industry=known.get(row.account_id, {}).get("industry"),
            potential=potential.get(row.account_id),
        )
        for row in book
    ]
    wanted = search.strip().casefold()
    found = [
        line for line in lines if wanted in f"{line.name or ''} {line.row.account_id} {line.city or ''}".casefold()
    ]
    chosen = order if order in ORDERS else ORDERS[0]
    found.sort(key=_keys[chosen])
    return MyBookPage(
        person_id=by.person_id,
        search=search,
        order=chosen,
        orders=ORDERS,
        total=len(found),
        lines=tuple(found[start : start + SHOWN]),
        start=start,
        more=start + SHOWN < len(found),
    )


_keys = {
    "potential": lambda line: (-(line.potential or 0.0), line.row.account_id),
    "name": lambda line: ((line.name or line.row.account_id).casefold(), line.row.account_id),
    "since": lambda line: (-line.row.since.timestamp(), line.row.account_id),
}


def _known(tx: Connection, ids: list[str]) -> dict[str, dict[str, str | None]]:
    if not ids or imports.latest(tx, Kind.ACCOUNTS) is None:
        return {}
    found = imports.accounts_by_id(tx, ids)
    shown = [name for name in ("account_id", "name", "city", "industry") if name in found.columns]
    return {row["account_id"]: row for row in found.select(shown).iter_rows(named=True)}


@router.page("/my/book", Deed.CHALLENGE)
def show(
    here: Looked,
    search: Annotated[str, Query(max_length=200)] = "",
    order: Annotated[str, Query(max_length=20)] = "potential",
    start: Annotated[int, Query(ge=0, le=calling.MOST_READ)] = 0,
) -> Response:
    """The book."""
    page = load(here.tx, search=search, order=order, start=start, by=here.person, at=here.at)
    return here.show("my_book.html", page, block="rows")


@router.form("/my/challenges", Deed.CHALLENGE)
def challenge(
    here: Looked,
    plan_id: Annotated[str, Form(max_length=200)],
    account_id: Annotated[str, Form(max_length=200)],
    ask: Annotated[str, Form(max_length=20)],
    reason: Annotated[str, Form(max_length=50)],
    words: Annotated[str, Form(min_length=1, max_length=2000)],
) -> Response:
    """File a challenge."""
    made = challenges.challenge(here.tx, plan_id, account_id, ask, reason, words, by=here.person, at=here.at)
    return here.done(
        "/", f"Your challenge about {account_id} is {made.status}; it is answered by {made.due.day} {made.due:%B %Y}."
    )
