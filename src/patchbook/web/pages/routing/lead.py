"""One lead: where it is, every decision about it step by step, what was done with it, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.errors import NotFound
from patchbook.leads import actions, looking
from patchbook.leads.feed import called
from patchbook.leads.fields import packed
from patchbook.leads.lane import Lane
from patchbook.leads.lead import Answered, LeadEvent, RecordedDecision, RecordedLead, Status
from patchbook.people import store as people
from patchbook.people.actions import people as people_of
from patchbook.people.permission import Deed, may
from patchbook.people.principal import SYSTEM, Principal
from patchbook.plans import actions as plan_actions
from patchbook.service.timer import Timer
from patchbook.service.timers import timers
from patchbook.territories import store as territories
from patchbook.web.lane import Knocked, at_desk
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages, sent_on
from patchbook.web.pages.routing.tabs import Tab, tabs

router = Pages()

MOST_PEOPLE = 500
"""Of whom to choose from by name; others are named by their id."""

Why = Annotated[str, Form(max_length=2_000)]
Read = Annotated[int | None, Form(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """A decision, or something that was done."""

    at: datetime
    by: str
    decision: RecordedDecision | None = None
    event: LeadEvent | None = None
    person: str | None = None
    """To whom it went."""
    pool: str | None = None
    plan: str | None = None

    detail: str = ""
    """What was said of what was done."""


@dataclass(frozen=True, kw_only=True)
class LeadPage:
    """What the page of a lead shows."""

    tabs: tuple[Tab, ...]
    lead: RecordedLead
    title: str
    fields: tuple[tuple[str, Any], ...]
    owner: str | None
    territory: str | None
    says: str
    """Why it is where it is."""
    happenings: tuple[Happening, ...]
    """The last one first."""
    timers: tuple[tuple[Timer, str], ...]
    """Each with the name of whom it is awaited of."""
    people: tuple[tuple[str, str], ...]
    """Who may be given it: id and name."""
    may_work: bool
    may_reassign: bool
    may_erase: bool

    @property
    def is_open(self) -> bool:
        """Whether something can still be done with it."""
        return self.lead.status is not Status.CLOSED


def load(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> LeadPage:
    """A lead and all that happened with it."""
    lead = looking.get(tx, lead_id, by=by, at=at)
    decisions = looking.decisions(tx, lead_id, by=by, at=at)
    events = looking.events(tx, lead_id, by=by, at=at)
    running = timers(tx, lead_id=lead_id, limit=1000, by=by, at=at).rows
    names = _names(tx, lead, decisions, events, running)
    pools = {pool.pool_id: pool.name for pool in territories.find_pools(tx)}
    plans = plan_names(tx, (one.version.plan_id for one in decisions), by, at)
    place = territories.find(tx, lead.territory_id, since=at) if lead.territory_id else []
    gives = may(by, Deed.REASSIGN_LEADS) and lead.status is not Status.CLOSED
    happenings = [
        Happening(
            at=one.at,
            by=names.get(one.by, one.by),
            decision=one,
            person=names.get(one.decision.person_id or ""),
            pool=pools.get(one.pool_id or "", one.pool_id),
            plan=plans.get(one.version.plan_id or "", one.version.plan_id),
        )
        for one in decisions
    ]
    happenings += [
        Happening(at=one.at, by=names.get(one.by, one.by), event=one, detail=_told(one, names)) for one in events
    ]
    return LeadPage(
        tabs=tabs(by),
        lead=lead,
        title=called(packed(lead.fields), lead.source_id),
        fields=tuple(sorted((name, value) for name, value in lead.fields.items() if value is not None)),
        owner=names.get(lead.person_id, lead.person_id) if lead.person_id else None,
        territory=place[0].name if place else lead.territory_id,
        says=decisions[-1].says,
        happenings=tuple(sorted(happenings, key=lambda one: one.at, reverse=True)),
        timers=tuple((one, names.get(one.person_id, one.person_id)) for one in running),
        people=_to_choose_from(tx, by, at) if gives else (),
        may_work=may(by, Deed.WORK_LEADS),
        may_reassign=gives,
        may_erase=may(by, Deed.ADMINISTER),
    )


def _to_choose_from(tx: Connection, by: Principal, at: datetime) -> tuple[tuple[str, str], ...]:
    return tuple((one.person_id, one.name) for one in people_of(tx, on=at, limit=MOST_PEOPLE, by=by, at=at).rows)


def _names(
    tx: Connection,
    lead: RecordedLead,
    decisions: Iterable[RecordedDecision],
    events: Iterable[LeadEvent],
    running: Iterable[Timer],
) -> dict[str, str]:
    whom = {lead.person_id, *(one.by for one in decisions), *(one.decision.person_id for one in decisions)}
    whom |= {*(one.by for one in events), *(one.person_id for one in running)}
    whom |= {value for one in events for value in one.detail.values() if isinstance(value, str)}
    found = people.find(tx, sorted(one for one in whom if one is not None and one != SYSTEM))
    return {SYSTEM: "Patchbook", **{one: profile.name for one, profile in found.items()}}


def _told(event: LeadEvent, names: Mapping[str, str]) -> str:
    """What was said of an event, with names where ids of people stand."""
    return "; ".join(names.get(value, value) for value in map(str, event.detail.values()))


def plan_names(tx: Connection, plan_ids: Iterable[str | None], by: Principal, at: datetime) -> dict[str, str]:
    """What these plans are called, where this person may see them."""
    names: dict[str, str] = {}
    for plan_id in {one for one in plan_ids if one is not None}:
        with suppress(NotFound):
            names[plan_id] = plan_actions.get(tx, plan_id, by=by, at=at).name
    return names


def _path(lead_id: str) -> str:
    return f"/routing/leads/{lead_id}"


@router.page("/routing/leads/{lead_id}", Deed.SEE)
def show_lead(here: Looked, lead_id: InPath) -> Response:
    """The page of a lead."""
    return here.show("routing/lead.html", load(here.tx, lead_id, by=here.person, at=here.at))


@router.form("/routing/leads/{lead_id}/acceptance", Deed.WORK_LEADS)
async def accept_by_form(lead_id: InPath, request: Request, knocked: Knocked) -> Response:
    """Take it on."""
    await at_desk(request, lambda lane, by, at: actions.accept(lane, lead_id, by=by, at=at))
    return sent_on(request, _path(lead_id), "The lead is accepted.")


@router.form("/routing/leads/{lead_id}/touches", Deed.WORK_LEADS)
async def touch_by_form(
    lead_id: InPath, request: Request, knocked: Knocked, how: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Note that somebody got in touch."""
    await at_desk(request, lambda lane, by, at: actions.touch(lane, lead_id, how, by=by, at=at))
    return sent_on(request, _path(lead_id), "It is noted that somebody got in touch.")


@router.form("/routing/leads/{lead_id}/return", Deed.WORK_LEADS)
async def return_by_form(
    lead_id: InPath, request: Request, knocked: Knocked, why: Why = "", read: Read = None
) -> Response:
    """Give it back, so that somebody else gets it."""

    def deed(lane: Lane, by: Principal, at: datetime) -> str:
        return _said(lane, actions.give_back(lane, lead_id, why, read=read, by=by, at=at), at)

    # Whoever gives a lead back may see it no more, so they go on to what they may see.
    return sent_on(request, "/routing", f"The lead is given back. {await at_desk(request, deed)}")


@router.form("/routing/leads/{lead_id}/closure", Deed.WORK_LEADS)
async def close_by_form(lead_id: InPath, request: Request, knocked: Knocked, why: Why = "") -> Response:
    """End it."""
    await at_desk(request, lambda lane, by, at: actions.close(lane, lead_id, why, by=by, at=at))
    return sent_on(request, _path(lead_id), "The lead is closed.")


@router.form("/routing/leads/{lead_id}/reassignment", Deed.REASSIGN_LEADS)
async def reassign_by_form(
    lead_id: InPath,
    request: Request,
    knocked: Knocked,
    person_id: Annotated[str, Form(max_length=200)] = "",
    why: Why = "",
    read: Read = None,
) -> Response:
    """Give it to somebody by hand."""

    def deed(lane: Lane, by: Principal, at: datetime) -> str:
        return _said(lane, actions.assign(lane, lead_id, person_id.strip(), why, read=read, by=by, at=at), at)

    return sent_on(request, _path(lead_id), await at_desk(request, deed))


@router.form("/routing/leads/{lead_id}/rerouting", Deed.REASSIGN_LEADS)
async def reroute_by_form(lead_id: InPath, request: Request, knocked: Knocked, read: Read = None) -> Response:
    """Decide about it again, by the rules of now."""

    def deed(lane: Lane, by: Principal, at: datetime) -> str:
        return _said(lane, actions.reroute(lane, lead_id, read=read, by=by, at=at), at)

    return sent_on(request, _path(lead_id), await at_desk(request, deed))


@router.form("/routing/leads/{lead_id}/merger", Deed.ADMINISTER)
async def merge_by_form(
    lead_id: InPath, request: Request, knocked: Knocked, into: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """End it, as another one is of the same thing."""
    await at_desk(request, lambda lane, by, at: actions.merge(lane, lead_id, into.strip(), by=by, at=at))
    return sent_on(request, _path(into.strip()), f"The lead {lead_id} is merged into this one.")


@router.form("/routing/leads/{lead_id}/erasure", Deed.ADMINISTER)
def erase_by_form(here: Looked, lead_id: InPath) -> Response:
    """Erase what it says of the person behind it."""
    actions.erase(here.tx, lead_id, by=here.person, at=here.at)
    return here.done(_path(lead_id), "What the lead said of a person is erased; the company and the decisions stay.")


def _said(lane: Lane, answered: Answered, at: datetime) -> str:
    return looking.with_names(answered.decision, lane.basis(at).company.people).says
