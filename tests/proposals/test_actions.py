"""Moves are proposed with their effect, decided by those they concern, and made at once where one may."""

from __future__ import annotations

import pytest

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
    a_grid_plan,
    invite,
    the_teams,
)  # fmt: skip
from patchbook.db import settings
from patchbook.db.page import BadPage
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.people.principal import Grant, Principal, Role
from patchbook.plans import actions as plans
from patchbook.plans.edits import Lock, Move
from patchbook.plans.effect import UnknownInPlan
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import WrongStep
from patchbook.plans.state import state
from patchbook.plans.store import StalePlan
from patchbook.proposals import actions as proposals
from patchbook.proposals.proposal import BadProposal, Decided, Stale, Status

PLAN = "plan-grid"


def a_shared_draft(tx, *managers: str, **changes):
    the_teams(tx)
    draft = a_grid_plan(tx, **changes)
    invite(tx, PLAN, *(managers or ("hal", "mia", "max")))
    return draft


def where(tx, account: str) -> str:
    rows = state(tx, PLAN).assignments
    return dict(rows.select("account_id", "territory").iter_rows())[account]


def test_the_effect_is_shown_before_anything_is_sent(record):
    with record.writing() as tx:
        a_shared_draft(tx)

        shown = proposals.effect_of(tx, PLAN, {"A2": "East"}, by=MIA, at=MONDAY)

        loads = {(load.territory, load.measure): (load.before, load.after) for load in shown.effect.loads}
        assert loads[("Middle", "potential")] == (4.0, 2.0)
        assert loads[("East", "potential")] == (3.0, 5.0)
        assert loads[("East", "accounts")] == (3.0, 4.0)
        assert [str(refusal.rail) for refusal in shown.refusals] == ["subtree", "tolerance"]
        assert proposals.proposals(tx, by=MIA, at=MONDAY).rows == ()


def test_a_proposal_between_two_teams_is_made_when_the_other_side_agrees(record):
    with record.writing() as tx:
        a_shared_draft(tx)

        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Near Cem's office.", by=MIA, at=MONDAY)
        seen_by_max = proposals.get(tx, made.proposal_id, by=MAX, at=MONDAY)
        done = proposals.decide(tx, made.proposal_id, "accept", by=MAX, at=TUESDAY)

        assert seen_by_max == made
        assert made.agreed == ("West",)
        assert made.effect.says.startswith("Moves 1 account, 1 to another owner.")
        assert (done.status, done.decided_by) == (Status.ACCEPTED, "max")
        rows = state(tx, PLAN).assignments.rows_by_key("account_id", named=True, unique=True)
        moved = rows["A4"]
        assert (moved["territory"], moved["person"]) == ("East", "cem")
        assert moved["reason"] == "Moved by max on 2027-01-05: Proposed by mia: Near Cem's office."


def test_a_proposal_touches_a_territory_of_ones_own_and_tells_nothing_of_other_accounts(record):
    with record.writing() as tx:
        a_shared_draft(tx)

        for deed in (
            lambda moves, who: proposals.effect_of(tx, PLAN, moves, by=who, at=MONDAY),
            lambda moves, who: proposals.propose(tx, PLAN, moves, "Why not.", by=who, at=MONDAY),
        ):
            for account in ("A3", "A99"):
                with pytest.raises(UnknownInPlan) as refused:
                    deed({account: "East"}, MIA)
                assert str(refused.value) == (
                    f"Your territories of the plan have no account {account!r}; move it to or from them."
                )
                with pytest.raises(UnknownInPlan):
                    deed({account: "West"}, outsider(tx))
            with pytest.raises(UnknownInPlan, match=r"^The plan has no account 'A33'\.$"):
                deed({"A33": "West"}, MIA)
            with pytest.raises(UnknownInPlan, match=r"^The plan has no territory 'Eest'\.$"):
                deed({"A1": "Eest"}, MIA)


def outsider(tx) -> Principal:
    """A manager who was invited, but looks after nothing."""
    invite(tx, PLAN, "vic")
    return Principal(person_id="vic", grants=(Grant(Role.MANAGER),))


def test_what_is_neither_sides_takes_somebody_above_both(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MAX, at=MONDAY)

        assert made.agreed == ("East",)
        assert proposals.decide(tx, made.proposal_id, "accept", by=HAL, at=TUESDAY).decided_by == "hal"


def test_a_manager_of_one_side_cannot_accept_for_the_third(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx, person={"West": "ann", "Middle": "zoe", "East": "fin"})
        invite(tx, PLAN, "mia", "max")
        made = proposals.propose(tx, PLAN, {"A4": "Middle", "A5": "East"}, "Round.", by=MAX, at=MONDAY)

        with pytest.raises(
            NotAllowed,
            match=r"^East is neither yours nor the proposer's; a manager above both sides or a planner decides\.$",
        ):
            proposals.decide(tx, made.proposal_id, "accept", by=MIA, at=TUESDAY)
        done = proposals.decide(tx, made.proposal_id, "accept", overrule="Agreed by phone.", by=ADA, at=TUESDAY)
        assert done.status is Status.ACCEPTED


def test_nobody_accepts_their_own_proposal_unless_they_may_commit(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A4": "Middle"}, "Balance.", by=MIA, at=MONDAY)

        with pytest.raises(NotAllowed, match="may commit"):
            proposals.decide(tx, made.proposal_id, "accept", overrule="x", by=MIA, at=TUESDAY)


def test_a_proposal_is_rejected_with_a_reason_and_once(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MIA, at=MONDAY)

        with pytest.raises(BadProposal, match=r"^To reject a proposal, say why; the comment is empty\.$"):
            proposals.decide(tx, made.proposal_id, "reject", by=MAX, at=TUESDAY)
        done = proposals.decide(tx, made.proposal_id, "reject", "Cem is full.", by=MAX, at=TUESDAY)
        with pytest.raises(
            Decided, match=r"was rejected on 2027-01-05 09:00:00\+00:00; only an open one can be decided"
        ):
            proposals.decide(tx, made.proposal_id, "accept", by=ADA, at=WEDNESDAY)

        assert done.comment == "Cem is full."
        assert where(tx, "A4") == "West"
        with pytest.raises(BadInput, match="'maybe' is no decision"):
            proposals.decide(tx, made.proposal_id, "maybe", by=MAX, at=TUESDAY)


def test_a_proposal_is_withdrawn_by_who_made_it(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MIA, at=MONDAY)

        with pytest.raises(NotAllowed, match="was made by mia; who made it can withdraw it"):
            proposals.withdraw(tx, made.proposal_id, by=MAX, at=TUESDAY)
        assert proposals.withdraw(tx, made.proposal_id, by=MIA, at=TUESDAY).status is Status.WITHDRAWN


def test_a_proposal_whose_accounts_were_moved_meanwhile_is_refused_by_name(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A4": "East", "A5": "East"}, "Closer.", by=MAX, at=MONDAY)
        plans.edit(tx, PLAN, Move(accounts=("A4",), to="Middle"), overrule="Sure.", revision=None, by=ADA, at=MONDAY)

        with pytest.raises(
            Stale,
            match=r"^The plan changed since this was proposed: A4 was in West and is now in Middle\. Withdraw it",
        ):
            proposals.decide(tx, made.proposal_id, "accept", by=PIA, at=TUESDAY)
        assert proposals.get(tx, made.proposal_id, by=PIA, at=TUESDAY).status is Status.OPEN


def test_guardrails_warn_who_proposes_and_stop_who_accepts_until_a_planner_overrules_them(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        made = proposals.propose(tx, PLAN, {"A2": "East"}, "Closer.", by=MAX, at=MONDAY)

        with pytest.raises(
            Guarded,
            match=r"^East would go from -10 % to \+50 % of its target potential; 2 to 4\.667 \(±40 %\) is allowed\."
            r" A planner may overrule this with a reason\.$",
        ):
            proposals.decide(tx, made.proposal_id, "accept", overrule="I like it.", by=MIA, at=TUESDAY)
        done = proposals.decide(tx, made.proposal_id, "accept", overrule="For a year only.", by=PIA, at=TUESDAY)

        assert made.warnings == (
            "East would go from -10 % to +50 % of its target potential; 2 to 4.667 (±40 %) is allowed.",
        )
        assert done.status is Status.ACCEPTED
        assert where(tx, "A2") == "East"


def test_locked_accounts_stay_unless_a_planner_overrules_the_lock(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        plans.edit(tx, PLAN, Lock(accounts=("A4",)), revision=None, by=ADA, at=MONDAY)

        with pytest.raises(Guarded, match=r"^A4 is locked to West; unlock first\. A planner may overrule"):
            proposals.commit(tx, PLAN, {"A4": "East"}, "Closer.", by=ADA, at=TUESDAY)
        proposals.commit(tx, PLAN, {"A4": "East"}, "Closer.", overrule="Locked by mistake.", by=ADA, at=TUESDAY)

        assert where(tx, "A4") == "East"


def test_managers_commit_only_where_the_setting_says_so_and_only_inside_their_own(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        with pytest.raises(NotAllowed, match="Only admins and planners may commit"):
            proposals.commit(tx, PLAN, {"A2": "West"}, "Balance.", by=MIA, at=MONDAY)
        settings.change(tx, "managers_commit", 1)

        with pytest.raises(
            Guarded,
            match=r"^East is outside your territories; propose the move instead, and whoever looks after both sides",
        ):
            proposals.commit(tx, PLAN, {"A4": "East"}, "Closer.", overrule="x", by=MIA, at=MONDAY)
        kept = proposals.commit(tx, PLAN, {"A8": "West"}, "Balance.", by=MIA, at=MONDAY)

        assert where(tx, "A8") == "West"
        with pytest.raises(StalePlan, match=r"at revision 2, not 1: since then mia moved"):
            proposals.commit(tx, PLAN, {"A8": "Middle"}, "Back.", revision=1, by=ADA, at=TUESDAY)
        assert kept.revision == 2


def test_a_draft_is_not_there_for_who_was_not_invited(record):
    with record.writing() as tx:
        a_shared_draft(tx, "mia", confidential=True)
        made = proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MIA, at=MONDAY)
        unknown = r"^There is no plan 'plan-grid'\.$"

        for stranger in (MAX, HAL, PIA):
            with pytest.raises(NotFound, match=unknown):
                proposals.effect_of(tx, PLAN, {"A4": "East"}, by=stranger, at=MONDAY)
            with pytest.raises(NotFound, match=unknown):
                proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=stranger, at=MONDAY)
            with pytest.raises(NotFound) as hidden:
                proposals.get(tx, made.proposal_id, by=stranger, at=MONDAY)
            with pytest.raises(NotFound) as missing:
                proposals.get(tx, "proposal-0", by=stranger, at=MONDAY)
            assert str(hidden.value).replace(made.proposal_id, "ID") == str(missing.value).replace("proposal-0", "ID")
            assert proposals.proposals(tx, by=stranger, at=MONDAY).rows == ()
        for rep in (ANN, BO, CEM):
            with pytest.raises(NotAllowed):
                proposals.proposals(tx, by=rep, at=MONDAY)


def test_lists_are_paged_and_show_only_what_touches_ones_own(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        ids = [
            proposals.propose(tx, PLAN, {account: "Middle"}, "Balance.", by=MIA, at=MONDAY).proposal_id
            for account in ("A1", "A4", "A7")
        ]
        between = proposals.propose(tx, PLAN, {"A5": "East"}, "Closer.", by=MIA, at=TUESDAY).proposal_id

        first = proposals.proposals(tx, limit=3, by=MIA, at=TUESDAY)
        rest = proposals.proposals(tx, limit=3, after=first.next_cursor, by=MIA, at=TUESDAY)

        assert {one.proposal_id for one in (*first.rows, *rest.rows)} == {*ids, between}
        assert (len(first.rows), len(rest.rows), rest.next_cursor) == (3, 1, None)
        assert [one.proposal_id for one in proposals.proposals(tx, by=MAX, at=TUESDAY).rows] == [between]
        assert len(proposals.proposals(tx, plan_id=PLAN, status=Status.OPEN, by=ADA, at=TUESDAY).rows) == 4
        with pytest.raises(BadPage):
            proposals.proposals(tx, limit=0, by=ADA, at=TUESDAY)


@pytest.mark.parametrize(
    ("moves", "why", "sentence"),
    [
        ({"A4": "Est"}, "Closer.", r"^The plan has no territory 'Est'; the nearest is 'East'\.$"),
        ({"A44": "East"}, "Closer.", r"^The plan has no account 'A44'; the nearest is 'A4'\.$"),
        ({"A44": "East", "A45": "East"}, "Closer.", r"^The plan has no account 'A44', nor 1 more of those named\.$"),
        ({"A4": "East"}, " ", r"^A proposal says why in 1 to 2,000 characters; this has 0\.$"),
        ({"A4": "West"}, "Closer.", r"^A proposal moves at least one account; this one moves none\.$"),
        ({}, "Closer.", r"^A proposal moves at least one account; this one moves none\.$"),
    ],
)
def test_bad_proposals_are_refused_in_one_sentence(sqlite_record, moves, why, sentence):
    with sqlite_record.writing() as tx:
        a_shared_draft(tx)

        with pytest.raises((BadProposal, UnknownInPlan), match=sentence):
            proposals.propose(tx, PLAN, moves, why, by=ADA, at=MONDAY)


def test_only_a_draft_takes_proposals_and_only_at_its_revision(record):
    with record.writing() as tx:
        a_shared_draft(tx)
        with pytest.raises(StalePlan, match="there is no revision 7 yet"):
            proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", revision=7, by=MIA, at=MONDAY)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)

        with pytest.raises(WrongStep, match="is in review; only a draft can be edited"):
            proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MIA, at=MONDAY)
