"""
Where leads are decided: one transaction that writes leads, and beside it a view of everything else at one moment.

Leads have a queue of their own (decision 0016): a plan that is being published, or any other deed of the record, never
keeps a lead waiting on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from patchbook.db.metadata import new_id
from patchbook.db.record import Record
from patchbook.leads import store
from patchbook.leads.answers import BESIDES, Beside, digest_of_answers, digested
from patchbook.leads.knowledge import Basis, Knowledge, knowledge_of
from patchbook.leads.lead import QUEUE, Cause, RecordedDecision, RecordedLead
from patchbook.leads.names import named, token
from patchbook.leads.world import CompanyWorld
from patchbook.routing.decide import decide, turns_by_hand
from patchbook.routing.decision import Decision, Outcome, Step, TurnTaken
from patchbook.routing.question import Noted, World
from patchbook.routing.route import Routing
from patchbook.webhooks import actions as webhooks

NOTHING_TO_GO_BY = "It came without any field that could be read, so it waits in the orphan queue."
NOBODY: Mapping[str, Beside] = {}


@dataclass(kw_only=True)
class Lane:
    """One turn in the queue of leads; several may be decided in it, one after the other."""

    record: Record
    tx: Connection
    """The only transaction that writes leads now."""
    company: Connection
    """Everything else, as it was when the turn began."""
    knowledge: Knowledge
    _turns: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    _basis: tuple[datetime, Basis] | None = None
    """What it was at the instant asked about last: nothing changes while the turn goes on."""

    def basis(self, at: datetime) -> Basis:
        """What decisions are made from."""
        if self._basis is None or self._basis[0] != at:
            self._basis = (at, self.knowledge.basis(self.company, at))
        return self._basis[1]

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A deed that leaves nothing in this turn when it is refused."""
        turns = dict(self._turns)
        try:
            with self.tx.begin_nested():
                yield
        except BaseException:
            self._turns.clear()
            self._turns.update(turns)
            raise

    @cached_property
    def key(self) -> bytes:
        """What digests are keyed by."""
        return self.record.anchor.key

    def decide(
        self,
        made: RecordedLead,
        *,
        cause: Cause,
        by: str,
        at: datetime,
        besides: Mapping[str, Beside] = NOBODY,
        keep_queued: bool = True,
    ) -> tuple[RecordedLead, RecordedDecision | None]:
        """
        Decide about a lead, and keep what was decided; the lead itself is the caller's to keep.

        Parameters
        ----------
        besides
            Who does not get it, whatever the rules say, and why.
        keep_queued
            Whether another decision that leaves it in the queue is kept.
        """
        basis = self.basis(at)
        noted = Noted(self._world(made, basis, frozenset(besides), at))
        decision = decide_lead(made, basis.routing, noted, besides=besides, at=at)
        if besides:
            noted.answers[BESIDES] = {who: besides[who].value for who in sorted(besides)}
        if decision.is_queued and not keep_queued:
            return replace(made, holds_until=decision.holds_until), None
        return self.keep(made, decision, basis, noted.answers, cause=cause, by=by)

    def turns_by_hand(self, made: RecordedLead, person_id: str, *, at: datetime) -> tuple[TurnTaken, ...]:
        """The turns that giving a lead to somebody by hand counts as."""
        basis = self.basis(at)
        world = self._world(made, basis, frozenset(), at)
        return turns_by_hand(made.as_asked, person_id, basis.routing, world, at=at)

    def _world(self, made: RecordedLead, basis: Basis, besides: frozenset[str], at: datetime) -> CompanyWorld:
        return CompanyWorld(
            self.tx, self.company, basis, self._turns, key=self.key, lead_id=made.lead_id, besides=besides, at=at
        )

    def keep(
        self,
        made: RecordedLead,
        decision: Decision,
        basis: Basis,
        answers: Mapping[str, Any],
        *,
        cause: Cause,
        by: str,
    ) -> tuple[RecordedLead, RecordedDecision]:
        """Keep a decision whole, the turns it took, and where it puts the lead."""
        for taken in decision.turns:
            self.keep_turn(taken.pool_id, taken.state, taken=int(taken.counts))
        changed = made.decided(decision)
        told = digested(answers, self.key)
        kept = RecordedDecision(
            decision_id=new_id("decision"),
            lead_id=made.lead_id,
            number=changed.decisions,
            at=decision.at,
            by=by,
            cause=cause,
            version=basis.version,
            decision=decision,
            answers=told,
            answers_digest=digest_of_answers(told),
            pool_id=next((taken.pool_id for taken in decision.turns), None),
        )
        self._announce(changed, kept, basis)
        return changed, kept

    def _announce(self, lead: RecordedLead, kept: RecordedDecision, basis: Basis) -> None:
        """Leave a message for whoever is told of decisions."""
        told = basis.document.sections["webhooks"]
        if not told.targets:
            return
        whole = kept.decision
        data = {
            **_told_of(lead),
            "decision_id": kept.decision_id,
            "number": kept.number,
            "cause": kept.cause.value,
            "person_id": whole.person_id,
            "territory_id": whole.territory_id,
            "account_id": whole.account_id,
            "says": _in_names(kept.says, basis),
        }
        event = "lead.queued" if whole.is_queued else "lead.assigned"
        webhooks.announce(self.tx, told, event, lead.lead_id, data, at=kept.at)

    def announce_alarm(self, lead: RecordedLead, since: datetime, minutes: int, *, at: datetime) -> None:
        """Leave a message for whoever is told of leads that wait for too long."""
        basis = self.basis(at)
        told = basis.document.sections["webhooks"]
        if not told.targets:
            return
        data = {
            **_told_of(lead),
            "queued_since": since.astimezone(UTC).isoformat(),
            "minutes": minutes,
            "holds_until": lead.holds_until.astimezone(UTC).isoformat() if lead.holds_until else None,
            "says": _in_names(store.last_decision(self.tx, lead).says, basis),
        }
        webhooks.announce(self.tx, told, "queue.alarm", lead.lead_id, data, at=at)

    def turn_after(self, pool_id: str) -> Mapping[str, Any] | None:
        """The counters of a pool as this turn has left them."""
        if pool_id not in self._turns:
            self._turns[pool_id] = store.turns(self.tx, [pool_id]).get(pool_id)
        return self._turns[pool_id]

    def keep_turn(self, pool_id: str, state: Mapping[str, Any], *, taken: int = 0) -> None:
        """Keep the counters of a pool; a credit changes them and takes no turn."""
        self._turns[pool_id] = state
        store.keep_turn(self.tx, pool_id, state, taken=taken)


def _told_of(lead: RecordedLead) -> dict[str, Any]:
    """What every message about a lead tells of it."""
    return {
        "lead_id": lead.lead_id,
        "source": lead.source,
        "source_id": lead.source_id,
        "kind": lead.kind.value,
    }


def _in_names(says: str, basis: Basis) -> str:
    people = basis.company.people
    return named(says, lambda one: people[one].name if one in people else one)


def decide_lead(
    made: RecordedLead, routing: Routing, world: World, *, besides: Mapping[str, Beside] = NOBODY, at: datetime
) -> Decision:
    """The decision about a lead; one that says nothing at all waits in the queue for somebody to look at it."""
    if not made.fields:
        step = Step(stage=QUEUE, outcome=Outcome.TOOK, says=NOTHING_TO_GO_BY)
        return Decision(lead_id=made.lead_id, at=at, route="", stage=QUEUE, steps=(step,))
    decision = decide(made.as_asked, routing, world, at=at)
    if not besides:
        return decision
    return replace(
        decision,
        steps=tuple(replace(one, says=_truly(one.says, besides)) for one in decision.steps),
        skipped=tuple(replace(one, why=_truly(one.why, besides)) for one in decision.skipped),
    )


def _truly(says: str, besides: Mapping[str, Beside]) -> str:
    """Whoever does not get a lead again is told as such, where the routing only knows that they take nothing."""
    for person_id, reason in besides.items():
        who = token(person_id)
        says = says.replace(f"{who} takes nothing for now", f"{who} {reason.says.rstrip('.')}")
    return says


@contextmanager
def deciding(record: Record, *, at: datetime | None = None) -> Iterator[Lane]:
    """
    The lane, when it is this one's turn; all that is done in it is kept at the end, or nothing.

    Parameters
    ----------
    at
        An instant of now, where what decisions are made from is to be ready before the turn begins.
    """
    knowledge = knowledge_of(record)
    if at is not None:
        knowledge.begin(at)
    with record.deciding() as tx, record.reading() as company:
        yield Lane(record=record, tx=tx, company=company, knowledge=knowledge)
