"""Timers begin when somebody gets a lead and stop when they do what is awaited, in the transaction that says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select

from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.leads.lane import Lane
from patchbook.leads.lead import RecordedLead
from patchbook.leads.tables import lead as lead_table
from patchbook.people.permission import Deed, allow_somewhere, in_lead_scope
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.routing.calendar import Calendar
from patchbook.routing.service_levels import ServiceLevel, What, level_of
from patchbook.service import store
from patchbook.service.timer import RUNS, State, Timer

SECTION = "service_levels"


def begin(lane: Lane, lead: RecordedLead, *, at: datetime) -> None:
    """
    Begin what is awaited of whoever a decision just gave a lead to; what was awaited of others ends.

    Nothing begins where nobody has it, where they had it before the decision too, or where no service level is for it.
    """
    before = store.of_lead(lane.tx, lead.lead_id) if lead.decisions > 1 else []
    running = [one for one in before if one.is_running]
    if running and all(one.person_id == lead.person_id for one in running):
        return
    for one in running:
        store.save(lane.tx, one.stopped(is_met=False, at=at))
    levels: tuple[ServiceLevel, ...] = lane.basis(at).document.sections.get(SECTION, ())
    level = level_of(levels, lead.kind, lead.motion)
    if lead.person_id is None or level is None:
        return
    calendar = calendar_of(lane, lead.person_id, at)
    may_go_on = level.reassigns and all(one.state is not State.REASSIGNED for one in before)
    store.add(
        lane.tx,
        [
            Timer(
                timer_id=f"{lead.lead_id}-{lead.decisions:04}-{timing.what.replace(' ', '-')}",
                lead_id=lead.lead_id,
                decision=lead.decisions,
                what=timing.what,
                level=level.name,
                person_id=lead.person_id,
                minutes=timing.minutes,
                started=at,
                remind_at=timing.remind_at,
                due_at=timing.due_at,
                next_at=timing.remind_at or timing.due_at,
                reassigns=may_go_on,
            )
            for timing in level.timers(calendar, at)
        ],
    )


def stop(lane: Lane, lead_id: str, *, met: tuple[What, ...], at: datetime) -> None:
    """
    Stop what is awaited about a lead.

    Parameters
    ----------
    met
        What came; with nothing the lead left its person, and all its timers end.
    """
    for one in store.of_lead(lane.tx, lead_id):
        if (one.is_running and (not met or one.what in met)) or (one.state is State.ESCALATED and one.what in met):
            store.save(lane.tx, one.stopped(is_met=bool(met), at=at))


def calendar_of(lane: Lane, person_id: str, at: datetime) -> Calendar:
    """When somebody works, with their leave."""
    basis = lane.basis(at)
    return basis.company.calendar(person_id, basis.calendars, less_leave=True)


def escalations(tx: Connection, *, or_nobody: bool, limit: int, by: Principal, at: datetime) -> list[Timer]:
    """
    What this person was told of as a manager, and still waits; one a lead, the oldest first.

    Parameters
    ----------
    or_nobody
        Also what nobody was told of, because whoever let it wait has no manager.
    """
    told = store.timer.c.manager_id == by.person_id
    seen = in_lead_scope(by, person_id=lead_table.c.person_id, territory=lead_table.c.territory_id, at=at)
    return store.escalated(
        tx, told=or_(told, store.timer.c.manager_id.is_(None)) if or_nobody else told, seen=seen, limit=limit
    )


def timers(
    tx: Connection,
    *,
    state: State | None = None,
    lead_id: str | None = None,
    is_running: bool = False,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Timer]:
    """
    The timers one may see, the first to run out first.

    Parameters
    ----------
    is_running
        Only those that can still run out.
    """
    allow_somewhere(by, Deed.SEE)
    mine = select(lead_table.c.lead_id).where(
        in_lead_scope(by, person_id=lead_table.c.person_id, territory=lead_table.c.territory_id, at=at)
    )
    rows = store.listed(
        tx,
        seen=store.timer.c.lead_id.in_(mine),
        states=RUNS if is_running else () if state is None else (state,),
        lead_id=lead_id,
        after=moment_of(after),
        limit=limit_of(limit) + 1,
    )
    return page_of(rows, limit, lambda one: (microseconds(one.due_at), one.timer_id))
