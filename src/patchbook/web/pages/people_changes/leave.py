"""Somebody is away: from when, until when, and who acts meanwhile."""

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
from patchbook.period import FOREVER, Period
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import person_path
from patchbook.web.pages.people_changes.page import ChangePage, Sent, looked_at
from patchbook.web.pages.people_changes.told import choices, day_in, steps, usual_day

router = Pages()
STEPS = ("Who and when", "Look at it", "Receipt")


def load(tx: Connection, person_id: str, sent: dict[str, str], *, by: Principal, at: datetime) -> ChangePage:
    """The leave as far as it is told, and what it would do."""
    one = people.get(tx, person_id, by=by, at=at)
    path = person_path(person_id)
    start = day_in(sent, "start")
    is_asked = bool(start and sent.get("cover_id"))
    told, refusal = (None, None)
    if is_asked:
        told, refusal = looked_at(tx, lambda: _leave(tx, person_id, sent, preview=True, by=by, at=at), by=by, at=at)
    return ChangePage(
        title=f"{one.name} is away",
        lead="Somebody acts for them; the accounts stay theirs, and the last day ends it by itself.",
        action=f"{path}/leave",
        back=(path, one.name),
        verb="Note the leave",
        steps=steps(STEPS, 1 if told else 0),
        sent=sent,
        person=one,
        choices=choices(tx, beside=one, on=start or usual_day(at), by=by, at=at),
        told=told,
        refusal=refusal,
    )


def _leave(
    tx: Connection, person_id: str, sent: dict[str, str], *, preview: bool, by: Principal, at: datetime
) -> Change:
    start, cover_id = day_in(sent, "start"), sent.get("cover_id")
    if start is None or not cover_id:
        raise BadChange("A leave needs its first day and who acts meanwhile.")
    period = Period(start, day_in(sent, "end") or FOREVER)
    return changes.leave(tx, person_id, cover_id, period=period, preview=preview, by=by, at=at)


@router.page("/people/{person_id}/leave", Deed.CHANGE_PEOPLE)
def show(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """The steps of a leave."""
    return here.show("change_leave.html", load(here.tx, person_id, sent, by=here.person, at=here.at))


@router.form("/people/{person_id}/leave", Deed.CHANGE_PEOPLE)
def do(here: Looked, person_id: InPath, sent: Sent) -> Response:
    """Note it."""
    change = _leave(here.tx, person_id, sent, preview=False, by=here.person, at=here.at)
    return here.done(f"{person_path(person_id)}/changes/{change.made['change_id']}", "The leave is noted.")
