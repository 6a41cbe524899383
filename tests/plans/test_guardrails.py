"""Each guardrail refuses in one sentence: what, by how much, and what would be allowed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from patchbook.period import Period
from patchbook.plans.effect import effect
from patchbook.plans.guardrails import Freeze, Guarded, Guardrails, Rail, Refusal, refusals, refuse
from patchbook.plans.plan import CarveLayer, Keep, Plan, PlanMeasure
from plans.test_effect import a_grid

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
FRIDAY = datetime(2027, 1, 8, tzinfo=UTC)


def told(moves, rails=None, *, at=MONDAY, reach=None, grid=None):
    state = grid or a_grid()
    rails = rails or Guardrails()
    found = effect(state, moves, tolerances=rails.tolerances)
    return [refusal.says for refusal in refusals(state, moves, found, rails, at=at, reach=reach)]


def test_without_limits_nothing_is_refused():
    assert told({"A2": "West", "A9": "West"}) == []


def test_a_territory_holds_only_so_many_accounts():
    says = "West would hold 5 accounts, 1 more than the 4 one territory may hold; it has room for 1."

    assert told({"A2": "West", "A5": "West"}, Guardrails(accounts_at_most=4)) == [says]
    assert told({"A2": "West"}, Guardrails(accounts_at_most=4)) == []


def test_a_territory_that_is_too_full_may_still_get_emptier():
    assert told({"A1": "New"}, Guardrails(accounts_at_most=2)) == []


def test_a_territory_stays_within_tolerance_or_comes_nearer_to_it():
    rails = Guardrails(tolerances={"potential": 0.25})

    assert told({"A4": "East"}, rails) == [
        "West would go from -10 % to -40 % of its target potential; 2.5 to 4.167 (±25 %) is allowed."
    ]
    assert told({"A5": "East"}, rails) == []


def test_only_so_many_accounts_may_change_owner():
    rails = Guardrails(moved_at_most=0.4)

    assert told({"A1": "East"}, rails) == [
        "50 % of the accounts with an owner today would change owner, up from 37.5 %; at most 40 % may."
    ]
    assert told({"A2": "West"}, rails) == []


def test_a_plan_over_the_limit_already_may_come_nearer_to_it():
    assert told({"A2": "West"}, Guardrails(moved_at_most=0.1)) == []


def test_locked_accounts_are_named():
    grid = a_grid(locked=("A1", "A4", "A5", "A7", "A8"))

    assert told({"A1": "East"}, grid=grid) == ["A1 is locked to West; unlock first."]
    assert told({"A1": "East", "A4": "East"}, grid=grid) == ["A1 and A4 are locked to West; unlock first."]
    assert told(dict.fromkeys(("A1", "A4", "A5", "A7", "A8"), "East"), grid=grid) == [
        "A1, A4, A5 and 2 more are locked to where they are; unlock first."
    ]
    assert told({"A1": "West"}, grid=grid) == []


def test_a_freeze_holds_until_it_ends():
    rails = Guardrails(freezes=[Freeze(period=Period(MONDAY, FRIDAY), why="Quarter end")])

    assert told({"A2": "West"}, rails) == ["Plans are frozen until 2027-01-08: Quarter end."]
    assert told({"A2": "West"}, rails, at=FRIDAY) == []


def test_nobody_moves_what_lies_outside_their_territories():
    says = "East is outside your territories; propose the move instead, and whoever looks after both sides decides."

    assert told({"A1": "East"}, reach={"West", "Middle"}) == [says]
    assert told({"A1": "Middle"}, reach={"West", "Middle"}) == []
    assert told({"A1": "East"}, reach=set())[0].startswith("East and West are outside your territories;")


def test_every_guardrail_is_told_at_once():
    rails = Guardrails(
        accounts_at_most=3,
        tolerances={"potential": 0.25},
        moved_at_most=0.4,
        freezes=[Freeze(period=Period(MONDAY, FRIDAY), why="Quarter end")],
    )

    assert len(told({"A1": "East"}, rails, reach={"West"}, grid=a_grid(locked=("A1",)))) == 6


def test_a_planner_overrules_with_a_reason_but_nobody_the_edge_of_their_own():
    lock = Refusal(rail=Rail.LOCK, says="A1 is locked to West; unlock first.")
    edge = Refusal(rail=Rail.SUBTREE, says="East is outside your territories.")

    refuse([])
    refuse([lock], overrule="The board asked.", may_overrule=True)
    for reason, may in ((None, True), (" ", True), ("The board asked.", False)):
        with pytest.raises(Guarded, match=r"unlock first\. A planner may overrule this with a reason\.$"):
            refuse([lock], overrule=reason, may_overrule=may)
    with pytest.raises(Guarded, match=r"outside your territories\.$"):
        refuse([edge], overrule="Please.", may_overrule=True)


def test_the_limits_of_a_plan_file_are_its_tolerances_and_the_widest_share_a_layer_may_move():
    plan = Plan(
        name="Grid",
        accounts=Path("accounts.csv"),
        measures=(PlanMeasure(name="potential", source="potential", tolerance=0.1),),
        layers=(
            CarveLayer(name="Field", keep=Keep(moved_at_most=0.2)),
            CarveLayer(name="Key", keep=Keep(moved_at_most=0.3)),
            CarveLayer(name="Rest"),
        ),
    )

    rails = Guardrails.of(plan, accounts_at_most=500)

    assert (rails.accounts_at_most, dict(rails.tolerances), rails.moved_at_most) == (500, {"potential": 0.1}, 0.3)
