"""What is done when a lead waits too long: a reminder, one other person, and then a manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patchbook.leads import actions as leads
from patchbook.leads import store as leads_store
from patchbook.leads.answers import Beside
from patchbook.leads.lane import Lane
from patchbook.leads.lead import LeadEvent
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.routing.service_levels import due_after
from patchbook.service import store
from patchbook.service.timer import State, Timer
from patchbook.service.timers import calendar_of

MOST = 200
"""Timers dealt with at one go, so that leads that come in meanwhile need not wait long."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What was done about timers."""

    timers: int = 0
    reminded: int = 0
    reassigned: int = 0
    escalated: int = 0

    def plus(self, other: Swept) -> Swept:
        """Both together."""
        return Swept(
            timers=self.timers + other.timers,
            reminded=self.reminded + other.reminded,
            reassigned=self.reassigned + other.reassigned,
            escalated=self.escalated + other.escalated,
        )


def sweep(lane: Lane, *, limit: int = MOST, by: Principal, at: datetime) -> Swept:
    """
    Deal with the timers that are due.

    What was done is kept with each timer in the same transaction, so a sweep that is cut off, done twice, or done with
    a clock that jumped does nothing a second time.
    """
    allow(lane.tx, by, Deed.ROUTE, at=at)
    due = store.due(lane.tx, at=at, limit=limit)
    done = Swept(timers=len(due))
    for timer_id in due:
        timer = store.get(lane.tx, timer_id)
        if timer.is_running:  # an earlier one of the same lead may have ended it
            done = done.plus(_dealt_with(lane, timer, by, at))
    return done


def _dealt_with(lane: Lane, timer: Timer, by: Principal, at: datetime) -> Swept:
    if at < timer.due_at:
        _note(lane, timer, "reminded", by, at)
        store.save(lane.tx, timer.reminded())
        return Swept(reminded=1)
    later = due_after(calendar_of(lane, timer.person_id, timer.started), timer.started, timer.minutes)
    if later > at:
        store.save(lane.tx, timer.moved(later))
        return Swept()
    if timer.reassigns and _given_to_another(lane, timer, by, at):
        return Swept(reassigned=1)
    profile = lane.basis(at).company.people.get(timer.person_id)
    manager_id = profile.manager_id if profile else None
    _note(lane, timer, "escalated", by, at, manager_id=manager_id)
    store.save(lane.tx, timer.ran_out(State.ESCALATED, at=at, manager_id=manager_id))
    return Swept(escalated=1)


def _given_to_another(lane: Lane, timer: Timer, by: Principal, at: datetime) -> bool:
    """
    Decide again without whoever let it wait; whether somebody else has it now.

    Where nobody else may have it, it stays: a lead that waits with somebody is better than one that waits with nobody.
    """
    besides = _besides(lane, timer)
    known = leads_store.get(lane.tx, timer.lead_id)
    store.save(lane.tx, timer.ran_out(State.REASSIGNED, at=at))
    answer = leads.passed_on(lane, known, besides=besides, by=by, at=at)
    if answer is None:
        store.save(lane.tx, timer)
        return False
    _note(lane, timer, "reassigned", by, at, person_id=answer.lead.person_id)
    return True


def _besides(lane: Lane, timer: Timer) -> dict[str, Beside]:
    """Who had the lead and does not get it again, each with the reason."""
    had = store.of_lead(lane.tx, timer.lead_id)
    late = {one.person_id for one in had if one.is_past_due} | {timer.person_id}
    returned = leads.returned_by(lane.tx, timer.lead_id)
    return {
        who: Beside.OVERDUE if who in late else Beside.RETURNED if who in returned else Beside.HAD
        for who in (one.person_id for one in had)
    }


def _note(lane: Lane, timer: Timer, what: str, by: Principal, at: datetime, **detail: str | None) -> None:
    number = leads_store.count_events(lane.tx, timer.lead_id) + 1
    told = {"awaited": timer.what.value, "of": timer.person_id, "minutes": f"{timer.minutes:g}", **detail}
    leads_store.add_event(
        lane.tx,
        LeadEvent(
            event_id=f"{timer.lead_id}-{number:04}",
            lead_id=timer.lead_id,
            at=at,
            what=what,
            by=by.person_id,
            detail={name: value for name, value in told.items() if value},
        ),
    )
