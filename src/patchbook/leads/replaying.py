"""Make kept decisions again from what was known then, and say which come out otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.leads import store
from patchbook.leads.actions import BY_HAND, ERASED
from patchbook.leads.answers import Kept, besides_in, digest_of_answers
from patchbook.leads.compiled import Places, placer_of
from patchbook.leads.document import kept, loads
from patchbook.leads.knowledge import routing_of
from patchbook.leads.lane import decide_lead
from patchbook.leads.lead import RecordedDecision, RecordedLead
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.routing.decision import Decision
from patchbook.routing.question import Question, Remembered, World
from patchbook.routing.questions import Placed, Placing
from patchbook.words import counted


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """A decision that does not come out as it was kept."""

    decision_id: str
    lead_id: str
    number: int
    says: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What making every decision again has shown."""

    decisions: int
    equal: int
    by_hand: int
    """Made by people, so there is nothing to make again."""
    erased: int
    """About leads whose fields were erased since."""
    otherwise: tuple[Otherwise, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every decision that can be made again came out the same."""
        return not self.otherwise

    @property
    def says(self) -> str:
        """It in one sentence."""
        parts = [
            f"{self.equal:,} {'comes' if self.equal == 1 else 'come'} out the same",
            f"{self.by_hand:,} {'was' if self.by_hand == 1 else 'were'} made by hand",
            f"{self.erased:,} {'is about an erased lead' if self.erased == 1 else 'are about erased leads'}",
            f"{len(self.otherwise):,} come out otherwise"
            if len(self.otherwise) > 1
            else ("1 comes out otherwise" if self.otherwise else "none comes out otherwise"),
        ]
        return f"{counted(self.decisions, 'decision')}: {', '.join(parts)}."


def verify(tx: Connection, *, since: datetime | None = None, by: Principal, at: datetime) -> Verified:
    """
    Make every decision again by the rules and the plan of its version, and compare it whole.

    What the company answered then is taken as it was kept; what follows from the plan alone is worked out anew.
    """
    allow(tx, by, Deed.ROUTE, at=at)
    count = equal = by_hand = erased = 0
    otherwise: list[Otherwise] = []
    again = Again(tx)
    for lead, made in store.every_decision(tx, since=since):
        count += 1
        if made.decision.stage == BY_HAND:
            by_hand += 1
        elif lead.digest == ERASED:
            erased += 1
        elif (fault := again.fault(lead, made)) is None:
            equal += 1
        else:
            otherwise.append(
                Otherwise(decision_id=made.decision_id, lead_id=made.lead_id, number=made.number, says=fault)
            )
    return Verified(decisions=count, equal=equal, by_hand=by_hand, erased=erased, otherwise=tuple(otherwise))


class Again:
    """Makes kept decisions again."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._key = record_of(tx).anchor.key
        self._routing = lru_cache(maxsize=16)(self._read_routing)
        self._placer = lru_cache(maxsize=4)(self._read_placer)

    def decision(self, lead: RecordedLead, made: RecordedDecision) -> Decision:
        """The decision as it comes out now."""
        answers = Kept(made.answers, self._key)
        world = Remembered(answers, _Settled(self, made, answers))
        besides = besides_in(answers)
        return decide_lead(lead, self._routing(made.version.routing_version), world, besides=besides, at=made.at)

    def fault(self, lead: RecordedLead, made: RecordedDecision) -> str | None:
        """What is wrong with a kept decision, or None."""
        if digest_of_answers(made.answers) != made.answers_digest:
            return "What it was told is not what was kept."
        try:
            again = self.decision(lead, made)
        except KeyError:
            return "It asks now what it did not ask then."
        if again == made.decision:
            return None
        changed = [
            name for name in Decision.__dataclass_fields__ if getattr(again, name) != getattr(made.decision, name)
        ]
        return f"Its {', '.join(changed)} came out otherwise: {again.says}"

    def _read_routing(self, version: int) -> Any:
        if version == 0:
            return routing_of(loads(""))
        (row,) = store.routing_versions(self._tx, version=version)
        return routing_of(kept(row.version, row.document))

    def placer(self, plan_id: str) -> Places:
        """The placer of a plan."""
        return self._placer(plan_id)

    def _read_placer(self, plan_id: str) -> Places:
        return placer_of(self._tx, plan_id)


class _Settled:
    """Works out again where the plan puts a record; ids of territories are those that were kept."""

    def __init__(self, again: Again, made: RecordedDecision, answers: Kept) -> None:
        self._again = again
        self._plan_id = made.version.plan_id
        self._at = made.at
        self._answers = answers

    def ask(self, question: Question[Any]) -> Any:
        """The answer worked out anew, or as it was kept where no plan held."""
        before = question.unpack(self._answers[question.key])
        if not isinstance(question, Placing) or self._plan_id is None:
            return before
        assert isinstance(before, Placed)
        found = (
            self._again.placer(self._plan_id)
            .on(self._at.date())
            .place({**question.fields, "account_id": question.account_id})
        )
        names = [found.territory] if found.territory is not None else list(found.candidates)
        ids = {one.name: one for one in before.territories}
        return replace(before, says=found.says, territories=tuple(ids[name] for name in names if name in ids))


_: type[World] = _Settled  # a settled world is one
