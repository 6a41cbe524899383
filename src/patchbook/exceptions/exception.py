"""An exception: an account that goes to somebody other than its territory says, for a while and for a reason. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from patchbook.approvals.lines import Lines
from patchbook.approvals.review import Decision, Verdict
from patchbook.errors import BadInput, Conflict, NotAllowed, NotFound
from patchbook.period import Period, told

LONGEST_REASON = 2_000
Side = Literal["losing", "gaining", "planner"]


class Kind(StrEnum):
    """Why an account goes its own way, in kind."""

    STRATEGIC = "strategic"
    MULTINATIONAL = "multinational"
    PARTNER = "partner"
    EXPANSION = "expansion"
    OTHER = "other"


class Status(StrEnum):
    """Where an exception is. Whether an approved one is in force depends on the date alone."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class BadException(BadInput):
    """An exception lacks a reason, lasts too long, or changes nothing."""


class NoException(NotFound):
    """There is no exception of that id, or none the one who asks may see."""

    def __init__(self, exception_id: str) -> None:
        super().__init__(f"There is no exception {exception_id!r}.")


class WrongStep(Conflict):
    """An exception is not where this step begins."""


class NotYours(NotAllowed):
    """Somebody else has to agree to an exception, or may end it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One who has to agree."""

    step_id: str
    side: Side
    approver_id: str | None
    """None where any planner or admin may."""
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class AccountException:
    """An account and role that go to a person for a period, once those it concerns agree."""

    exception_id: str
    account_id: str
    role: str
    person_id: str
    kind: Kind
    reason: str
    starts: datetime
    expires: datetime
    requested_by: str
    requested_at: datetime
    status: Status = Status.REQUESTED
    losing_territory_id: str | None = None
    gaining_territory_id: str | None = None
    losing_person_id: str | None = None
    cost: Mapping[str, Any] = field(default_factory=dict)
    """What it does to the balance of the active plan: `plan_id`, `says` and `loads`; empty without such a plan."""
    renews_id: str | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    """From when it holds no more, where it was ended early."""
    ended_why: str | None = None
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be told to anybody."""
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON:
            raise BadException(
                f"An exception says why in 1 to {LONGEST_REASON:,} characters; this has {len(self.reason):,}."
            )

    @property
    def period(self) -> Period:
        """When it holds, as agreed."""
        return Period(self.starts, self.expires)

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who has agreed."""
        return tuple(step.decision.by for step in self.steps if step.decision)

    def is_in_force(self, at: datetime) -> bool:
        """Whether the account goes to the person at this instant because of it."""
        if self.status not in (Status.APPROVED, Status.ENDED):
            return False
        return self.starts <= at < min(self.expires, self.ended_at or self.expires)

    def refuse_long(self, *, days_at_most: int, at: datetime) -> None:
        """Raise where it would last longer than exceptions may, or be over already."""
        if self.expires - self.starts > timedelta(days=days_at_most):
            raise BadException(
                f"The exception would last {(self.expires - self.starts).days:,} days; at most {days_at_most:,} are"
                f" allowed, so from {told(self.starts)} it ends by {told(self.starts + timedelta(days=days_at_most))}."
            )
        if self.expires <= at:
            raise BadException(f"The exception would end on {told(self.expires)}, which is past; name a later day.")

    def step_for(self, person_id: str, *, is_planner: bool, alone: bool = False) -> Step:
        """
        The question this person would answer.

        Parameters
        ----------
        alone
            Whether there is nobody else who could: then even who asked may answer for the planners.
        """
        self._must_be(Status.REQUESTED, "only one that was requested can be decided")
        waiting = [step for step in self.steps if step.decision is None]
        mine = [step for step in waiting if step.approver_id == person_id]
        mine += [step for step in waiting if is_planner and step not in mine]
        if not mine:
            asked = ", ".join(step.approver_id or "a planner" for step in waiting)
            raise NotYours(f"The exception waits for {asked}; nobody else can agree to it.")
        if self.requested_by == person_id and not (alone and is_planner):
            raise NotYours(
                "Who asked for an exception cannot agree to it; somebody else it concerns, or a planner, can."
            )
        return mine[0]

    def decided(self, step: Step, decision: Decision) -> AccountException:
        """With an answer: approved once all have agreed, rejected as soon as one has not."""
        if decision.verdict is Verdict.REJECTED and not (decision.comment or "").strip():
            raise BadException("To reject an exception, say why; the comment is empty.")
        steps = tuple(replace(one, decision=decision) if one == step else one for one in self.steps)
        after = replace(self, steps=steps)
        if decision.verdict is Verdict.REJECTED:
            return replace(after, status=Status.REJECTED)
        if all(one.decision for one in steps):
            return replace(after, status=Status.APPROVED)
        return after

    def withdraw(self) -> AccountException:
        """Taken back before everybody agreed."""
        self._must_be(Status.REQUESTED, "only one that was requested can be withdrawn; end it instead")
        return replace(self, status=Status.WITHDRAWN)

    def end(self, *, on: datetime, by: str, why: str) -> AccountException:
        """Over before it expires."""
        self._must_be(Status.APPROVED, "only an approved one can be ended")
        if not why.strip() or len(why) > LONGEST_REASON:
            raise BadException(f"To end an exception, say why in 1 to {LONGEST_REASON:,} characters.")
        if on >= self.expires:
            raise BadException(f"The exception ends on {told(self.expires)} by itself; name an earlier day to end it.")
        return replace(self, status=Status.ENDED, ended_by=by, ended_at=max(on, self.starts), ended_why=why.strip())

    def _must_be(self, status: Status, wanted: str) -> None:
        if self.status is not status:
            raise WrongStep(f"The exception for {self.account_id} is {self.status}; {wanted}.")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many exceptions there are, beside how many there may be."""

    in_force: int
    assigned: int
    allowed_percent: int

    @property
    def percent(self) -> float:
        """Exceptions in force among a hundred assigned accounts."""
        return 100 * self.in_force / self.assigned if self.assigned else 0.0

    @property
    def is_over(self) -> bool:
        """Whether there are more than there may be."""
        return self.in_force * 100 > self.allowed_percent * self.assigned

    @property
    def says(self) -> str:
        """The budget in one sentence."""
        end = "; that is over the budget" if self.is_over else ""
        return (
            f"{self.in_force:,} of {self.assigned:,} assigned accounts ({self.percent:.1f} %) are exceptions,"
            f" and {self.allowed_percent} % may be{end}."
        )


def who_agrees(
    *, losing: str | None, gaining: str, requested_by: str, lines: Lines, managers: Collection[str]
) -> Sequence[tuple[Side, str | None]]:
    """
    Who has to agree: the nearest manager above who loses the account and above who gains it, never who asks.

    Where there is no such manager, a planner has to.

    Examples
    --------
    >>> lines = Lines({"ann": "mia", "bo": "max", "mia": "head", "max": "head", "head": None})
    >>> who_agrees(losing="ann", gaining="bo", requested_by="max", lines=lines, managers={"mia", "max", "head"})
    [('losing', 'mia'), ('gaining', 'head')]
    """

    def above(person: str | None) -> str | None:
        return next((one for one in lines.above(person) if one in managers and one != requested_by), None)

    loses, gains = above(losing), above(gaining)
    found: list[tuple[Side, str | None]] = []
    if loses is not None:
        found.append(("losing", loses))
    if gains is not None and gains != loses:
        found.append(("gaining", gains))
    return found if loses is not None and gains is not None else [*found, ("planner", None)]
