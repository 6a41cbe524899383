"""Reviews, their steps and decisions, and freezes, in the database."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from patchbook.db.constraints import append_only
from patchbook.db.metadata import Instant, Json, metadata

review = Table(
    "review",
    metadata,
    Column("review_id", Text, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    UniqueConstraint("plan_id", "round"),
)
"""One row each time a plan is submitted. `moved` is how many accounts would change owner, as counted then."""
append_only(review)

step = Table(
    "approval_step",
    metadata,
    Column("step_id", Text, primary_key=True),
    Column("review_id", Text, ForeignKey("review.review_id"), nullable=False),
    Column("level", Integer, nullable=False),
    Column("approver_id", Text),
    Column("territories", Json, nullable=False),
    Column("accounts", Integer, nullable=False),
    Index("ix_approval_step_review", "review_id", "level"),
    Index("ix_approval_step_approver", "approver_id"),
)
"""Who is asked, and for which territories of the plan. Without an approver any planner or admin may answer."""
append_only(step)

decision = Table(
    "approval_decision",
    metadata,
    Column("step_id", Text, ForeignKey("approval_step.step_id"), primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("comment", Text),
    CheckConstraint("verdict IN ('approved', 'rejected')", name="verdict_is_known"),
    CheckConstraint("verdict <> 'rejected' OR comment IS NOT NULL", name="reject_says_why"),
)
"""One answer a step, for ever: the database refuses to change or delete it."""
append_only(decision)

freeze = Table(
    "change_freeze",
    metadata,
    Column("freeze_id", Text, primary_key=True),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("lifted_by", Text),
    Column("lifted_at", Instant),
    CheckConstraint("starts < ends", name="freeze_is_not_empty"),
)
"""Windows in which drafts are not changed; planners may overrule with a reason."""
