"""A review: who is asked about a submitted plan, level by level from the bottom, and what they said. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from patchbook.approvals.lines import Lines
from patchbook.errors import BadInput, Conflict, NotAllowed
from patchbook.period import told

LONGEST_COMMENT = 2_000

OTHERS = "somebody else"
"""What approvers are called to those they do not work with."""


class Verdict(StrEnum):
    """What somebody said to the part of a plan they were asked about."""

    APPROVED = "approved"
    REJECTED = "rejected"


class NotYourTurn(Conflict):
    """A step is not open: it was decided, or those below have not answered yet."""


class SamePerson(NotAllowed):
    """Who made or submitted a plan that moves many accounts would approve it, or publish it with no other approver."""


class NoReason(BadInput):
    """A plan is sent back without a word of why, or with too many."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One answer; it is never changed."""

    verdict: Verdict
    by: str
    at: datetime
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One question of a review: does this person agree to these territories of the plan?"""

    step_id: str
    level: int
    """1 is asked first; the next level is asked once the whole level has agreed."""
    approver_id: str | None
    """None where any planner or admin may answer."""
    territories: tuple[str, ...]
    accounts: int
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many accounts each of the territories holds."""
    decision: Decision | None = None

    def within(self, mine: Collection[str]) -> Step:
        """As somebody sees it who looks after these territories only."""
        counts = {name: count for name, count in self.counts.items() if name in mine}
        if counts:
            return replace(self, counts=counts, territories=tuple(counts), accounts=sum(counts.values()))
        decision = self.decision and replace(self.decision, by=OTHERS, comment=None)
        return replace(self, approver_id=OTHERS, counts={}, territories=(), accounts=0, decision=decision)

    @property
    def asks(self) -> str:
        """Who is asked, in words."""
        return self.approver_id or "a planner"


@dataclass(frozen=True, kw_only=True)
class Review:
    """One round of approval of a plan."""

    review_id: str
    plan_id: str
    round: int
    moved: int
    """Accounts that would leave today's owner, as counted when the plan was submitted."""
    made_by: str
    submitted_by: str
    opened_at: datetime
    steps: tuple[Step, ...]

    @property
    def is_approved(self) -> bool:
        """Whether every step has agreed."""
        return all(step.decision and step.decision.verdict is Verdict.APPROVED for step in self.steps)

    @property
    def is_rejected(self) -> bool:
        """Whether somebody has sent the plan back."""
        return any(step.decision and step.decision.verdict is Verdict.REJECTED for step in self.steps)

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The steps that wait for an answer now: those of the lowest level that is not done."""
        if self.is_rejected:
            return ()
        waiting = [step for step in self.steps if step.decision is None]
        level = min((step.level for step in waiting), default=0)
        return tuple(step for step in waiting if step.level == level)

    @property
    def approvers(self) -> frozenset[str]:
        """Everybody who has agreed to a part."""
        return frozenset(
            step.decision.by for step in self.steps if step.decision and step.decision.verdict is Verdict.APPROVED
        )

    def seen_by(self, *person_ids: str) -> Review:
        """As a manager sees it: what concerns the territories they are asked about, and that others are asked too."""
        mine = {name for step in self.steps if step.approver_id in person_ids for name in step.territories}
        return replace(self, steps=tuple(step.within(mine) for step in self.steps))

    def step_for(
        self, person_id: str, *, is_planner: bool, step_id: str | None = None, covered: Collection[str] = ()
    ) -> Step:
        """
        The open step this person would answer.

        Their own goes first, then those of the people on leave whom they cover. A planner may also answer
        those of no named person, and stand in for a manager when naming the step.

        Raises
        ------
        NotYourTurn
            None is open to them; the message says who is asked now.
        """
        mine = [
            step
            for step in self.open_steps
            if step.approver_id in (person_id, *covered)
            or (is_planner and (step.approver_id is None or step.step_id == step_id))
        ]
        mine.sort(key=lambda step: step.approver_id != person_id)
        found = next((step for step in mine if step_id in (None, step.step_id)), None)
        if found is None:
            raise NotYourTurn(self._whose_turn(person_id, is_planner=is_planner, step_id=step_id))
        return found

    def decided(self, step: Step, decision: Decision, *, two_person_above: int) -> Review:
        """
        The review with an answer to one of its steps.

        Raises
        ------
        SamePerson
            The plan moves more accounts than one person may decide about, and they made or submitted it.
        NoReason
            It is sent back without a word of why.
        """
        if decision.verdict is Verdict.REJECTED and not (decision.comment or "").strip():
            raise NoReason("To send a plan back, say why; the comment is empty.")
        if len(decision.comment or "") > LONGEST_COMMENT:
            raise NoReason(
                f"The comment has {len(decision.comment or ''):,} characters; at most {LONGEST_COMMENT:,} are kept."
            )
        if (
            decision.verdict is Verdict.APPROVED
            and self.moved > two_person_above
            and decision.by in (self.made_by, self.submitted_by)
        ):
            raise SamePerson(
                f"The plan moves {self.moved:,} accounts, more than the {two_person_above:,} one person may decide"
                " about; somebody other than who made or submitted it has to approve it."
            )
        return replace(self, steps=tuple(replace(one, decision=decision) if one == step else one for one in self.steps))

    def refuse_lone_publisher(self, person_id: str, *, two_person_above: int) -> None:
        """Raise where a plan that moves many accounts would be published by the only one who approved it."""
        if self.moved > two_person_above and not self.approvers - {person_id}:
            raise SamePerson(
                f"The plan moves {self.moved:,} accounts, more than the {two_person_above:,} one person may decide"
                f" about, and nobody but {person_id} approved it; somebody else has to publish it."
            )

    def _whose_turn(self, person_id: str, *, is_planner: bool, step_id: str | None) -> str:
        """Why somebody cannot answer now; who else is asked is told to planners only."""
        mine = [step for step in self.steps if step.approver_id == person_id]
        for step in self.steps if is_planner else mine:
            if step.decision is not None and (step.step_id == step_id or step in mine):
                given = step.decision
                return f"This part was {given.verdict} by {given.by} on {told(given.at)}; an answer is not changed."
        if not self.open_steps:
            return "The review is closed; submit the plan again for a new one."
        level = self.open_steps[0].level
        if is_planner:
            asked = ", ".join(dict.fromkeys(step.asks for step in self.open_steps))
            return f"It is not your turn: the review waits for {asked} (level {level})."
        if not mine:
            return "You are not asked about this plan; managers with territories in it are, and planners."
        return f"It is not your turn: the review is at level {level}, and you are asked at level {mine[0].level}."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A manager, and the territories of a plan they are asked about, before the review has its ids."""

    level: int
    approver_id: str | None
    territories: tuple[str, ...]


def who_is_asked(
    people: Mapping[str, str | None],
    lines: Lines,
    managers: Mapping[str, Collection[str]],
) -> tuple[Asked, ...]:
    """
    Every manager with a territory in the plan, from the bottom up, and a planner last.

    Parameters
    ----------
    people
        Territory of the plan → the person planned for it.
    managers
        Everybody who may approve as a manager → the territories of the plan that are theirs by a grant, beside those
        of the people below them.

    Examples
    --------
    >>> lines = Lines({"rep": "lead", "lead": "head", "head": None})
    >>> for asked in who_is_asked({"West": "rep"}, lines, {"lead": (), "head": ()}):
    ...     print(asked.level, asked.approver_id)
    1 lead
    2 head
    3 None
    """
    theirs: dict[str, set[str]] = {}
    for manager, granted in managers.items():
        below = lines.below(manager) - {manager}
        mine = {territory for territory, person in people.items() if person in below} | (set(granted) & set(people))
        if mine:
            theirs[manager] = mine
    for manager in theirs:  # what somebody below is asked about is also a matter of who is above
        for other in theirs:
            if manager in lines.above(other):
                theirs[manager] |= theirs[other]

    def is_above(one: str, other: str) -> bool:
        return theirs[other] < theirs[one] or (theirs[other] == theirs[one] and one in lines.above(other))

    levels: dict[str, int] = {}
    for manager in sorted(theirs, key=lambda one: (len(theirs[one]), -len(lines.above(one)), one)):
        levels[manager] = 1 + max((levels[other] for other in levels if is_above(manager, other)), default=0)
    asked = [
        Asked(level=levels[manager], approver_id=manager, territories=tuple(sorted(theirs[manager])))
        for manager in sorted(theirs, key=lambda one: (levels[one], one))
    ]
    last = max(levels.values(), default=0) + 1
    return (*asked, Asked(level=last, approver_id=None, territories=tuple(sorted(people))))
