"""What differs between two plans, told as a planner would."""

from __future__ import annotations

import pytest

from builders.plans import ADA, ANN, DOCUMENT, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.errors import NotAllowed
from patchbook.plans import actions as plans
from patchbook.plans.difference import Moved, Renamed, Restaffed, Setting, difference
from patchbook.plans.edits import Add, Move, Rename, Vacate


@pytest.fixture
def market(record):
    a_market(record)
    return record


def told(record, first, second):
    with record.reading() as tx:
        return difference(tx, first.plan_id, second.plan_id, by=ADA, at=TUESDAY)


def test_a_scenario_just_cloned_is_no_different(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        scenario = plans.clone(tx, plan.plan_id, "Scenario", by=ADA, at=TUESDAY)

    assert told(market, plan, scenario).is_empty


def test_edits_are_told_by_what_they_changed(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        scenario = plans.clone(tx, plan.plan_id, "Scenario", by=ADA, at=TUESDAY)
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
        names = state.territories["territory"].to_list()
        gone = state.assignments.filter(state.assignments["territory"] == names[2])["account_id"][0]
        for edit in (
            Rename(territory=names[1], to="North"),
            Move(accounts=(gone,), to="North"),
            Vacate(territory="Strategic"),
            Add(territory="Reserve"),
        ):
            plans.edit(tx, scenario.plan_id, edit, revision=None, overrule="test", by=ADA, at=TUESDAY)

    found = told(market, plan, scenario)

    assert found.settings == ()
    assert found.territories_added == ("Reserve",)
    assert found.territories_removed == ()
    assert found.territories_renamed == (Renamed(before=names[1], after="North"),)
    value = 97.0 + 3 * int(gone[1:])
    assert found.moved == (
        Moved(before=names[2], after="North", accounts=1, measures={"potential": value}, examples=(gone,)),
    )
    assert found.staffing == (Restaffed(territory="Strategic", before="mia", after=None),)
    assert found.accounts_moved == 1
    assert found.says == (
        "Scenario has a new territory Reserve.",
        f"The territory {names[1]} is called North.",
        f"1 account from {names[2]} to North.",
        "Strategic is vacant instead of held by mia.",
    )
    assert found.to_dict()["accounts_moved"] == 1


def test_settings_are_told_by_their_place(market):
    first = a_draft(market, name="Before")
    other = (
        DOCUMENT.replace("tolerance: 30%", "tolerance: 10%, transform: sqrt")
        .replace("compact: true", "compact: true, keep: {owners: ignore}")
        .replace("  - house: rest\n", "  - rule: {territory: Public, where: \"state = 'MA'\"}\n  - house: rest\n")
        .replace("seconds: 20\n", "")
    )
    second = a_draft(market, other, name="After")

    found = told(market, first, second)

    expected = (
        Setting(place="measures.potential.tolerance", before="30%", after="10%"),
        Setting(place="measures.potential.transform", before=None, after="sqrt"),
        Setting(place="seconds", before=20.0, after=60.0),
        Setting(place="layers.Field.keep.owners", before=None, after="ignore"),
        Setting(place="layers.Public.where", before=None, after="state = 'MA'"),
    )
    assert [one for one in expected if one not in found.settings] == []
    assert "seconds is 60.0 instead of 20.0." in found.says
    assert (
        "layers in order is strategic.csv, Field, Public, house instead of strategic.csv, Field, house." in found.says
    )


def test_who_may_not_see_everyone_sees_no_difference(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        plans.invite(tx, plan.plan_id, ["ann"], by=ADA, at=TUESDAY)
        with pytest.raises(NotAllowed):
            difference(tx, plan.plan_id, plan.plan_id, by=ANN, at=TUESDAY)
