"""Leads: taken in and answered with their owner, looked at, worked and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, JsonValue
from starlette.concurrency import run_in_threadpool

from patchbook.leads import actions, looking
from patchbook.leads.desk import Admit
from patchbook.leads.fields import LONGEST, MOST_FIELDS, read_fields
from patchbook.leads.file import read_leads
from patchbook.leads.lane import Lane
from patchbook.leads.lead import AnotherLead, Answered, Cause, Received, RecordedDecision, RecordedLead, Status
from patchbook.people.principal import Principal
from patchbook.routing.lead import Kind, Motion
from patchbook.web.api.imports import UPLOADED
from patchbook.web.lane import Knocked, at_desk
from patchbook.web.models import AnId, Id, In, InPath, Listed, Out, Paged, When, Why, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["leads"])

ROWS_A_TURN = 25

Sent = tuple[int, str, Received]
"""Its place in the batch or file, its id, and itself."""


Decisions = Annotated[
    int | None,
    Query(
        ge=1,
        le=2**31 - 1,
        description="`decisions` of the lead as you read it: refused where it was decided about since, so that what is"
        " sent again is done once.",
    ),
]


class LeadIn(In):
    """A lead as a form, a CRM or a file has it."""

    source: Id = Field(description="The system it comes from; with `source_id` it tells the lead from all others.")
    source_id: Id = Field(description="Its id there. Sent again, the lead is answered as it was the first time.")
    kind: Kind = Kind.LEAD
    motion: Motion = Motion.INBOUND
    received_at: When | None = Field(default=None, description="When it came to the source; now where it is absent.")
    fields: dict[str, JsonValue] = Field(
        default={},
        max_length=MOST_FIELDS,
        description="Fields of an account (`name` is the company, `domain`, `country`, …), `email`, `contact`,"
        " `language`, `product`, `amount_usd`, and fields of your own; usual other names of columns are known.",
    )

    def received(self) -> Received:
        """The lead with its fields cleaned."""
        read = read_fields(self.fields)
        return Received(
            source=self.source,
            source_id=self.source_id,
            kind=self.kind,
            motion=self.motion,
            fields=read.fields,
            unread=read.unread,
            received_at=self.received_at,
        )


class LeadOut(Out):
    """A lead as it stands."""

    lead_id: str
    source: str
    source_id: str
    kind: Kind
    motion: Motion
    received_at: datetime
    fields: dict[str, Any]
    status: Status
    account_id: str | None
    territory_id: str | None
    person_id: str | None
    decisions: int
    first_assigned_at: datetime | None
    assigned_at: datetime | None
    accepted_at: datetime | None
    touched_at: datetime | None
    closed_at: datetime | None
    holds_until: datetime | None


class StepOut(Out):
    """One stage of the route."""

    stage: str
    outcome: str
    says: str


class SkippedOut(Out):
    """Somebody who could have had it, and why they did not get it."""

    person_id: str
    why: str


class VersionOut(Out):
    """What a decision was made from."""

    routing_version: int
    plan_id: str | None
    publication_id: str | None
    snapshot_id: str | None
    known: datetime | None


class DecisionOut(Out):
    """A decision and its reasons."""

    decision_id: str
    number: int
    at: datetime
    by: str
    cause: Cause
    version: VersionOut
    says: str
    person_id: str | None
    territory_id: str | None
    account_id: str | None
    pool_id: str | None
    route: str
    stage: str
    steps: list[StepOut]
    skipped: list[SkippedOut]

    @classmethod
    def of(cls, noun: RecordedDecision) -> DecisionOut:
        """The decision as it goes out."""
        whole = noun.decision
        told = {name: getattr(noun, name) for name in ("decision_id", "number", "at", "by", "cause", "pool_id", "says")}
        names = ("person_id", "territory_id", "account_id", "route", "stage")
        return cls(
            **told,
            **{name: getattr(whole, name) for name in names},
            version=VersionOut.of(noun.version),
            steps=[StepOut.of(step) for step in whole.steps],
            skipped=[SkippedOut.of(one) for one in whole.skipped],
        )


class UnreadOut(Out):
    """A field that could not be read, and what would be right."""

    field: str
    found: str
    expected: str


class AnsweredOut(Out):
    """Who has a lead, and why."""

    lead: LeadOut
    decision: DecisionOut
    is_new: bool = Field(description="False where the same lead came before; the decision is the one made then.")
    unread: list[UnreadOut]

    @classmethod
    def of(cls, noun: Answered) -> AnsweredOut:
        """The answer as it goes out."""
        return cls(
            lead=LeadOut.of(noun.lead),
            decision=DecisionOut.of(noun.decision),
            is_new=noun.is_new,
            unread=[UnreadOut.of(one) for one in noun.unread],
        )


class BatchIn(In):
    """Several leads, each decided by itself."""

    leads: list[LeadIn] = Field(min_length=1, max_length=1_000)


class RowOut(Out):
    """What became of one lead of a batch or file."""

    row: int = Field(description="Its place in the batch, from 1, or its line of the file.")
    source_id: str | None
    lead_id: str | None
    person_id: str | None
    says: str
    is_taken: bool = Field(description="False where it was refused; `says` tells why.")


class BatchOut(Out):
    """What became of several leads: good ones are kept, bad ones listed."""

    taken: int
    refused: int
    rows: list[RowOut]


class WhyIn(In):
    """A reason."""

    why: Why


class TouchIn(In):
    """How somebody got in touch."""

    how: str = Field(default="", max_length=LONGEST // 50, pattern=r"^[^\x00]*$")


class AssignmentIn(In):
    """Who gets a lead by hand, and why."""

    person_id: Id
    why: Why


class LeadEventOut(Out):
    """Something done with a lead."""

    event_id: str
    at: datetime
    what: str
    by: str
    detail: dict[str, Any]


@router.post("/leads", status_code=201, responses={200: {"model": AnsweredOut, "description": "It came before."}})
async def receive_lead(what: LeadIn, request: Request, knocked: Knocked, response: Response) -> AnsweredOut:
    """Take a lead in, decide who gets it, and answer with the owner and the reasons once that is on the disk."""
    received = what.received()

    def deed(lane: Lane, by: Principal, at: datetime) -> Answered:
        return _told(lane, actions.receive(lane, received, by=by, at=at), at)

    answered = await at_desk(request, deed, writes_last=True)
    if not answered.is_new:
        response.status_code = 200
    return AnsweredOut.of(answered)


@router.post("/leads/batch", status_code=201)
async def receive_leads(what: BatchIn, request: Request, knocked: Knocked) -> BatchOut:
    """Take several leads in; each is decided in the order given, and a bad one does not keep the others out."""
    rows = [(place, one.source_id, one.received()) for place, one in enumerate(what.leads, start=1)]
    return await take(request, rows, [])


@router.post("/leads/file", status_code=201, openapi_extra=UPLOADED)
async def import_leads(
    request: Request,
    knocked: Knocked,
    source: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Where it is from.")],
) -> BatchOut:
    """Take the leads of a CSV file in, a row each, with a column of their ids; bad rows are listed with their line."""
    path: Path = request.state.upload
    file = await run_in_threadpool(read_leads, path, source=source)
    refused = [
        RowOut(row=one.line, source_id=None, lead_id=None, person_id=None, says=one.says, is_taken=False)
        for one in file.refused
    ]
    return await take(request, [(row.line, row.received.source_id, row.received) for row in file.rows], refused)


@router.get("/leads")
def list_leads(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    paging: Paged,
    status: Annotated[Status | None, Query(description="Only those that are so.")] = None,
    person_id: AnId = None,
    source: AnId = None,
    account_id: AnId = None,
) -> Listed[LeadOut]:
    """The leads one may see, the newest first."""
    found = looking.leads(
        tx,
        status=status,
        person_id=person_id,
        source=source,
        account_id=account_id,
        after=paging.after,
        limit=paging.limit,
        by=person,
        at=at,
    )
    return paging.listed(LeadOut, found)


@router.get("/leads/{lead_id}")
def get_lead(lead_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> LeadOut:
    """One lead as it stands."""
    return LeadOut.of(looking.get(tx, lead_id, by=person, at=at))


@router.get("/leads/{lead_id}/decisions")
def list_decisions(lead_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> Listed[DecisionOut]:
    """Every decision about a lead with its reasons, the first one first."""
    return whole(DecisionOut, looking.decisions(tx, lead_id, by=person, at=at))


@router.get("/leads/{lead_id}/events")
def list_lead_events(lead_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> Listed[LeadEventOut]:
    """What was done with a lead, the first thing first."""
    return whole(LeadEventOut, looking.events(tx, lead_id, by=person, at=at))


@router.post("/leads/{lead_id}/acceptance", status_code=201)
async def accept_lead(lead_id: InPath, request: Request, knocked: Knocked) -> LeadOut:
    """Take a lead on; a second time changes nothing."""
    return LeadOut.of(await at_desk(request, lambda lane, by, at: actions.accept(lane, lead_id, by=by, at=at)))


@router.post("/leads/{lead_id}/touches", status_code=201)
async def touch_lead(lead_id: InPath, what: TouchIn, request: Request, knocked: Knocked) -> LeadOut:
    """Note that somebody got in touch, which accepts the lead as well; sent again, it is noted again."""
    return LeadOut.of(await at_desk(request, lambda lane, by, at: actions.touch(lane, lead_id, what.how, by=by, at=at)))


@router.post("/leads/{lead_id}/return", status_code=201)
async def return_lead(
    lead_id: InPath, what: WhyIn, request: Request, knocked: Knocked, read: Decisions = None
) -> AnsweredOut:
    """Give a lead back: the turn is credited, and somebody else gets it."""

    def deed(lane: Lane, by: Principal, at: datetime) -> Answered:
        return _told(lane, actions.give_back(lane, lead_id, what.why, read=read, by=by, at=at), at)

    return AnsweredOut.of(await at_desk(request, deed))


@router.post("/leads/{lead_id}/closure", status_code=201)
async def close_lead(lead_id: InPath, what: WhyIn, request: Request, knocked: Knocked) -> LeadOut:
    """End a lead: won, lost, a duplicate, nobody to be reached; a second time is refused."""
    return LeadOut.of(await at_desk(request, lambda lane, by, at: actions.close(lane, lead_id, what.why, by=by, at=at)))


@router.post("/leads/{lead_id}/reassignment", status_code=201)
async def reassign_lead(
    lead_id: InPath, what: AssignmentIn, request: Request, knocked: Knocked, read: Decisions = None
) -> AnsweredOut:
    """Give a lead to somebody by hand, whatever the rules say."""

    def deed(lane: Lane, by: Principal, at: datetime) -> Answered:
        return _told(lane, actions.assign(lane, lead_id, what.person_id, what.why, read=read, by=by, at=at), at)

    return AnsweredOut.of(await at_desk(request, deed))


@router.post("/leads/{lead_id}/rerouting", status_code=201)
async def reroute_lead(lead_id: InPath, request: Request, knocked: Knocked, read: Decisions = None) -> AnsweredOut:
    """Decide about a lead again, by the rules of now."""

    def deed(lane: Lane, by: Principal, at: datetime) -> Answered:
        return _told(lane, actions.reroute(lane, lead_id, read=read, by=by, at=at), at)

    return AnsweredOut.of(await at_desk(request, deed))


@router.post("/leads/{lead_id}/erasure", status_code=201)
def erase_lead(lead_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> LeadOut:
    """Erase what a lead says of the person behind it; the company, and what was decided, stay."""
    return LeadOut.of(actions.erase(tx, lead_id, by=person, at=at))


def _told(lane: Lane, answered: Answered, at: datetime) -> Answered:
    """The answer with the names of people in its reasons."""
    people = lane.basis(at).company.people
    return replace(answered, decision=looking.with_names(answered.decision, people))


async def take(request: Request, rows: list[Sent], refused: list[RowOut], *, admit: Admit | None = None) -> BatchOut:
    """Take leads in one after the other, some in each turn of the desk, so that others do not wait for them all."""
    taken: list[RowOut] = []
    for start in range(0, len(rows), ROWS_A_TURN):
        some = rows[start : start + ROWS_A_TURN]

        def deed(lane: Lane, by: Principal, at: datetime, some: list[Sent] = some) -> list[RowOut]:
            return [_taken(lane, row, source_id, received, by, at) for row, source_id, received in some]

        taken += await at_desk(request, deed, admit=admit)
    every = sorted([*taken, *refused], key=lambda one: one.row)
    good = sum(one.is_taken for one in every)
    return BatchOut(taken=good, refused=len(every) - good, rows=every)


def _taken(lane: Lane, row: int, source_id: str, received: Received, by: Principal, at: datetime) -> RowOut:
    try:
        answered: Answered = _told(lane, actions.receive(lane, received, by=by, at=at), at)
    except AnotherLead as refusal:
        return RowOut(row=row, source_id=source_id, lead_id=None, person_id=None, says=str(refusal), is_taken=False)
    made: RecordedLead = answered.lead
    return RowOut(
        row=row,
        source_id=source_id,
        lead_id=made.lead_id,
        person_id=made.person_id,
        says=answered.decision.says,
        is_taken=True,
    )
