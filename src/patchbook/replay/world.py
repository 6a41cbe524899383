"""The company as it would be under a plan, asked about one moment of the past after another. Nothing is written."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from patchbook.engagement import answers as engagement
from patchbook.leads.company import Company, owner, standing_of
from patchbook.leads.compiled import Finds, Places
from patchbook.leads.world import starts_of
from patchbook.replay.past import Past
from patchbook.routing.calendar import Calendar
from patchbook.routing.calendars import Calendars
from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind
from patchbook.routing.question import Question
from patchbook.routing.questions import (
    Candidate,
    Candidates,
    Family,
    FamilyOf,
    Holder,
    HolderOf,
    LastHad,
    Load,
    LoadOf,
    Members,
    MembersOf,
    OwnerOf,
    PartnerOf,
    Placed,
    Placing,
    Registered,
    Standing,
    StandingOf,
    Territory,
    TurnsOf,
)
from patchbook.routing.questions.owners import OWNER

Answer = TypeVar("Answer")


@dataclass(kw_only=True)
class Work:
    """What somebody was given so far, in the order it came."""

    given: list[tuple[datetime, Kind, datetime | None, float]] = field(default_factory=list)
    """When, what, when it was closed in fact, and what it was worth."""

    def since(self, at: datetime, kinds: tuple[str, ...]) -> int:
        """How much was given from an instant on."""
        start = bisect_left(self.given, at, key=lambda one: one[0])
        return sum(not kinds or one[1].value in kinds for one in self.given[start:])

    def open(self, at: datetime, kinds: tuple[str, ...]) -> list[float]:
        """What all that is open at an instant is worth."""
        return [
            worth
            for _, kind, closed, worth in self.given
            if (closed is None or closed > at) and (not kinds or kind.value in kinds)
        ]


@dataclass(frozen=True, kw_only=True)
class Under:
    """A plan, as far as a replay asks: who has which account and territory."""

    owners: Mapping[str, tuple[str | None, str]]
    """Account → person and territory."""
    holders: Mapping[str, str | None]
    """Territory → person."""
    places: Places
    finds: Finds | None
    free_mail: frozenset[str]


class ReplayWorld:
    """
    The company under a plan: accounts and territories are the plan's, people stand as the record says they did then.

    Who works under the plan counts as employed, so that a plan of tomorrow can be asked about yesterday's leads; leave,
    working hours and holidays are those of the moment. What the plan says nothing of (other roles, seats it leaves to
    nobody, accounts it does not know, registered deals) is as the record has it. Caps, turns and who had the last one
    follow from the replay.
    """

    def __init__(self, tx: Connection, under: Under, company: Company, calendars: Calendars) -> None:
        self._tx = tx
        self._under = under
        self._company = company
        self._calendars = calendars
        self._work: dict[str, Work] = defaultdict(Work)
        self._turns: dict[str, Mapping[str, Any]] = {}
        self._last: dict[str, tuple[datetime, str]] = {}
        self._staffed = {person for person in under.holders.values() if person} | {
            person for person, _ in under.owners.values() if person
        }
        self.at = datetime.min
        self.account_id: str | None = None
        """The account that the lead at hand is known to belong to."""

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer."""
        return cast(Answer, _ANSWERS[type(question)](self, question))

    def keep(self, past: Past, decision: Decision) -> None:
        """Go on as if this had been decided."""
        for taken in decision.turns:
            self._turns[taken.pool_id] = taken.state
        if decision.person_id is None:
            return
        given = (decision.at, past.lead.kind, past.closed_at, past.value_usd or 0.0)
        insort(self._work[decision.person_id].given, given, key=lambda one: one[0])
        for key in _keys(decision.account_id, past.lead.fields.get("email")):
            self._last[key] = (decision.at, decision.person_id)

    def works_at(self, person_id: str, at: datetime) -> datetime | None:
        """When somebody works next, from an instant on."""
        if person_id not in self._company.people:
            return None
        hours = self._calendar(person_id)
        return at if hours.is_working(at) else hours.next_working(at)

    def _candidates(self, question: Candidates) -> tuple[Candidate, ...]:
        if self.account_id is not None:
            says = "the deal itself"
            return (Candidate(account_id=self.account_id, name=self.account_id, score=0.9999, agrees=(says,)),)
        finds, free_mail = self._under.finds, self._under.free_mail
        return () if finds is None else tuple(finds.candidates(question.identity, question.at_least, free_mail))

    def _owner(self, question: OwnerOf) -> Holder | None:
        if question.role != OWNER or question.account_id not in self._under.owners:
            asked = (question.account_id, question.role, question.opportunity_id)
            return owner(self._tx, self._company, *asked, on=self.at)
        person_id, territory = self._under.owners[question.account_id]
        says = f"The plan has it in {territory}."
        return Holder(person_id=person_id, territory_id=territory, territory=territory, says=says)

    def _holder(self, question: HolderOf) -> Holder | None:
        name = question.territory_id
        person_id = self._under.holders.get(name) if question.role == OWNER else None
        if person_id is not None:
            return Holder(person_id=person_id, territory_id=name, territory=name)
        return self._company.holder(self._company.ids_of(self.at).get(name, name), question.role, self.at)

    def _partner(self, question: PartnerOf) -> Registered | None:
        return engagement.partner_of(self._tx, question.account_id, on=self.at)

    def _family(self, question: FamilyOf) -> Family | None:
        return engagement.family_of(self._tx, question.account_id)

    def _placing(self, question: Placing) -> Placed:
        record = {**question.fields, "account_id": question.account_id}
        found = self._under.places.on(self.at.date()).place(record)
        names = [found.territory] if found.territory is not None else list(found.candidates)
        return Placed(
            territories=tuple(Territory(territory_id=name, name=name) for name in names), says=found.says
        )  # fmt: skip

    def _standing(self, question: StandingOf) -> Standing | None:
        profile = self._company.people.get(question.person_id)
        if profile is None:
            return None
        employed = any(period.contains(self.at) for period in profile.employed)
        return standing_of(
            profile,
            self._company.acting(profile.person_id, self.at),
            self._calendar(profile.person_id),
            name=profile.name,
            is_employed=employed or profile.person_id in self._staffed,
            at=self.at,
        )

    def _calendar(self, person_id: str) -> Calendar:
        return self._company.calendar(person_id, self._calendars)

    def _load(self, question: LoadOf) -> Load:
        zone = self._calendar(question.person_id).time_zone if question.person_id in self._company.people else "UTC"
        work = self._work[question.person_id]
        counts = {name: work.since(start, question.kinds) for name, start in starts_of(self.at, zone).items()}
        is_open = work.open(self.at, question.kinds)
        return Load(**counts, open=len(is_open), open_value_usd=sum(is_open))

    def _members(self, question: MembersOf) -> Members | None:
        return self._company.pools.get(question.pool)

    def _turns_of(self, question: TurnsOf) -> Mapping[str, Any] | None:
        return self._turns.get(question.pool_id)

    def _last_had(self, question: LastHad) -> str | None:
        since = self.at - timedelta(days=question.days) if question.days else None
        for key in _keys(question.account_id, question.email):
            found = self._last.get(key)
            if found is not None and (since is None or found[0] >= since):
                return found[1]
        return None


def _keys(account_id: str | None, email: object) -> list[str]:
    told = [f"account {account_id}"] if account_id is not None else []
    return [*told, f"contact {email.strip().lower()}"] if isinstance(email, str) and email.strip() else told


_ANSWERS: Mapping[type[Question[Any]], Callable[[ReplayWorld, Any], Any]] = {
    Candidates: ReplayWorld._candidates,
    OwnerOf: ReplayWorld._owner,
    HolderOf: ReplayWorld._holder,
    PartnerOf: ReplayWorld._partner,
    FamilyOf: ReplayWorld._family,
    StandingOf: ReplayWorld._standing,
    LoadOf: ReplayWorld._load,
    MembersOf: ReplayWorld._members,
    TurnsOf: ReplayWorld._turns_of,
    LastHad: ReplayWorld._last_had,
    Placing: ReplayWorld._placing,
}
