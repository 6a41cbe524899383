"""Somebody leaves: when, what becomes of each seat, and what that comes to before it is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook import changes
from patchbook.changes import Change
from patchbook.changes.change import BadChange
from patchbook.errors import PatchbookError
from patchbook.leads import actions as leads
from patchbook.leads import looking
from patchbook.leads.desk import Desk
from patchbook.leads.lane import Lane
from patchbook.leads.lead import RecordedLead, Status
from patchbook.people import actions as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.period import Period
from patchbook.territories import seats as seat_actions
from patchbook.web.afterwards import Afterwards
from patchbook.web.models import InPath
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import person_path
from patchbook.web.pages.people_changes.page import ChangePage, Sent, looked_at
from patchbook.web.pages.people_changes.told import choices, day_in, steps, usual_day, way_in

router = Pages()
STEPS = ("When", "Each seat", "Look at it", "Receipt")

MOST_LEADS = 500
"""So many open leads are routed again at once; the receipt has the rest."""

log = logging.getLogger("patchbook.web")


def load(tx: Connection, person_id: str, sent: dict[str, str], *, by: Principal, at: datetime) -> ChangePage:
    """The departure as far as it is told, the seats to decide on, and what it would do."""
    one = people.get(tx, person_id, by=by, at=at)
    path = person_path(person_id)
    on = day_in(sent, "on")
    told, refusal = (None, None)
    held = dict[str, str]()
    if on is not None:
        theirs = seat_actions.filled_by(tx, person_id, Period(on))
        names = names_of(tx, [piece.seat.territory_id for piece in theirs], at=on)
        held = {
            piece.seat.seat_id: f"{names.get(piece.seat.territory_id, piece.seat.territory_id)}, {piece.seat.role}"
            for piece in theirs
        }
        if sent.get("step") == "check":
            told, refusal = looked_at(
                tx, lambda: _depart(tx, person_id, sent, preview=True, by=by, at=at), by=by, at=at
            )
    return ChangePage(
        title=f"{one.name} leaves",
        lead="All they have is handed over on one day, and no account is left alone.",
        action=f"{path}/depart",
        back=(path, one.name),
        verb=f"Let {one.name} go",
        steps=steps(STEPS, 2 if told else 1 if on else 0),
        sent=sent,
        person=one,
        choices=choices(tx, beside=one, on=on or usual_day(at), by=by, at=at),
        seats=tuple(held.items()),
        leads=len(_open_leads(tx, person_id, by=by, at=at)) if on else 0,
        is_at_once=on is not None and on <= at,
        told=told,
        refusal=refusal,
    )


def _depart(
    tx: Connection, person_id: str, sent: dict[str, str], *, preview: bool, by: Principal, at: datetime
) -> Change:
    on = day_in(sent, "on")
    if on is None:
        raise BadChange("A departure needs its day: the first on which they are not there any more.")
    seats = {name.removeprefix("way-"): way_in(sent, name[3:]) for name in sent if name.startswith("way-")}
    return changes.departure(
        tx,
        person_id,
        on=on,
        seats=seats,
        overrides_to=sent.get("overrides_to") or None,
        reports_to=sent.get("reports_to") or None,
        preview=preview,
        by=by,
        at=at,
    )


@router.page("/people/{person_id}/depart", Deed.CHANGE_PEOPLE)
def show(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """The steps of a departure."""
    return here.show("change_depart.html", load(here.tx, person_id, sent, by=here.person, at=here.at))


@router.form("/people/{person_id}/depart", Deed.CHANGE_PEOPLE)
def do(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """Hand over all they have; their open leads are routed again at once where they are gone already."""
    change = _depart(here.tx, person_id, sent, preview=False, by=here.person, at=here.at)
    answer = here.done(f"{person_path(person_id)}/changes/{change.made['change_id']}", "All they had is handed over.")
    if change.on > here.at or not may(here.person, Deed.REASSIGN_LEADS):
        return answer
    return Afterwards(answer, rerouting(here.request.app.state.desk, person_id, by=here.person))


def rerouting(desk: Desk, person_id: str, *, by: Principal) -> Callable[[], int]:
    """What routes the open leads of somebody again, by the rules of now; how many it were."""

    def work() -> int:
        try:
            return desk.ask(lambda tx, at: by, lambda lane, who, at: reroute_all(lane, person_id, who, at)).result()
        except PatchbookError as refusal:  # they stay where they are, which the receipt tells
            log.warning("The leads of %s are not routed again: %s", person_id, refusal)
            return 0

    return work


def reroute_all(lane: Lane, person_id: str, by: Principal, at: datetime) -> int:
    """Route every open lead of somebody again; how many it were."""
    found = _open_leads(lane.tx, person_id, by=by, at=at)
    for lead in found:
        leads.reroute(lane, lead.lead_id, by=by, at=at)
    return len(found)


def _open_leads(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> list[RecordedLead]:
    found = looking.leads(tx, person_id=person_id, status=Status.ASSIGNED, limit=MOST_LEADS, by=by, at=at)
    return list(found.rows)
