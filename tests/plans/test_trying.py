"""Trying a plan's settings, and taking what came of one."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from builders.plans import ADA, DOCUMENT, MIA, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.errors import BadInput, NotAllowed
from patchbook.plans import actions as plans
from patchbook.plans import trying
from patchbook.plans.edits import Lock, Move, Rename
from patchbook.plans.frontier import AS_WRITTEN
from patchbook.plans.life import NotCarved
from patchbook.plans.store import StalePlan


@pytest.fixture
def market(sqlite_record):
    a_market(sqlite_record)
    return sqlite_record


def run(record, plan_id, wanted=3, **more):
    """A short walk; a long one only goes on in the same way."""
    with record.reading() as tx:
        trial = trying.prepare_trial(tx, plan_id, seconds=2, by=ADA, at=TUESDAY)
    return replace(trial, wanted=wanted).run(**more)


def tried(record, plan_id):
    with record.reading() as tx:
        return trying.tried(tx, plan_id, by=ADA, at=TUESDAY)


def test_what_was_tried_is_found_again_and_trying_again_gives_the_same(market):
    plan = a_carved_plan(market)
    assert tried(market, plan.plan_id) == ()

    points = run(market, plan.plan_id)

    assert len(points) >= 3
    assert tried(market, plan.plan_id) == points
    assert points[0].result_id == plan.result_id
    assert points[0].tuning == AS_WRITTEN
    assert len({point.figures for point in points}) == len(points)
    assert run(market, plan.plan_id) == points


def test_points_count_by_the_measure_of_which_least_is_to_move(market):
    document = DOCUMENT.replace("compact: true", "compact: true, goal: rebalance, fewest: potential")
    plan = a_carved_plan(market, document)
    points = run(market, plan.plan_id)
    with market.reading() as tx:
        told = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).assignments
    owned = told.filter(pl.col("previous_owner").is_not_null())
    moved = owned.filter(pl.col("person").ne_missing(pl.col("previous_owner")))["measure_potential"].sum()

    assert {point.by for point in points} == {"potential"}
    assert points[0].moved_amount == pytest.approx(moved)
    assert points[0].moved_share == pytest.approx(moved / owned["measure_potential"].sum())
    assert tried(market, plan.plan_id) == points


def test_a_trial_that_is_stopped_keeps_what_it_found(market):
    plan = a_carved_plan(market)
    asked = []

    points = run(market, plan.plan_id, tried=asked.append, stop=lambda: len(asked) > 2)

    assert len(points) == 3
    assert tried(market, plan.plan_id) == points


def test_taking_a_point_gives_the_draft_its_settings_and_its_carve_and_keeps_names_and_locks(market):
    plan = a_carved_plan(market)
    with market.writing() as tx:
        territory = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).territories["territory"][1]
        plan = plans.edit(tx, plan.plan_id, Rename(territory=territory, to="Mine"), revision=None, by=ADA, at=TUESDAY)
    points = run(market, plan.plan_id)
    point = next(point for point in points if point.tuning.tolerance_times == 2.0)

    with market.writing() as tx:
        with pytest.raises(StalePlan):
            trying.take(tx, plan.plan_id, point.tuning.key, revision=1, by=ADA, at=TUESDAY)
        kept = trying.take(tx, plan.plan_id, point.tuning.key, revision=plan.revision, by=ADA, at=TUESDAY)
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
        said = [one.what for one in plans.changes(tx, plan.plan_id, by=ADA, at=TUESDAY).rows]

    assert kept.plan.result_id == point.result_id
    assert "tolerance: 60%" in kept.plan.document
    assert (kept.plan.seed, kept.plan.seconds) == (point.seed, point.seconds)
    assert "Mine" in state.territories["territory"].to_list()
    assert said[-2:] == ["changed the document", "took a carve that was tried"]
    assert tried(market, plan.plan_id) == points


def test_a_point_becomes_a_scenario_and_the_plan_stays_as_it_is(market):
    plan = a_carved_plan(market)
    point = run(market, plan.plan_id)[1]

    with market.writing() as tx:
        made = trying.make_scenario(tx, plan.plan_id, point.tuning.key, name="Anew", by=ADA, at=TUESDAY)
        after = plans.get(tx, plan.plan_id, by=ADA, at=TUESDAY)

    assert (made.scenario_of, made.result_id) == (plan.plan_id, point.result_id)
    assert after == plan
    assert tried(market, made.plan_id) == tried(market, plan.plan_id)


def test_what_was_tried_of_another_plan_or_with_other_locks_is_not_shown(market):
    plan = a_carved_plan(market)
    run(market, plan.plan_id, wanted=2)

    with market.writing() as tx:
        plan = plans.edit(tx, plan.plan_id, Lock(accounts=("A3",)), revision=None, by=ADA, at=TUESDAY)
        assert trying.tried(tx, plan.plan_id, by=ADA, at=TUESDAY) == ()
        with pytest.raises(trying.NothingTried):
            trying.take(tx, plan.plan_id, "prefer-1-4", revision=None, by=ADA, at=TUESDAY)


def test_moves_made_by_hand_do_not_change_what_is_tried(market):
    plan = a_carved_plan(market)
    points = run(market, plan.plan_id, wanted=2)
    with market.writing() as tx:
        names = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).territories["territory"].to_list()
        plans.edit(
            tx, plan.plan_id, Move(accounts=("A3",), to=names[-1]), revision=None, overrule="x", by=ADA, at=TUESDAY
        )

    assert tried(market, plan.plan_id) == points


def test_only_a_carved_draft_is_tried_and_only_by_who_may_plan(market):
    draft = a_draft(market)
    with market.reading() as tx:
        with pytest.raises(NotCarved):
            trying.check_trial(tx, draft.plan_id, seconds=2, by=ADA, at=TUESDAY)
        with pytest.raises(BadInput, match="at most 600"):
            trying.check_trial(tx, draft.plan_id, seconds=601, by=ADA, at=TUESDAY)
        with pytest.raises(NotAllowed):
            trying.check_trial(tx, draft.plan_id, seconds=2, by=MIA, at=TUESDAY)
    assert tried(market, draft.plan_id) == ()
