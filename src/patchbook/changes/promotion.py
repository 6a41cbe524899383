"""A person gets another role, and with it another seat if there is one for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes.change import BadChange, Change, Handover, LeaveVacant
from patchbook.changes.handing import Handed
from patchbook.changes.rights import allow_for, known_person
from patchbook.changes.transfer import moved
from patchbook.changes.writing import done
from patchbook.db.metadata import new_id
from patchbook.holdovers.holdover import MOVE_ALL, Policy
from patchbook.people import actions as people_actions
from patchbook.people.principal import Principal
from patchbook.period import Period, told
from patchbook.territories import seats as seat_actions


def promotion(
    tx: Connection,
    person_id: str,
    *,
    role: str,
    on: datetime,
    to_seat_id: str | None = None,
    from_seat_id: str | None = None,
    handover: Handover = LeaveVacant(),  # noqa: B008 -- it is frozen
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
    policy: Policy = MOVE_ALL,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Give somebody another role, and from a day on another seat.

    The role is what the profile shows, from the moment this is recorded; seats are dated. `policy` says which open
    deals of the accounts they give up they keep for a while.

    Raises
    ------
    BadChange
        They have the role already, and no other seat was named.
    """
    person = known_person(tx, person_id, by=by)
    person.employment_on(on)
    if not role.strip():
        raise BadChange("A promotion needs the name of the new role.")
    handed, source = Handed(), new_id("change")
    if to_seat_id is not None:
        handed, source = moved(
            tx,
            person,
            to_seat_id=to_seat_id,
            on=on,
            from_seat_id=from_seat_id,
            handover=handover,
            deed="promotion",
            weights=weights,
            families=families,
            policy=policy,
            by=by,
            at=at,
        )
    else:
        where = [one.seat.territory_id for one in seat_actions.filled_by(tx, person_id, Period(on))]
        allow_for(tx, by, person_id, where, at=at)
        if person.role == role:
            raise BadChange(f"{person_id} is {role} already; name another role or the seat they move to.")
    before = f"{person.role} until now" if person.role else "without a role until now"
    change = Change(
        deed="promotion",
        person_id=person_id,
        on=on,
        summary=(f"{person_id}, {before}, becomes {role}.", *handed.summary),
        seats=tuple(handed.seats),
        takes=tuple(handed.takes),
        notes=(f"The profile shows the role at once; seats change on {told(on)}.",) if on > at else (),
        accounts_moved=handed.moved,
        made={"change_id": source},
    )
    done_ = done(tx, change, handed.facts, touched=handed.touched, subject=person_id, preview=preview, by=by, at=at)
    if not preview:
        people_actions.keep_changed(tx, person, {"role": role}, by=by, at=at)
    return replace(done_, made={**done_.made, "role": role})
