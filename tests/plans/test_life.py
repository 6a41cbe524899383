"""The steps a recorded plan goes through, and those it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from patchbook.plans.life import NotCarved, RecordedPlan, Status, WrongStep

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
DAY = date(2027, 2, 1)


def a_plan(status=Status.DRAFT, **changes):
    whole = {
        "plan_id": "plan-1", "name": "Field 2027", "document": "plan: Field 2027", "owner_id": "ada", "made_by": "ada",
        "made_at": MONDAY, "status": status, "result_id": "result-1", **changes,
    }  # fmt: skip
    return RecordedPlan(**whole)


STEPS = {
    "edited": (lambda plan: plan.edited(), {Status.DRAFT}),
    "submit": (lambda plan: plan.submit(by="ada", at=MONDAY), {Status.DRAFT}),
    "send_back": (lambda plan: plan.send_back(), {Status.IN_REVIEW, Status.APPROVED}),
    "approve": (lambda plan: plan.approve(by="mia", at=MONDAY), {Status.IN_REVIEW}),
    "open_to_challenges": (lambda plan: plan.open_to_challenges(until=MONDAY), {Status.DRAFT, Status.IN_REVIEW}),
    "schedule": (lambda plan: plan.schedule(effective=DAY, by="ada", at=MONDAY), {Status.APPROVED, Status.SCHEDULED}),
    "activate": (
        lambda plan: plan.activate(effective=DAY, by="ada", at=MONDAY),
        {Status.APPROVED, Status.SCHEDULED, Status.ACTIVE},
    ),
    "supersede": (lambda plan: plan.supersede(), {Status.ACTIVE, Status.SCHEDULED}),
    "take_back": (lambda plan: plan.take_back(), {Status.SCHEDULED, Status.ACTIVE, Status.SUPERSEDED}),
    "reinstate": (lambda plan: plan.reinstate(), {Status.SUPERSEDED}),
    "withdraw": (lambda plan: plan.withdraw(), {Status.DRAFT, Status.IN_REVIEW, Status.APPROVED}),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", Status)
def test_a_step_begins_where_it_may_and_nowhere_else(step, status):
    take, begins = STEPS[step]

    if status in begins:
        assert take(a_plan(status)).plan_id == "plan-1"
    else:
        with pytest.raises(WrongStep, match=f"^Plan 'Field 2027' is {status}; .*\\.$"):
            take(a_plan(status))


def test_a_plan_goes_from_draft_to_superseded_and_remembers_who_and_when():
    plan = a_plan().submit(by="ada", at=MONDAY).approve(by="mia", at=MONDAY)
    scheduled = plan.schedule(effective=DAY, by="pia", at=MONDAY)
    active = scheduled.activate(at=datetime(2027, 2, 1, tzinfo=UTC))

    assert (plan.submitted_by, plan.approved_by, plan.status) == ("ada", "mia", Status.APPROVED)
    assert (scheduled.published_by, scheduled.effective, scheduled.is_published) == ("pia", DAY, True)
    assert (active.status, active.published_by, active.published_at) == (Status.ACTIVE, "pia", MONDAY)
    assert active.supersede().status is Status.SUPERSEDED


def test_what_is_sent_back_is_a_draft_nobody_has_submitted():
    sent_back = a_plan().submit(by="ada", at=MONDAY).approve(by="mia", at=MONDAY).send_back()

    assert sent_back == a_plan()


def test_a_plan_without_territories_can_be_neither_submitted_nor_challenged():
    plan = a_plan(result_id=None)

    with pytest.raises(NotCarved, match=r"has not been carved yet; carve it first\.$"):
        plan.submit(by="ada", at=MONDAY)
    with pytest.raises(NotCarved):
        plan.open_to_challenges(until=MONDAY)


def test_no_step_changes_the_revision_which_counts_what_is_kept():
    assert a_plan(revision=7).submit(by="ada", at=MONDAY).revision == 7
