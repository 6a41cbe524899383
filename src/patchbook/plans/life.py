"""A plan in the record, and the steps it goes through. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from patchbook.errors import Conflict

LONGEST_NAME = 200


class Status(StrEnum):
    """Where a plan is between the first idea and history."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


FIXED = frozenset({Status.SCHEDULED, Status.ACTIVE, Status.SUPERSEDED})
"""What has been published; its content never changes again."""


class WrongStep(Conflict):
    """A plan is not where this step begins."""

    def __init__(self, plan: RecordedPlan, wanted: str) -> None:
        super().__init__(f"Plan {plan.name!r} is {plan.status}; {wanted}.")
        self.plan = plan


class NotCarved(Conflict):
    """A plan has no territories yet."""

    def __init__(self, plan: RecordedPlan) -> None:
        super().__init__(f"Plan {plan.name!r} has not been carved yet; carve it first.")
        self.plan = plan


@dataclass(frozen=True, kw_only=True)
class RecordedPlan:
    """
    A plan as the record keeps it: the document, what it was carved with, and where it is in its life.

    `snapshot_id`, `people_id`, `owners_at`, `seed`, `seconds` and `engine_version` pin what the carve was made from;
    the same pins give the same result, byte for byte.
    """

    plan_id: str
    name: str
    document: str
    """The plan file's YAML."""
    owner_id: str
    made_by: str
    made_at: datetime
    status: Status = Status.DRAFT
    revision: int = 1
    effective: date | None = None
    confidential: bool = False
    scenario_of: str | None = None
    snapshot_id: str | None = None
    """The accounts it is carved from; the newest import's at the first carve, unless named before."""
    people_id: str | None = None
    """The people it was carved with, kept without names or addresses."""
    owners_at: datetime | None = None
    """The instant whose owners count as today's: who is asked again about that instant answers the same."""
    seed: int = 1
    seconds: float = 60.0
    engine_version: str | None = None
    result_id: str | None = None
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    published_by: str | None = None
    published_at: datetime | None = None
    open_to_challenges_until: datetime | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it can still be edited."""
        return self.status is Status.DRAFT

    @property
    def is_published(self) -> bool:
        """Whether its facts are in the ledger."""
        return self.status in FIXED

    def edited(self) -> RecordedPlan:
        """The draft, about to be changed."""
        self._must_be(Status.DRAFT, wanted="only a draft can be edited")
        return self

    def carved(
        self, *, result_id: str, snapshot_id: str, people_id: str, owners_at: datetime, engine_version: str,
        seed: int, seconds: float,
    ) -> RecordedPlan:  # fmt: skip
        """The draft with a result, and what that was made from."""
        self._must_be(Status.DRAFT, wanted="only a draft can be carved")
        return replace(
            self, result_id=result_id, snapshot_id=snapshot_id, people_id=people_id, owners_at=owners_at,
            engine_version=engine_version, seed=seed, seconds=seconds,
        )  # fmt: skip

    def submit(self, *, by: str, at: datetime) -> RecordedPlan:
        """Freeze the plan and ask for approval."""
        self._must_be(Status.DRAFT, wanted="only a draft can be submitted")
        if self.result_id is None:
            raise NotCarved(self)
        return replace(self, status=Status.IN_REVIEW, submitted_by=by, submitted_at=at)

    def send_back(self) -> RecordedPlan:
        """Return it to its planner, who may edit and submit it again."""
        self._must_be(Status.IN_REVIEW, Status.APPROVED, wanted="only a plan in review or approved can be sent back")
        return replace(
            self, status=Status.DRAFT, submitted_by=None, submitted_at=None, approved_by=None, approved_at=None,
            open_to_challenges_until=None,
        )  # fmt: skip

    def approve(self, *, by: str, at: datetime) -> RecordedPlan:
        """Let it be published: the last approval is in."""
        self._must_be(Status.IN_REVIEW, wanted="only a plan in review can be approved")
        return replace(self, status=Status.APPROVED, approved_by=by, approved_at=at)

    def open_to_challenges(self, *, until: datetime) -> RecordedPlan:
        """Let reps see their future books and challenge them until then."""
        self._must_be(
            Status.DRAFT, Status.IN_REVIEW, wanted="only a draft or a plan in review can be opened to challenges"
        )
        if self.result_id is None:
            raise NotCarved(self)
        return replace(self, open_to_challenges_until=until)

    def schedule(self, *, effective: date, by: str, at: datetime) -> RecordedPlan:
        """Published, to hold from a date that is still to come."""
        self._must_be(
            Status.APPROVED, Status.SCHEDULED, wanted="only an approved plan can be published; submit and approve it"
        )
        return replace(self, status=Status.SCHEDULED, effective=effective, published_by=by, published_at=at)

    def activate(self, *, effective: date | None = None, by: str | None = None, at: datetime) -> RecordedPlan:
        """Let it hold: published for a date that has come, or scheduled and now due."""
        self._must_be(
            *(Status.APPROVED, Status.SCHEDULED, Status.ACTIVE),
            wanted="only an approved or scheduled plan can become active",
        )
        return replace(
            self, status=Status.ACTIVE, effective=effective or self.effective,
            published_by=self.published_by or by, published_at=self.published_at or at,
        )  # fmt: skip

    def supersede(self) -> RecordedPlan:
        """Another plan holds in its place."""
        self._must_be(Status.ACTIVE, Status.SCHEDULED, wanted="only a published plan can be superseded")
        return replace(self, status=Status.SUPERSEDED)

    def take_back(self) -> RecordedPlan:
        """Its publication was rolled back; it is approved, as before."""
        self._must_be(*FIXED, wanted="only a published plan can be rolled back")
        return replace(self, status=Status.APPROVED, published_by=None, published_at=None)

    def reinstate(self) -> RecordedPlan:
        """What superseded it was rolled back, so it holds again."""
        self._must_be(Status.SUPERSEDED, wanted="only a superseded plan can be reinstated")
        return replace(self, status=Status.ACTIVE)

    def withdraw(self) -> RecordedPlan:
        """Give it up; it stays readable."""
        self._must_be(
            *(Status.DRAFT, Status.IN_REVIEW, Status.APPROVED),
            wanted="what has been published is rolled back, not withdrawn"
            if self.is_published
            else "it can be withdrawn once",
        )
        return replace(self, status=Status.WITHDRAWN)

    def _must_be(self, *statuses: Status, wanted: str) -> None:
        if self.status not in statuses:
            raise WrongStep(self, wanted)
