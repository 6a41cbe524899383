"""The receipt of a change: what changed, who acts, which leads were routed again, and that nothing is alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy import Connection

from patchbook.changes import receipt as receipts
from patchbook.changes.receipt import Receipt
from patchbook.leads import looking
from patchbook.leads.lane import Lane
from patchbook.leads.lead import Status
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.lane import Knocked, at_desk
from patchbook.web.models import InPath
from patchbook.web.names import ids_in, names_of, with_names
from patchbook.web.page import FORM, Looked, Pages
from patchbook.web.pages.ask import person_path, territory_path
from patchbook.web.pages.people_changes.depart import MOST_LEADS, reroute_all
from patchbook.words import counted

router = Pages()


@dataclass(frozen=True, kw_only=True)
class SeatLine:
    """One seat before and after."""

    territory: str
    path: str
    role: str
    before: str
    after: str
    says: str


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """A change that was made."""

    receipt: Receipt
    name: str
    path: str
    by: str
    title: str
    covered: str
    cover: str | None
    seats: tuple[SeatLine, ...]
    rerouted: tuple[tuple[str, int], ...]
    """Who has leads now that were this person's, and how many."""
    open_leads: int
    is_at_once: bool


_TITLES = {
    "departure": "left",
    "leave": "is away",
    "hire": "joined",
    "transfer": "moves",
    "promotion": "is promoted",
}


def load(tx: Connection, person_id: str, change_id: str, *, by: Principal, at: datetime) -> ReceiptPage:
    """
    The change of that id.

    Raises
    ------
    NoReceipt
        There was none, or none of somebody this person may see.
    """
    made = receipts.receipt(tx, person_id, change_id, by=by, at=at)
    is_departure = made.deed == "departure"
    moved = looking.rerouted_from(tx, person_id, since=made.at, by=by, at=at) if is_departure else []
    still = (
        looking.leads(tx, person_id=person_id, status=Status.ASSIGNED, limit=MOST_LEADS, by=by, at=at).rows
        if is_departure
        else ()
    )
    fillers = [f"{one.before} {one.after}" for one in made.seats]
    territories = [one.territory_id for one in made.seats]
    ids = [person_id, made.by, made.cover_id, *(one.person_id for one in moved), *territories, *ids_in(fillers)]
    names = names_of(tx, ids, at=max(at, made.on))
    name = names.get(person_id, person_id)
    counts = Counter(names.get(one.person_id or "", "the queue") for one in moved)
    verb = "leaves" if is_departure and made.on > at else _TITLES.get(made.deed, made.deed)
    return ReceiptPage(
        receipt=made,
        name=name,
        path=person_path(person_id),
        by=names.get(made.by, made.by),
        title=f"{name} {verb}",
        covered=f"{counted(made.uncovered, 'account')} uncovered",
        cover=names.get(made.cover_id, made.cover_id) if made.cover_id else None,
        seats=tuple(
            SeatLine(
                territory=names.get(one.territory_id, one.territory_id),
                path=territory_path(one.territory_id),
                role=one.role,
                before=with_names(one.before, names),
                after=with_names(one.after, names),
                says=one.says,
            )
            for one in made.seats
        ),
        rerouted=tuple(counts.most_common()),
        open_leads=len(still),
        is_at_once=made.on <= at,
    )


@router.page("/people/{person_id}/changes/{change_id}", Deed.SEE)
def show(here: Looked, person_id: InPath, change_id: InPath) -> Response:
    """The receipt."""
    return here.show("receipt.html", load(here.tx, person_id, change_id, by=here.person, at=here.at))


@router.form("/people/{person_id}/changes/{change_id}/leads", Deed.REASSIGN_LEADS)
async def reroute(person_id: InPath, change_id: InPath, request: Request, knocked: Knocked) -> Response:
    """Route the leads again that are still with who left."""

    def deed(lane: Lane, by: Principal, at: datetime) -> int:
        receipts.receipt(lane.tx, person_id, change_id, by=by, at=at)
        return reroute_all(lane, person_id, by, at)

    await at_desk(request, deed)
    path = f"{person_path(person_id)}/changes/{change_id}"
    return JSONResponse({"location": path}) if FORM in request.headers else RedirectResponse(path, 303)
