"""Somebody changes seats, or is promoted: where to, from when on, and what becomes of the seat they had."""

from __future__ import annotations

from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook import changes
from patchbook.changes import Change
from patchbook.changes.change import BadChange
from patchbook.people import actions as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import person_path
from patchbook.web.pages.people_changes.page import ChangePage, Sent, looked_at
from patchbook.web.pages.people_changes.told import (
    choices,
    day_in,
    policy_in,
    steps,
    usual_day,
    vacant_seats,
    way_in,
)

router = Pages()
STEPS = ("Where to and when", "Look at it", "Receipt")


def load(tx: Connection, person_id: str, sent: dict[str, str], *, by: Principal, at: datetime) -> ChangePage:
    """The move as far as it is told, the vacant seats, and what it would do."""
    one = people.get(tx, person_id, by=by, at=at)
    path = person_path(person_id)
    on = day_in(sent, "on")
    told, refusal = (None, None)
    if on is not None and (sent.get("to_seat_id") or sent.get("role")):
        told, refusal = looked_at(tx, lambda: _move(tx, person_id, sent, preview=True, by=by, at=at), by=by, at=at)
    return ChangePage(
        title=f"{one.name} moves",
        lead="To a vacant seat, to another role, or to both; what they give up is handed over the same day.",
        action=f"{path}/move",
        back=(path, one.name),
        verb=f"Move {one.name}",
        steps=steps(STEPS, 1 if told else 0),
        sent=sent,
        person=one,
        choices=choices(tx, beside=one, on=on or usual_day(at), by=by, at=at),
        seats=vacant_seats(tx, on=on or usual_day(at), by=by, at=at),
        told=told,
        refusal=refusal,
    )


def _move(
    tx: Connection, person_id: str, sent: dict[str, str], *, preview: bool, by: Principal, at: datetime
) -> Change:
    on, seat_id, role = day_in(sent, "on"), sent.get("to_seat_id") or None, sent.get("role") or None
    if on is None or not (seat_id or role):
        raise BadChange("A move needs its day, and the seat or the role they get.")
    handover, policy = way_in(sent), policy_in(sent)
    if role is not None:
        return changes.promotion(
            tx,
            person_id,
            role=role,
            on=on,
            to_seat_id=seat_id,
            handover=handover,
            policy=policy,
            preview=preview,
            by=by,
            at=at,
        )
    assert seat_id is not None
    return changes.transfer(
        tx, person_id, to_seat_id=seat_id, on=on, handover=handover, policy=policy, preview=preview, by=by, at=at
    )


@router.page("/people/{person_id}/move", Deed.CHANGE_PEOPLE)
def show(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """The steps of a move."""
    return here.show("change_move.html", load(here.tx, person_id, sent, by=here.person, at=here.at))


@router.form("/people/{person_id}/move", Deed.CHANGE_PEOPLE)
def do(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """Move them."""
    change = _move(here.tx, person_id, sent, preview=False, by=here.person, at=here.at)
    return here.done(f"{person_path(person_id)}/changes/{change.made['change_id']}", "The move is noted.")
