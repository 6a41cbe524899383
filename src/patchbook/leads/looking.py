"""What is asked about leads: which there are, why somebody has one, what waits for how long, how fast we are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from pydantic import TypeAdapter
from sqlalchemy import Connection

from patchbook.db.page import Page, limit_of, moment_of, page_of
from patchbook.errors import BadInput
from patchbook.leads import store
from patchbook.leads.actions import seen, too_long
from patchbook.leads.lead import LeadEvent, RecordedDecision, RecordedLead, Status
from patchbook.leads.names import named, people_in
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.period import microseconds
from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind
from patchbook.words import counted

MONTH = timedelta(days=30)
_WHOLE = TypeAdapter(Decision)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits for an owner."""

    waiting: int
    oldest_at: datetime | None
    """When the oldest of them came."""
    overdue: int
    """How many have waited for longer than is allowed."""
    alarm_minutes: int
    """How long that is, in minutes; 0 where it is never too long."""
    page: Page[Waiting]

    @property
    def is_alarm(self) -> bool:
        """Whether something waits for too long."""
        return self.overdue > 0

    @property
    def says(self) -> str:
        """It in one sentence."""
        if not self.waiting:
            return "Nothing waits: every lead you may see has an owner."
        wait = f"{counted(self.waiting, 'lead waits', 'leads wait')} for an owner"
        if not self.alarm_minutes:
            return f"{wait}."
        longer = f"longer than {counted(self.alarm_minutes, 'minute')}"
        return f"Alarm: {wait}, {self.overdue:,} of them {longer}." if self.is_alarm else f"{wait}, none {longer}."


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A lead in the queue, and why it is there."""

    lead: RecordedLead
    age_seconds: float
    """How long it has waited: since it came, or since whoever had it last has it no more."""
    is_overdue: bool
    """Whether that is longer than is allowed."""
    says: str
    holds_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How long something took, over all the leads it happened with."""

    count: int
    median_seconds: float | None
    p90_seconds: float | None
    longest_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How fast leads that came in a period were answered."""

    since: datetime
    until: datetime
    received: int
    unassigned: int
    untouched: int
    to_assigned: Lag
    """From when it came until somebody had it."""
    to_accepted: Lag
    """From when it came until whoever has it took it on."""
    to_touched: Lag
    """From when it came until somebody first got in touch."""


def leads(
    tx: Connection,
    *,
    status: Status | None = None,
    person_id: str | None = None,
    source: str | None = None,
    account_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[RecordedLead]:
    """The leads one may see, the newest first."""
    allow_somewhere(by, Deed.SEE)
    found = store.listed(
        tx,
        seen=seen(by, at),
        status=status,
        person_id=person_id,
        source=source,
        account_id=account_id,
        after=moment_of(after),
        limit=limit_of(limit) + 1,
    )
    return page_of(found, limit, _key)


def get(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> RecordedLead:
    """One lead."""
    allow_somewhere(by, Deed.SEE)
    return store.get(tx, lead_id, seen=seen(by, at))


def find(tx: Connection, text: str, *, limit: int = 20, by: Principal, at: datetime) -> list[RecordedLead]:
    """
    The leads one may see that a text names, the newest first.

    By the beginning of their id or of the id where they come from; of the newest also by what was told of them.
    """
    allow_somewhere(by, Deed.SEE)
    return store.matching(tx, text.strip(), seen=seen(by, at), limit=limit_of(limit)) if text.strip() else []


def rerouted_from(
    tx: Connection, person_id: str, *, since: datetime, limit: int = 1000, by: Principal, at: datetime
) -> list[RecordedLead]:
    """The leads one may see that somebody once had, and that were decided again since, by whoever has them now."""
    allow_somewhere(by, Deed.SEE)
    found = store.rerouted(tx, person_id, since=since, seen=seen(by, at), limit=limit_of(limit))
    return [lead for lead in found if lead.person_id != person_id]


def of_source_id(tx: Connection, source_id: str, *, by: Principal, at: datetime) -> list[RecordedLead]:
    """The leads one may see that have this id where they come from; a few, where several systems use it."""
    allow_somewhere(by, Deed.SEE)
    return store.by_source_id(tx, source_id, seen=seen(by, at), most=10)


def decisions(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> list[RecordedDecision]:
    """Every decision about a lead with its reasons, the first one first; people are told by name."""
    get(tx, lead_id, by=by, at=at)
    return told(tx, store.decisions(tx, lead_id))


def events(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> list[LeadEvent]:
    """What was done with a lead, the first thing first."""
    get(tx, lead_id, by=by, at=at)
    return store.events(tx, lead_id)


def queue(tx: Connection, *, after: str | None = None, limit: int = 100, by: Principal, at: datetime) -> Queue:
    """What waits in the orphan queue, the oldest first; for whoever sees the whole company."""
    allow_somewhere(by, Deed.SEE)
    mine = seen(by, at)
    found = store.listed(
        tx,
        seen=mine,
        status=Status.QUEUED,
        after=moment_of(after),
        oldest_first=True,
        limit=limit_of(limit) + 1,
    )
    page = page_of(found, limit, _key)
    why = {one.lead_id: one for one in told(tx, store.last_decisions(tx, [lead.lead_id for lead in page.rows]))}
    minutes, late = too_long(tx, at=at)
    waiting, oldest, overdue = store.queued(tx, seen=mine, since=late)
    since = store.queued_since(tx, [lead.lead_id for lead in page.rows])
    rows = tuple(
        Waiting(
            lead=lead,
            age_seconds=(at - since[lead.lead_id]).total_seconds(),
            is_overdue=late is not None and since[lead.lead_id] <= late,
            says=_why_queued(why[lead.lead_id]),
            holds_until=lead.holds_until,
        )
        for lead in page.rows
    )
    told_page = Page(rows, page.next_cursor)
    return Queue(waiting=waiting, oldest_at=oldest, overdue=overdue, alarm_minutes=minutes, page=told_page)


def speed(
    tx: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kind: Kind | None = None,
    person_id: str | None = None,
    by: Principal,
    at: datetime,
) -> Speed:
    """How fast the leads one may see were assigned, accepted and touched; the last 30 days where no period is told."""
    allow_somewhere(by, Deed.SEE)
    end = until or at
    start = since or end - MONTH
    if start >= end:
        raise BadInput("The period asked about is empty; its end must be after its start.")
    rows = store.instants(tx, seen=seen(by, at), since=start, until=end, kind=kind)
    if person_id is not None:
        rows = [row for row in rows if row.person_id == person_id]
    return Speed(
        since=start,
        until=end,
        received=len(rows),
        unassigned=sum(row.first_assigned_at is None for row in rows),
        untouched=sum(row.touched_at is None for row in rows),
        to_assigned=lag((row.received_at, row.first_assigned_at) for row in rows),
        to_accepted=lag((row.received_at, row.accepted_at) for row in rows),
        to_touched=lag((row.received_at, row.touched_at) for row in rows),
    )


def lag(pairs: Iterable[tuple[datetime, datetime | None]]) -> Lag:
    """
    The middle and the ninth tenth of how long things took, of those that happened.

    Examples
    --------
    >>> begun = datetime(2027, 1, 1)
    >>> lag((begun, begun + timedelta(seconds=took)) for took in (1, 2, 3, 100)).median_seconds
    2.0
    """
    took = sorted((end - start).total_seconds() for start, end in pairs if end is not None)
    if not took:
        return Lag(count=0, median_seconds=None, p90_seconds=None, longest_seconds=None)
    return Lag(count=len(took), median_seconds=_rank(took, 0.5), p90_seconds=_rank(took, 0.9), longest_seconds=took[-1])


def told(tx: Connection, made: Sequence[RecordedDecision]) -> list[RecordedDecision]:
    """Decisions with the names of people instead of what stands for them; who was erased is told as erased."""
    packed = [_WHOLE.dump_python(one.decision) for one in made]
    profiles = people.find(tx, sorted(set(people_in(packed))))
    return [with_names(one, profiles) for one in made]


def with_names(made: RecordedDecision, profiles: Mapping[str, Person]) -> RecordedDecision:
    """A decision with the names of these people instead of what stands for them."""
    return replace(made, decision=_named(made.decision, {who: one.name for who, one in profiles.items()}))


def _named(decision: Decision, names: Mapping[str, str]) -> Decision:
    def name_of(person_id: str) -> str:
        return names.get(person_id, person_id)

    return replace(
        decision,
        steps=tuple(replace(step, says=named(step.says, name_of)) for step in decision.steps),
        skipped=tuple(replace(one, why=named(one.why, name_of)) for one in decision.skipped),
        turns=tuple(replace(one, says=named(one.says, name_of)) for one in decision.turns),
    )


def _why_queued(made: RecordedDecision) -> str:
    """The last reason before it went into the queue."""
    steps = made.decision.steps
    return " ".join(step.says for step in steps[-2:])


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _key(lead: RecordedLead) -> tuple[int, str]:
    return microseconds(lead.received_at), lead.lead_id
