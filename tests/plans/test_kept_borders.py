"""Why borders are there, kept with a carve of the record and told without carving anew."""

from __future__ import annotations

import json

import pytest

from builders.plans import ADA, ANN, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.people.permission import NotAllowed
from patchbook.plans import actions as plans
from patchbook.plans import results
from patchbook.plans.edits import Merge, Move, Rename
from patchbook.plans.kept_borders import borders_in_force, borders_of
from patchbook.plans.life import NotCarved


@pytest.fixture
def plan(sqlite_record):
    a_market(sqlite_record)
    return a_carved_plan(sqlite_record)


def told(record, plan, territory=None, by=ADA):
    with record.reading() as tx:
        return borders_of(tx, plan.plan_id, territory=territory, by=by, at=TUESDAY)


def edited(record, plan, edit):
    with record.writing() as tx:
        plans.edit(tx, plan.plan_id, edit, revision=None, overrule="for the test", by=ADA, at=TUESDAY)


def names_of(record, plan):
    with record.reading() as tx:
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
    return state.territories.filter(state.territories["layer"] == "Field")["territory"].to_list()


def test_the_reasons_of_the_carve_are_kept_and_read_back_word_for_word(sqlite_record, plan):
    with sqlite_record.reading() as tx:
        job = plans.prepare_carve(tx, plan.plan_id, by=ADA, at=TUESDAY)
    carved = job.run().result.borders
    kept = told(sqlite_record, plan)

    assert kept.are_kept
    assert [(one.territory, one.neighbour, one.held, one.reason) for one in kept.borders] == list(
        carved.select("territory", "neighbour", "held", "reason").iter_rows()
    )
    assert kept.borders
    assert all(one.reason for one in kept.borders)
    assert not any(one.is_older for one in kept.borders)


def test_one_territory_has_its_own_side_of_each_of_its_borders(sqlite_record, plan):
    name = names_of(sqlite_record, plan)[0]
    mine = told(sqlite_record, plan, name).borders

    assert {one.territory for one in mine} == {name}
    assert len(mine) == sum(one.territory == name for one in told(sqlite_record, plan).borders)
    assert told(sqlite_record, plan, "Strategic").borders == ()
    assert told(sqlite_record, plan, "Nowhere").borders == ()


def test_territories_are_called_as_they_are_now_in_sentences_too(sqlite_record, plan):
    before = told(sqlite_record, plan)
    name = next(one.territory for one in before.borders if one.territory in one.reason)
    edited(sqlite_record, plan, Rename(territory=name, to="Sunrise"))
    after = told(sqlite_record, plan)

    assert name not in {one.territory for one in after.borders} | {one.neighbour for one in after.borders}
    assert not any(name in one.reason for one in after.borders)
    assert [one.reason.replace("Sunrise", name) for one in after.borders] == [one.reason for one in before.borders]


def test_what_was_moved_or_merged_by_hand_since_is_marked(sqlite_record, plan):
    first, second, third = names_of(sqlite_record, plan)
    with sqlite_record.reading() as tx:
        rows = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).assignments
    account = rows.filter(rows["territory"] == first)["account_id"][0]
    edited(sqlite_record, plan, Move(accounts=(account,), to=second))
    moved = told(sqlite_record, plan).borders
    assert all(one.is_older == bool({one.territory, one.neighbour} & {first, second}) for one in moved)

    edited(sqlite_record, plan, Merge(territories=(third,), into=first))
    merged = told(sqlite_record, plan).borders
    assert third not in {one.territory for one in merged}
    assert all(one.is_older for one in merged)


def test_a_result_that_was_kept_before_borders_were_says_so(sqlite_record, plan):
    place = sqlite_record.folder / results.FOLDER / f"{plan.result_id}.json"
    listed = json.loads(place.read_text())
    del listed["tables"]["borders"]
    place.write_text(json.dumps(listed))
    results.read.cache_clear()

    assert told(sqlite_record, plan) == told(sqlite_record, plan, "Strategic")
    assert not told(sqlite_record, plan).are_kept
    results.read.cache_clear()


def test_who_does_not_see_everyone_sees_no_borders(sqlite_record, plan):
    with pytest.raises(NotAllowed):
        told(sqlite_record, plan, by=ANN)
    with sqlite_record.reading() as tx:
        assert borders_in_force(tx, names_of(sqlite_record, plan)[0], by=ANN, at=TUESDAY) == ()


def test_a_plan_without_a_carve_has_none(sqlite_record, plan):
    with pytest.raises(NotCarved):
        told(sqlite_record, a_draft(sqlite_record, name="Bare"))
