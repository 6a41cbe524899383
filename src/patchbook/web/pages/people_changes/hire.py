"""Somebody joins: who, into which vacant seat or which territory peeled off for them, and from when on."""

from __future__ import annotations

from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook import changes
from patchbook.changes import Change
from patchbook.changes.change import BadChange
from patchbook.db.metadata import new_id
from patchbook.people.permission import Deed
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.people.profile import BadProfile
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.ask import person_path
from patchbook.web.pages.people_changes.page import ChangePage, Sent, looked_at
from patchbook.web.pages.people_changes.told import (
    choices,
    day_in,
    parents,
    policy_in,
    steps,
    usual_day,
    vacant_seats,
)

router = Pages()
STEPS = ("Who, where, when", "Look at it", "Receipt")


def load(tx: Connection, sent: dict[str, str], *, by: Principal, at: datetime) -> ChangePage:
    """The hire as far as it is told, the vacant seats, and what it would do."""
    on = day_in(sent, "on")
    told, refusal = (None, None)
    is_placed = sent.get("territory") and sent.get("parent_id") if _peels(sent) else sent.get("seat_id")
    if on is not None and is_placed and (sent.get("person_id") or sent.get("name")):
        new = sent.get("new_id") or "newcomer"
        extra = {new: sent["name"]} if sent.get("name") and not sent.get("person_id") else {}
        if _peels(sent):
            extra[""] = sent["territory"]  # it has no id before it is made
        told, refusal = looked_at(
            tx, lambda: _hire(tx, sent, new=new, preview=True, by=by, at=at), extra=extra or None, by=by, at=at
        )
    return ChangePage(
        title="Somebody joins",
        lead="They fill a vacant seat, or get a new territory off its neighbours; who is not in the record is added.",
        action="/people/hire",
        back=("/people", "People"),
        verb="Hire",
        steps=steps(STEPS, 1 if told else 0),
        sent=sent,
        person=None,
        choices=choices(tx, beside=None, on=on or usual_day(at), by=by, at=at),
        seats=vacant_seats(tx, on=on or usual_day(at), by=by, at=at),
        parents=parents(tx, on=on or usual_day(at), by=by, at=at),
        told=told,
        refusal=refusal,
    )


def _hire(tx: Connection, sent: dict[str, str], *, new: str, preview: bool, by: Principal, at: datetime) -> Change:
    on, seat_id = day_in(sent, "on"), sent.get("seat_id")
    if on is None or not (seat_id or _peels(sent)):
        raise BadChange("A hire needs the seat and the first day.")
    person: str | Person = sent.get("person_id", "")
    if not person:
        if not sent.get("name"):
            raise BadChange("Choose who joins, or tell the name of somebody new.")
        person = Person(
            person_id=new,
            name=sent["name"],
            email=_email(sent.get("email")),
            role=sent.get("role") or None,
            manager_id=sent.get("manager_id") or None,
            ramp=_percent(sent.get("ramp")),
        )
    if _peels(sent):
        return _peel(tx, person, sent, on=on, preview=preview, by=by, at=at)
    assert seat_id
    return changes.hire(tx, person, seat_id, on=on, preview=preview, by=by, at=at)


def _peels(sent: dict[str, str]) -> bool:
    """Whether they get a new territory rather than a vacant seat."""
    return sent.get("place") == "peel"


def _peel(
    tx: Connection, person: str | Person, sent: dict[str, str], *, on: datetime, preview: bool, by: Principal,
    at: datetime,
) -> Change:  # fmt: skip
    if not sent.get("territory") or not sent.get("parent_id"):
        raise BadChange("A new territory needs its name, and the territory it hangs below.")
    return changes.peel(
        tx,
        person,
        name=sent["territory"],
        parent_id=sent["parent_id"],
        on=on,
        share=_percent(sent.get("share")),
        policy=policy_in(sent),
        preview=preview,
        by=by,
        at=at,
    )


def _email(told: str | None) -> str | None:
    if told and "@" not in told:
        raise BadProfile(f"{told!r} is no e-mail address; write one as ann@example.com.")
    return told or None


def _percent(told: str | None) -> float:
    if not told:
        return 1.0
    try:
        return float(told) / 100
    except ValueError:
        raise BadProfile(f"{told!r} is no percentage; write a number from 0 to 100.") from None


@router.page("/people/hire", Deed.CHANGE_PEOPLE)
def show(here: Looked, sent: Sent) -> Response:
    """The steps of a hire."""
    return here.show("change_hire.html", load(here.tx, sent, by=here.person, at=here.at))


@router.form("/people/hire", Deed.CHANGE_PEOPLE)
def do(here: Looked, sent: Sent) -> Response:
    """Fill the seat, or make the territory."""
    new = sent.get("new_id") or new_id("person")
    change = _hire(here.tx, sent, new=new, preview=False, by=here.person, at=here.at)
    assert change.person_id is not None
    done = "The new territory is theirs." if _peels(sent) else "The seat is filled."
    return here.done(f"{person_path(change.person_id)}/changes/{change.made['change_id']}", done)
