"""From a draft nobody sees to an approved plan: invite, propose, challenge, comment, and three levels of approval."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from builders.together import (
    ADA,
    ANN,
    BO,
    CEM,
    HAL,
    MAX,
    MIA,
    MONDAY,
    PIA,
    TUESDAY,
    WEDNESDAY,
    ZOE,
    a_grid_plan,
    the_teams,
    the_territories,
)  # fmt: skip
from patchbook.approvals import actions as approvals
from patchbook.audit.store import event
from patchbook.challenges import actions as challenges
from patchbook.comments import actions as comments
from patchbook.db import settings
from patchbook.errors import NotAllowed, NotFound
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import Status
from patchbook.plans.state import state
from patchbook.proposals import actions as proposals
from patchbook.proposals.inbox import inbox

PLAN = "plan-grid"


def book(tx, person: str) -> list[str]:
    rows = state(tx, PLAN).assignments
    return rows.filter(rows["person"] == person)["account_id"].to_list()


def test_a_plan_goes_from_a_hidden_draft_to_approved_through_three_levels(record):
    with record.writing() as tx:
        the_teams(tx)
        the_territories(tx)
        settings.change(tx, "two_person_above", 2)
        a_grid_plan(tx, confidential=True)

    # Next year's draft is there for who made it, and for nobody else: a hidden plan reads like an unknown one.
    with record.reading() as tx:
        for stranger in (PIA, HAL, MIA, MAX, ANN):
            for plan_id in (PLAN, "plan-0"):
                with pytest.raises(NotFound, match=rf"^There is no plan '{plan_id}'\.$"):
                    plans.get(tx, plan_id, by=stranger, at=MONDAY)
            assert inbox(tx, by=stranger, at=MONDAY).total == 0

    # Ada lets the managers in. Max asks for A5, which is mia's; mia sees what it does, and declines.
    with record.writing() as tx:
        plans.invite(tx, PLAN, ["hal", "mia", "max"], by=ADA, at=MONDAY)
        shown = proposals.effect_of(tx, PLAN, {"A5": "East"}, by=MAX, at=MONDAY)
        first = proposals.propose(tx, PLAN, {"A5": "East"}, "Cem knows them.", by=MAX, at=MONDAY)
    with record.writing() as tx:
        assert first.effect == shown.effect
        assert [item.subject_id for item in inbox(tx, by=MIA, at=MONDAY).items.rows] == [first.proposal_id]
        comments.comment(tx, "proposal", first.proposal_id, "Bo has a meeting there.", by=MIA, at=MONDAY)
        proposals.decide(tx, first.proposal_id, "reject", "Bo has a meeting there.", by=MIA, at=MONDAY)
        assert book(tx, "cem") == ["A3", "A6", "A9"]

    # Mia may not take what is max's, but proposes it, and max agrees.
    with record.writing() as tx:
        with pytest.raises(NotAllowed):
            proposals.commit(tx, PLAN, {"A4": "East"}, "Closer.", by=MIA, at=TUESDAY)
        second = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer to Cem.", by=MIA, at=TUESDAY)
        proposals.decide(tx, second.proposal_id, "accept", by=MAX, at=TUESDAY)
        assert book(tx, "cem") == ["A3", "A4", "A6", "A9"]

    # The reps see their own future book only, and challenge it.
    with record.writing() as tx:
        challenges.open_window(tx, PLAN, by=ADA, at=TUESDAY)
        changes = {one.account_id: one.change for one in challenges.preview(tx, PLAN, by=ANN, at=TUESDAY).rows}
        assert changes == {"A1": "keeps", "A2": "loses", "A4": "loses", "A5": "loses", "A7": "keeps", "A8": "loses"}
        assert challenges.preview(tx, PLAN, by=ZOE, at=TUESDAY).rows == ()
        with pytest.raises(NotAllowed):
            proposals.effect_of(tx, PLAN, {"A4": "West"}, by=ANN, at=TUESDAY)
        keep = challenges.challenge(tx, PLAN, "A4", "keep", "open_deal", "Closing in March.", by=ANN, at=TUESDAY)
        drop = challenges.challenge(tx, PLAN, "A8", "drop", "conflict", by=BO, at=TUESDAY)
    with record.writing() as tx:
        with pytest.raises(Guarded, match="East is outside your territories"):
            challenges.decide(tx, keep.challenge_id, "accept", by=MIA, at=TUESDAY)
        challenges.decide(tx, keep.challenge_id, "accept", "Keep the deal.", by=HAL, at=TUESDAY)
        challenges.decide(tx, drop.challenge_id, "reject", "Nobody else is free.", by=MIA, at=TUESDAY)
        assert challenges.get(tx, keep.challenge_id, by=ANN, at=TUESDAY).outcome == "Keep the deal."
        assert book(tx, "ann") == ["A1", "A4", "A7"]

    # Submitted, the plan goes up: mia and max, then hal, then a planner who did not make it. Max sends it back once.
    with record.writing() as tx:
        plans.submit(tx, PLAN, revision=None, by=ADA, at=TUESDAY)
        approvals.approve(tx, PLAN, by=MIA, at=TUESDAY)
        approvals.reject(tx, PLAN, comment="Cem needs A4 after all.", by=MAX, at=TUESDAY)
        assert plan_store.get(tx, PLAN).status is Status.DRAFT
        third = proposals.propose(tx, PLAN, {"A4": "East"}, "As max says.", by=MIA, at=TUESDAY)
        proposals.decide(tx, third.proposal_id, "accept", by=HAL, at=TUESDAY)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=WEDNESDAY)
    with record.writing() as tx:
        for manager in (MAX, MIA, HAL):
            assert inbox(tx, by=manager, at=WEDNESDAY).counts["approvals"] == 1
            approvals.approve(tx, PLAN, by=manager, at=WEDNESDAY)
        with pytest.raises(NotAllowed, match="somebody other than who made or submitted it has to approve it"):
            approvals.approve(tx, PLAN, by=ADA, at=WEDNESDAY)
        plans.invite(tx, PLAN, ["pia"], by=ADA, at=WEDNESDAY)
        approvals.approve(tx, PLAN, comment="Good work.", by=PIA, at=WEDNESDAY)

    with record.reading() as tx:
        plan = plan_store.get(tx, PLAN)
        review = approvals.review(tx, PLAN, by=HAL, at=WEDNESDAY)
        assert plan.status is Status.APPROVED
        assert (review.round, [step.level for step in review.steps]) == (2, [1, 1, 2, 3])
        approvals.may_publish(tx, plan, by=ADA)
        assert book(tx, "cem") == ["A3", "A4", "A6", "A9"]
        told = [tuple(row) for row in tx.execute(select(event.c.deed, event.c.by).order_by(event.c.number))]
        for deed in [
            ("propose", "max"), ("reject proposal", "mia"), ("accept proposal", "max"), ("challenge", "ann"),
            ("accept challenge", "hal"), ("reject challenge", "mia"), ("comment", "mia"), ("approve", "mia"),
            ("reject", "max"), ("approve", "hal"), ("approve", "pia"),
        ]:  # fmt: skip
            assert deed in told
        assert CEM.person_id not in {by for _, by in told}
