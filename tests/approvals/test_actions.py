"""Submitted plans are approved from the bottom up, sent back with a reason, and never by one person alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.ledger import cover_for
from builders.together import (
    ADA,
    ANN,
    CEM,
    HAL,
    MAX,
    MIA,
    MONDAY,
    PIA,
    ROOT,
    TUESDAY,
    VIC,
    WEDNESDAY,
    a_grid_plan,
    a_submitted_plan,
    the_teams,
)  # fmt: skip
from patchbook.approvals import actions as approvals
from patchbook.approvals import store
from patchbook.approvals.review import NoReason, NotYourTurn, SamePerson
from patchbook.audit.store import event
from patchbook.comments import actions as comments
from patchbook.db import settings
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.period import Period, midnight
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.edits import Move
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import Status, WrongStep

PLAN = "plan-grid"


def test_a_plan_is_approved_from_the_bottom_up(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)
        found = approvals.review(tx, PLAN, by=ADA, at=MONDAY)

        asked = [(step.level, step.approver_id, step.territories, step.accounts) for step in found.steps]
        approvals.approve(tx, PLAN, by=MAX, at=TUESDAY)
        halfway = approvals.approve(tx, PLAN, comment="Fine.", by=MIA, at=TUESDAY)
        approvals.approve(tx, PLAN, by=HAL, at=TUESDAY)
        status_before = plan_store.get(tx, PLAN).status
        done = approvals.approve(tx, PLAN, by=PIA, at=WEDNESDAY)

        approved = plan_store.get(tx, PLAN)
        assert asked == [
            (1, "max", ("East",), 3),
            (1, "mia", ("Middle", "West"), 6),
            (2, "hal", ("East", "Middle", "West"), 9),
            (3, None, ("East", "Middle", "West"), 9),
        ]
        assert found.moved == 3
        assert [(step.approver_id, step.territories) for step in halfway.open_steps] == [("hal", ("Middle", "West"))]
        assert status_before is Status.IN_REVIEW
        assert (approved.status, approved.approved_by, approved.approved_at) == (Status.APPROVED, "pia", WEDNESDAY)
        assert done.is_approved
        assert done.approvers == {"max", "mia", "hal", "pia"}
        deeds = tx.execute(select(event.c.deed, event.c.by).order_by(event.c.number)).all()
        assert [tuple(deed) for deed in deeds][-5:] == [
            ("open review", "ada"), ("approve", "max"), ("approve", "mia"), ("approve", "hal"), ("approve", "pia"),
        ]  # fmt: skip


def test_who_is_above_waits_for_those_below(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)

        with pytest.raises(NotYourTurn, match="the review is at level 1, and you are asked at level 2"):
            approvals.approve(tx, PLAN, by=HAL, at=TUESDAY)
        with pytest.raises(NotYourTurn, match=r"^It is not your turn: the review waits for max, mia \(level 1\)\.$"):
            approvals.approve(tx, PLAN, by=PIA, at=TUESDAY)


def test_an_answer_is_given_once(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)
        mine = next(step for step in approvals.review(tx, PLAN, by=ADA, at=MONDAY).steps if step.approver_id == "mia")
        approvals.approve(tx, PLAN, by=MIA, at=TUESDAY)

        with pytest.raises(NotYourTurn, match=r"^This part was approved by mia on 2027-01-05 .*; an answer is not cha"):
            approvals.reject(tx, PLAN, step_id=mine.step_id, comment="On reflection, no.", by=MIA, at=WEDNESDAY)
        with pytest.raises(NotYourTurn, match="an answer is not changed"):
            approvals.approve(tx, PLAN, by=MIA, at=WEDNESDAY)


def test_a_rejected_plan_is_a_draft_again_and_asks_anew_when_submitted(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)

        with pytest.raises(NoReason, match=r"^To send a plan back, say why; the comment is empty\.$"):
            approvals.reject(tx, PLAN, comment=" ", by=MIA, at=TUESDAY)
        rejected = approvals.reject(tx, PLAN, comment="Bo cannot take A2.", by=MIA, at=TUESDAY)
        back = plan_store.get(tx, PLAN).status
        with pytest.raises(WrongStep, match="is draft; only a plan in review can be approved"):
            approvals.approve(tx, PLAN, by=MAX, at=TUESDAY)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=WEDNESDAY)
        again = approvals.review(tx, PLAN, by=MAX, at=WEDNESDAY)

        assert rejected.is_rejected
        assert rejected.open_steps == ()
        assert back is Status.DRAFT
        assert again.round == 2
        assert all(step.decision is None for step in again.steps)


def test_approvers_see_the_draft_they_are_asked_about_and_nobody_else_does(record):
    with record.writing() as tx:
        the_teams(tx)
        draft = a_grid_plan(tx)
        with pytest.raises(NotFound, match=r"^There is no plan 'plan-grid'\.$"):
            approvals.review(tx, PLAN, by=MIA, at=MONDAY)
        plans.submit(tx, draft.plan_id, revision=None, by=ADA, at=MONDAY)

        assert approvals.review(tx, PLAN, by=MIA, at=MONDAY).plan_id == PLAN
        assert {step.approver_id for step in approvals.review(tx, PLAN, by=MIA, at=MONDAY).steps} == {
            "mia",
            "hal",
            None,
            "somebody else",
        }
        for outsider in (CEM, ANN, VIC):
            with pytest.raises((NotFound, NotAllowed)):
                approvals.review(tx, PLAN, by=outsider, at=MONDAY)


def test_a_rep_may_not_approve(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)

        with pytest.raises(NotAllowed, match="Only admins, planners and managers may approve"):
            approvals.approve(tx, PLAN, by=ANN, at=TUESDAY)


def test_who_made_a_plan_that_moves_many_accounts_cannot_approve_it(record):
    with record.writing() as tx:
        the_teams(tx)
        settings.change(tx, "two_person_above", 2)
        a_submitted_plan(tx, person={"West": None, "Middle": None, "East": None})

        with pytest.raises(
            SamePerson,
            match=r"^The plan moves 8 accounts, more than the 2 one person may decide about; somebody other than who"
            r" made or submitted it has to approve it\.$",
        ):
            approvals.approve(tx, PLAN, by=ADA, at=TUESDAY)
        assert approvals.approve(tx, PLAN, by=PIA, at=TUESDAY).is_approved


def test_a_plan_that_moves_few_accounts_and_has_no_managers_needs_one_planner(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx, person={"West": None, "Middle": None, "East": None})

        done = approvals.approve(tx, PLAN, by=ADA, at=TUESDAY)

        assert [step.approver_id for step in done.steps] == [None]
        assert plan_store.get(tx, PLAN).status is Status.APPROVED


def test_the_only_approver_cannot_publish_a_plan_that_moves_many_accounts(record):
    with record.writing() as tx:
        the_teams(tx)
        settings.change(tx, "two_person_above", 2)
        plan = a_submitted_plan(tx, person={"West": None, "Middle": None, "East": None})
        with pytest.raises(NotYourTurn, match="has not been approved by everybody who was asked"):
            approvals.may_publish(tx, plan, by=PIA)
        approvals.approve(tx, PLAN, by=PIA, at=TUESDAY)

        with pytest.raises(SamePerson, match=r"nobody but pia approved it; somebody else has to publish it\.$"):
            approvals.may_publish(tx, plan, by=PIA)
        approvals.may_publish(tx, plan, by=ADA)


def test_a_planner_stands_in_for_a_manager_by_naming_the_part_and_saying_why(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)
        steps = {step.approver_id: step for step in approvals.review(tx, PLAN, by=PIA, at=MONDAY).steps}

        with pytest.raises(NoReason, match=r"^To answer for max, say why in the comment\.$"):
            approvals.approve(tx, PLAN, step_id=steps["max"].step_id, by=PIA, at=TUESDAY)
        after = approvals.approve(tx, PLAN, step_id=steps["max"].step_id, comment="On leave.", by=PIA, at=TUESDAY)

        (answered,) = [step for step in after.steps if step.decision]
        assert (answered.approver_id, answered.decision.by) == ("max", "pia")
        with pytest.raises(NotYourTurn):
            approvals.approve(tx, PLAN, step_id=steps["max"].step_id, comment="Mine.", by=MIA, at=TUESDAY)


def test_an_approved_plan_can_be_taken_back_and_the_reason_is_a_comment(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx, person={"West": None, "Middle": None, "East": None})
        approvals.approve(tx, PLAN, by=PIA, at=TUESDAY)

        with pytest.raises(NoReason, match="say why in 1 to 500 characters"):
            approvals.recall(tx, PLAN, "", by=ADA, at=TUESDAY)
        back = approvals.recall(tx, PLAN, "The board wants a fourth territory.", by=ADA, at=WEDNESDAY)

        assert back.status is Status.DRAFT
        (said,) = comments.comments(tx, "plan", PLAN, by=PIA, at=WEDNESDAY).rows
        assert said.text == "The board wants a fourth territory."
        assert approvals.review(tx, PLAN, by=PIA, at=WEDNESDAY).is_approved


def test_a_manager_is_also_asked_about_territories_granted_to_them(record):
    from sqlalchemy import insert

    from builders.together import the_territories
    from patchbook.access.store import role_held

    with record.writing() as tx:
        the_teams(tx)
        the_territories(tx)
        tx.execute(
            insert(role_held).values(
                held_id="more", person_id="max", role="manager", territory_id="west", source="", by="root", at=MONDAY
            )
        )
        a_submitted_plan(tx)

        asked = {step.approver_id: step.territories for step in approvals.review(tx, PLAN, by=PIA, at=MONDAY).steps}

        assert asked["max"] == ("East", "West")
        assert asked["mia"] == ("Middle", "West")


def test_a_freeze_stops_edits_until_it_ends_or_is_lifted_or_a_planner_overrules_it(record):
    quarter_end = Period(midnight(MONDAY.date()), midnight(MONDAY.date()) + timedelta(days=3))
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)
        with pytest.raises(BadInput, match="To freeze plans, say why"):
            approvals.freeze(tx, quarter_end, " ", by=ADA, at=MONDAY)
        made = approvals.freeze(tx, quarter_end, "Quarter end.", by=ADA, at=MONDAY)
        move = Move(accounts=("A4",), to="East")

        with pytest.raises(Guarded, match=r"^Plans are frozen until 2027-01-07: Quarter end\. A planner may overrule"):
            plans.edit(tx, PLAN, move, revision=None, by=ADA, at=TUESDAY)
        plans.edit(tx, PLAN, move, revision=None, overrule="The board asked.", by=ADA, at=TUESDAY)
        assert approvals.freezes(tx, by=MIA, at=TUESDAY) == [made]
        approvals.lift_freeze(tx, made.freeze_id, by=ROOT, at=TUESDAY)
        plans.edit(tx, PLAN, Move(accounts=("A4",), to="West"), revision=None, by=ADA, at=TUESDAY)

        assert approvals.freezes(tx, by=MIA, at=TUESDAY) == []
        with pytest.raises(NotFound, match=r"^There is no freeze 'freeze-.*' in force or to come\.$"):
            approvals.lift_freeze(tx, made.freeze_id, by=ADA, at=TUESDAY)
        with pytest.raises(NotAllowed):
            approvals.freeze(tx, quarter_end, "Mine.", by=MIA, at=MONDAY)


def test_who_covers_a_manager_on_leave_answers_in_their_place_saying_so(record):
    with record.writing() as tx:
        the_teams(tx)
        a_submitted_plan(tx)
        with pytest.raises(NotYourTurn):
            approvals.approve(tx, PLAN, comment="Max is away.", by=HAL, at=TUESDAY)
        cover_for(tx, "max", "hal", since=MONDAY, until=WEDNESDAY, at=MONDAY)

        with pytest.raises(NoReason, match=r"^To answer for max, say why"):
            approvals.approve(tx, PLAN, by=HAL, at=TUESDAY)
        (waiting,) = store.waiting(tx, is_planner=False, by=HAL, at=TUESDAY)
        seen = approvals.approve(tx, PLAN, comment="Max is away.", by=HAL, at=TUESDAY)

        (answered,) = [step for step in seen.steps if step.approver_id == "max"]
        assert (answered.step_id, answered.decision.by) == (waiting[1], "hal")
        assert store.waiting(tx, is_planner=False, by=HAL, at=WEDNESDAY) == []
