"""The facts behind an answer, and which of them decides. Pure: no database, no clock.

An override goes before the territory; within the territory the first seat of the role decides; where that is vacant its
interim owns; and while the owner is on leave somebody else acts, without becoming the owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile, groupby, pairwise
from typing import Any, Literal

from patchbook.period import Period

Table = Literal["assignment", "staffing", "override", "cover", "split"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One row of the ledger, with the names of whom and what it is about."""

    table: Table
    fact_id: int
    account_id: str
    role: str | None
    number: int | None
    territory_id: str | None
    territory: str | None
    person_id: str | None
    person: str | None
    other_id: str | None
    """The interim of a vacant seat, or who covers for a person."""
    other: str | None
    pool_id: str | None
    pool: str | None
    opportunity_id: str | None
    kind: str | None
    shares: Sequence[Mapping[str, Any]] | None
    valid: Period
    recorded_from: datetime
    cause: str
    source: str
    reason: str
    is_visible: bool
    """Whether its territory is one the reader may see."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Who has an account in a role at one instant, by the facts that decide it."""

    assignment: Fact | None
    staffing: Fact | None
    override: Fact | None
    cover: Fact | None

    @property
    def person(self) -> tuple[str | None, str | None]:
        """Id and name of the owner."""
        if self.override:
            return self.override.person_id, self.override.person
        if self.staffing and self.staffing.person_id:
            return self.staffing.person_id, self.staffing.person
        return (self.staffing.other_id, self.staffing.other) if self.staffing else (None, None)

    @property
    def pool(self) -> tuple[str | None, str | None]:
        """Id and name of the pool that has it."""
        return (self.staffing.pool_id, self.staffing.pool) if self.staffing and not self.override else (None, None)

    @property
    def acting(self) -> tuple[str | None, str | None]:
        """Id and name of who acts for the owner."""
        return (self.cover.other_id, self.cover.other) if self.cover else (None, None)

    @property
    def territory(self) -> tuple[str | None, str | None]:
        """Id and name of the territory it is assigned to."""
        return (self.assignment.territory_id, self.assignment.territory) if self.assignment else (None, None)

    @property
    def is_anything(self) -> bool:
        """Whether any fact says something."""
        return self.assignment is not None or self.override is not None

    @property
    def what(self) -> tuple[object, ...]:
        """What must change for a stretch of history to end."""
        kind = self.override.kind if self.override else None
        return (self.is_anything, self.territory[0], self.person[0], self.pool[0], self.acting[0], kind)

    def visible_to(self, person_id: str) -> bool:
        """Whether somebody may see it: it lies in a territory they see, or they have it or act on it."""
        mine = person_id in (self.person[0], self.acting[0])
        return mine or any(fact.is_visible for fact in (self.assignment, self.override) if fact)


@dataclass(frozen=True)
class Stretch:
    """A period in which the same person has the account in the same way."""

    period: Period
    holding: Holding


def holding(facts: Iterable[Fact], at: datetime, role: str, *, opportunity_id: str = "") -> Holding:
    """Who has the account in a role at an instant."""
    return _decided([fact for fact in facts if fact.valid.contains(at)], role, opportunity_id)


def stretches(facts: Sequence[Fact], role: str) -> list[Stretch]:
    """The history of a role, oldest first: one stretch after the other, from where the account begins to its end."""
    started = dropwhile(lambda piece: not piece.holding.is_anything, _pieces(facts, role))
    found = []
    for _, same in groupby(started, key=lambda piece: piece.holding.what):
        together = list(same)
        found.append(Stretch(Period(together[0].period.start, together[-1].period.end), together[0].holding))
    while found and not found[-1].holding.is_anything:
        found.pop()  # a seat may be filled for longer than the account is there
    return found


def _pieces(facts: Sequence[Fact], role: str) -> Iterator[Stretch]:
    """One piece between any two instants at which a fact begins or ends."""
    begins = sorted(facts, key=lambda fact: fact.valid.start)
    cuts = sorted({fact.valid.start for fact in facts} | {fact.valid.end for fact in facts})
    coming, inside = 0, list[Fact]()
    for start, end in pairwise(cuts):
        inside = [fact for fact in inside if fact.valid.end > start]
        while coming < len(begins) and begins[coming].valid.start <= start:
            inside.append(begins[coming])
            coming += 1
        yield Stretch(Period(start, end), _decided(inside, role, ""))


def _decided(inside: Sequence[Fact], role: str, opportunity_id: str) -> Holding:
    """Of facts that all hold at one instant, those that decide."""
    assignment = _first(inside, "assignment")
    staffing = None
    if assignment:
        seats = [fact for fact in inside if fact.territory_id == assignment.territory_id and fact.number == 1]
        staffing = _first([fact for fact in seats if fact.role == role], "staffing")
    overrides = [fact for fact in inside if fact.table == "override" and fact.role == role]
    override = next((fact for fact in overrides if opportunity_id and fact.opportunity_id == opportunity_id), None)
    override = override or next((fact for fact in overrides if not fact.opportunity_id), None)
    found = Holding(assignment=assignment, staffing=staffing, override=override, cover=None)
    owner = found.person[0]
    covers = [fact for fact in inside if fact.table == "cover" and owner is not None and fact.person_id == owner]
    return Holding(assignment=assignment, staffing=staffing, override=override, cover=_first(covers, "cover"))


def _first(facts: Iterable[Fact], table: Table) -> Fact | None:
    return next((fact for fact in facts if fact.table == table), None)
