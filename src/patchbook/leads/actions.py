"""What is done with leads: taken in, decided about, accepted, touched, given back, given by hand, closed, swept.

Each deed that decides is done in the lane (`lane.deciding`), and keeps what was decided whole: the decisions are the
trail of what happened to a lead, so they are not told to the audit trail again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from patchbook.audit import actions as audit
from patchbook.db import settings
from patchbook.db.crash import crash_point
from patchbook.db.metadata import new_id
from patchbook.db.record import hold_leads
from patchbook.errors import BadInput
from patchbook.leads import store
from patchbook.leads.answers import Beside
from patchbook.leads.fields import OF_THE_COMPANY
from patchbook.leads.lane import NOBODY, Lane
from patchbook.leads.lead import (
    AnotherLead,
    Answered,
    Cause,
    LeadEvent,
    Received,
    RecordedDecision,
    RecordedLead,
    Status,
    What,
)
from patchbook.leads.names import token
from patchbook.leads.tables import lead as table
from patchbook.leads.world import contact_digest
from patchbook.people.permission import Deed, allow, allow_somewhere, in_lead_scope, in_people_scope
from patchbook.people.principal import Principal
from patchbook.people.profile import UnknownPerson
from patchbook.people.store import person
from patchbook.routing.decision import Decision, Outcome, Step
from patchbook.routing.service_levels import What as Awaited
from patchbook.routing.turn import turns_of
from patchbook.service import timers

BY_HAND = "by hand"
MOST_SWEPT = 1_000
NEVER = 100 * 366 * 24 * 60
"""Minutes nothing waits for; a longer wait is none."""
ERASED = "erased"
"""Instead of the digest of a lead that was erased: what is sent again under its id is not taken in again."""


class NotMerged(BadInput):
    """Two leads that cannot be one."""


class NoReason(BadInput):
    """A deed that takes a lead from somebody, or ends it, says why."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a look through the queue did."""

    looked_at: int
    assigned: int
    waiting: int
    """Still in the queue."""

    @property
    def says(self) -> str:
        """It in one sentence."""
        return f"{self.looked_at:,} looked at, {self.assigned:,} assigned, {self.waiting:,} still waiting."


def receive(lane: Lane, what: Received, *, by: Principal, at: datetime) -> Answered:
    """
    Take a lead in and decide who gets it; one that came before is answered as it was then.

    Raises
    ------
    AnotherLead
        The same id came from the same source before, and said something else.
    """
    allow(lane.tx, by, Deed.ROUTE, at=at)
    before = store.by_source(lane.tx, what.source, what.source_id)
    if before is not None:
        return _as_before(lane, before, what)
    email = what.fields.get("email")
    made = RecordedLead(
        lead_id=new_id("lead"),
        source=what.source,
        source_id=what.source_id,
        kind=what.kind,
        motion=what.motion,
        received_at=min(what.received_at or at, at),
        fields=what.fields,
        digest=what.digest,
        status=Status.QUEUED,
        value_usd=_value(what.fields.get("amount_usd")),
        contact=contact_digest(lane.key, email),
    )
    decided, decision = _whole(lane.decide(made, cause=Cause.RECEIVED, by=by.person_id, at=at))
    crash_point("lead decided")
    store.add(lane.tx, decided)
    store.add_decision(lane.tx, decision)
    timers.begin(lane, decided, at=at)
    crash_point("lead kept")
    return Answered(lead=decided, decision=decision, unread=what.unread)


def reroute(
    lane: Lane,
    lead_id: str,
    *,
    read: int | None = None,
    by: Principal,
    at: datetime,
) -> Answered:
    """
    Decide about a lead again, by the rules of now.

    Parameters
    ----------
    read
        Refuse where it does not have this number of decisions any more.
    """
    known = _within(lane.tx, lead_id, Deed.REASSIGN_LEADS, by=by, at=at)
    known.refuse_decided_since(read)
    known.refuse_closed()
    return _again(lane, known, cause=Cause.REROUTED, by=by, at=at)


def passed_on(
    lane: Lane, known: RecordedLead, *, besides: Mapping[str, Beside], by: Principal, at: datetime
) -> Answered | None:
    """Give a lead that waited too long to somebody else; None, and nothing done, where nobody else may have it."""
    fresh = replace(known, accepted_at=None, touched_at=None)
    decided, decision = lane.decide(
        fresh, cause=Cause.OVERDUE, by=by.person_id, at=at, besides=besides, keep_queued=False
    )
    if decision is None:
        return None
    store.add_decision(lane.tx, decision)
    timers.begin(lane, decided, at=at)
    return Answered(lead=store.save(lane.tx, decided), decision=decision)


def accept(lane: Lane, lead_id: str, *, by: Principal, at: datetime) -> RecordedLead:
    """Take a lead on that one was given; a second time changes nothing."""
    known = _worked(lane.tx, lead_id, by=by, at=at)
    accepted = known.accept(at)
    if accepted == known:
        return known
    _note(lane.tx, known, What.ACCEPTED, by=by, at=at)
    timers.stop(lane, lead_id, met=(Awaited.ACCEPT,), at=at)
    return store.save(lane.tx, accepted)


def touch(lane: Lane, lead_id: str, how: str = "", *, by: Principal, at: datetime) -> RecordedLead:
    """Note that somebody got in touch, which accepts the lead as well; how says by what."""
    known = _worked(lane.tx, lead_id, by=by, at=at)
    touched = known.touch(at)
    _note(lane.tx, known, What.TOUCHED, by=by, at=at, how=how)
    timers.stop(lane, lead_id, met=(Awaited.ACCEPT, Awaited.FIRST_TOUCH), at=at)
    return store.save(lane.tx, touched)


def give_back(lane: Lane, lead_id: str, why: str, *, read: int | None = None, by: Principal, at: datetime) -> Answered:
    """
    Give a lead back: the turn it took is credited, and somebody else gets it.

    Raises
    ------
    NotAssigned
        It is with nobody.
    """
    reason = _reason(why, "given back")
    known = _worked(lane.tx, lead_id, by=by, at=at)
    known.refuse_decided_since(read)
    known = known.give_back()
    assert known.person_id is not None
    _note(lane.tx, known, What.RETURNED, by=by, at=at, why=reason, person_id=known.person_id)
    _credit(lane, store.last_decision(lane.tx, known))
    besides = dict.fromkeys(returned_by(lane.tx, lead_id), Beside.RETURNED)
    return _again(lane, known, cause=Cause.RETURNED, besides=besides, by=by, at=at)


def returned_by(tx: Connection, lead_id: str) -> set[str]:
    """Who gave a lead back."""
    gone = {one.detail.get("person_id") for one in store.events(tx, lead_id) if one.what == What.RETURNED}
    return {str(one) for one in gone if one}


def close(lane: Lane, lead_id: str, why: str, *, by: Principal, at: datetime) -> RecordedLead:
    """End a lead: won, lost, a duplicate, nobody to be reached."""
    reason = _reason(why, "closed")
    known = _worked(lane.tx, lead_id, by=by, at=at)
    closed = known.close(at)
    _note(lane.tx, known, What.CLOSED, by=by, at=at, why=reason)
    timers.stop(lane, lead_id, met=(), at=at)
    return store.save(lane.tx, closed)


def merge(lane: Lane, lead_id: str, into: str, *, by: Principal, at: datetime) -> RecordedLead:
    """
    End a lead that another one is of the same thing; what only it says goes to the other, which stays where it is.

    Whoever has it gets the turn back, as for a lead that is given back.

    Raises
    ------
    NotMerged
        They are one already, or the other was erased.
    """
    allow(lane.tx, by, Deed.ADMINISTER, at=at)
    known, kept = store.get(lane.tx, lead_id), store.get(lane.tx, into)
    if lead_id == into:
        raise NotMerged(f"The lead {lead_id} is merged into another one, not into itself.")
    if kept.digest == ERASED:
        raise NotMerged(f"The lead {into} was erased; what another says of the person does not go to it.")
    closed = known.close(at)
    if known.status is Status.ASSIGNED:
        _credit(lane, store.last_decision(lane.tx, known))
    _note(lane.tx, known, What.MERGED, by=by, at=at, into=into)
    _note(lane.tx, kept, What.MERGED, by=by, at=at, lead_id=lead_id)
    timers.stop(lane, lead_id, met=(), at=at)
    told = {name: value for name, value in kept.fields.items() if value is not None}
    value = known.value_usd if kept.value_usd is None else kept.value_usd
    fuller = replace(kept, fields={**known.fields, **told}, contact=kept.contact or known.contact, value_usd=value)
    store.save(lane.tx, fuller)
    return store.save(lane.tx, closed)


def assign(
    lane: Lane, lead_id: str, person_id: str, why: str, *, read: int | None = None, by: Principal, at: datetime
) -> Answered:
    """
    Give a lead to somebody by hand, whatever the rules say.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody this person may see.
    """
    allow_somewhere(by, Deed.REASSIGN_LEADS)
    reason = _reason(why, "given by hand")
    known = _within(lane.tx, lead_id, Deed.REASSIGN_LEADS, by=by, at=at)
    known.refuse_decided_since(read)
    known.refuse_closed()
    basis = lane.basis(at)
    profile = basis.company.people.get(person_id)
    if profile is None or not _sees_person(lane.tx, person_id, by=by, at=at):
        raise UnknownPerson(person_id)
    profile.employment_on(at)
    says = f"{token(by.person_id)} gave it to {token(person_id)} by hand: {reason}"
    decision = Decision(
        lead_id=lead_id,
        at=at,
        person_id=person_id,
        territory_id=known.territory_id,
        account_id=known.account_id,
        route="",
        stage=BY_HAND,
        steps=(Step(stage=BY_HAND, outcome=Outcome.TOOK, says=says if says.endswith(".") else f"{says}."),),
        turns=lane.turns_by_hand(known, person_id, at=at),
    )
    changed, kept = lane.keep(known, decision, basis, {}, cause=Cause.BY_HAND, by=by.person_id)
    store.add_decision(lane.tx, kept)
    timers.begin(lane, changed, at=at)
    return Answered(lead=store.save(lane.tx, changed), decision=kept)


def sweep(lane: Lane, *, limit: int = MOST_SWEPT, by: Principal, at: datetime) -> Swept:
    """Decide again about what waits in the queue; what still finds nobody stays, and no decision is kept of it."""
    allow(lane.tx, by, Deed.ROUTE, at=at)
    waiting = store.due(lane.tx, at=at, limit=limit)
    assigned = 0
    for known in waiting:
        changed, decision = lane.decide(known, cause=Cause.SWEPT, by=by.person_id, at=at, keep_queued=False)
        if decision is not None:
            store.add_decision(lane.tx, decision)
            timers.begin(lane, changed, at=at)
            assigned += 1
        if changed != known:
            store.save(lane.tx, changed)
    return Swept(looked_at=len(waiting), assigned=assigned, waiting=len(waiting) - assigned)


def alarm(lane: Lane, *, limit: int = MOST_SWEPT, by: Principal, at: datetime) -> int:
    """Tell of leads that wait in the queue for longer than is allowed, once for each wait; how many these were."""
    allow(lane.tx, by, Deed.ROUTE, at=at)
    _, late = too_long(lane.company, at=at)
    if late is None:
        return 0
    overdue = store.overdue(lane.tx, since=late, limit=limit)
    for known, since in overdue:
        waited = int((at - since).total_seconds() // 60)
        _note(lane.tx, known, What.ALARMED, by=by, at=at, minutes=waited)
        lane.announce_alarm(known, since, waited, at=at)
    return len(overdue)


def too_long(tx: Connection, *, at: datetime) -> tuple[int, datetime | None]:
    """How many minutes a lead may wait in the queue, and the instant since which one has waited too long, if any."""
    minutes = settings.value(tx, "queue_alarm_minutes")
    return minutes, at - timedelta(minutes=min(minutes, NEVER)) if minutes else None


def erase(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> RecordedLead:
    """Erase what a lead says of the person behind it; the company, and what was decided, stay."""
    allow(tx, by, Deed.ADMINISTER, at=at)
    hold_leads(tx)  # a decision under way would keep what it read before
    known = store.get(tx, lead_id)
    fields = {name: value for name, value in known.fields.items() if name in OF_THE_COMPANY}
    _note(tx, known, What.ERASED, by=by, at=at)
    audit.record(tx, "erase", lead_id, kind="lead", by=by.person_id, at=at)
    return store.save(tx, replace(known, fields=fields, contact=None, digest=ERASED))


def _as_before(lane: Lane, before: RecordedLead, what: Received) -> Answered:
    if before.digest != what.digest:
        raise AnotherLead(what.source, what.source_id, before.lead_id)
    return Answered(
        lead=before,
        decision=store.last_decision(lane.tx, before, number=1),
        is_new=False,
        unread=what.unread,
    )


def _again(
    lane: Lane,
    known: RecordedLead,
    *,
    cause: Cause,
    besides: Mapping[str, Beside] = NOBODY,
    by: Principal,
    at: datetime,
) -> Answered:
    decided, decision = _whole(lane.decide(known, cause=cause, by=by.person_id, at=at, besides=besides))
    store.add_decision(lane.tx, decision)
    timers.begin(lane, decided, at=at)
    return Answered(lead=store.save(lane.tx, decided), decision=decision)


def _whole(decided: tuple[RecordedLead, RecordedDecision | None]) -> tuple[RecordedLead, RecordedDecision]:
    changed, decision = decided
    assert decision is not None
    return changed, decision


def _credit(lane: Lane, decision: RecordedDecision) -> None:
    """Give the turns of a decision back to whoever took them."""
    for taken in decision.decision.turns:
        state = lane.turn_after(taken.pool_id)
        members = lane.basis(decision.at).company.pools.get(taken.pool_id)
        if state is None or members is None or not taken.counts:
            continue
        if all(one.person_id != taken.person_id for one in members.members):
            continue  # who has left the pool has no turn to be credited
        rules = lane.basis(decision.at).routing.pool_rules(members.pool_id, members.name)
        lane.keep_turn(taken.pool_id, turns_of(state, members.members, rules).credited(taken.person_id).packed())


def _worked(tx: Connection, lead_id: str, *, by: Principal, at: datetime) -> RecordedLead:
    """A lead one may work on: one's own, a report's, or for planners any."""
    return _within(tx, lead_id, Deed.WORK_LEADS, by=by, at=at)


def _within(tx: Connection, lead_id: str, deed: Deed, *, by: Principal, at: datetime) -> RecordedLead:
    """A lead within the scope of the roles by which somebody may do this; others are as if they were not there."""
    allow_somewhere(by, deed)
    return store.get(tx, lead_id, seen=seen(by, at, deed))


def seen(by: Principal, at: datetime, deed: Deed = Deed.SEE) -> Any:
    """Whether a lead is one somebody may see, or do another deed with."""
    return in_lead_scope(by, person_id=table.c.person_id, territory=table.c.territory_id, at=at, deed=deed)


def _sees_person(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> bool:
    visible = in_people_scope(by, person_id=person.c.person_id, at=at)
    return tx.execute(select(person.c.person_id).where(person.c.person_id == person_id, visible)).first() is not None


def _note(tx: Connection, known: RecordedLead, what: What, *, by: Principal, at: datetime, **detail: Any) -> None:
    store.add_event(
        tx,
        LeadEvent(
            event_id=f"{known.lead_id}-{store.count_events(tx, known.lead_id) + 1:04}",
            lead_id=known.lead_id,
            at=at,
            what=what.value,
            by=by.person_id,
            detail={name: value for name, value in detail.items() if value},
        ),
    )


def _reason(why: str, done: str) -> str:
    if not why.strip():
        raise NoReason(f"A lead is {done} for a reason; say why in a few words.")
    return why.strip()


def _value(amount: Any) -> float | None:
    return float(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else None
