"""A plan as it stands is remembered, and is the one that is worked out anew."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from builders.plans import ADA, PIA, TUESDAY, a_carved_plan, a_market
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.edits import Add, Lock, Merge, Move, Rename, Staff
from patchbook.plans.standing import standing, state_now
from patchbook.plans.state import state_of


@pytest.fixture
def market(sqlite_record):
    a_market(sqlite_record)
    return sqlite_record


@pytest.fixture
def carved(market):
    return a_carved_plan(market)


def remembered(record, plan_id, *, shapes=True):
    with record.reading() as tx:
        return state_now(tx, store.get(tx, plan_id), shapes=shapes)


def anew(record, plan_id):
    with record.reading() as tx:
        return state_of(record.folder, store.get(tx, plan_id), store.edits(tx, plan_id))


def change(record, plan_id, edit, by=ADA):
    with record.writing() as tx:
        return plans.edit(tx, plan_id, edit, revision=None, overrule="for the test", by=by, at=TUESDAY)


def the_same(record, plan_id):
    before, after = remembered(record, plan_id), anew(record, plan_id)
    assert_frame_equal(before.assignments, after.assignments)
    assert_frame_equal(before.territories, after.territories)
    assert before.plan == after.plan


def test_what_is_remembered_is_what_is_worked_out_anew_after_every_edit(market, carved):
    names = remembered(market, carved.plan_id).territories["territory"].to_list()
    field = [name for name in names if name.startswith("Field")]
    edits = [
        Move(accounts=("A3", "A4", "A5"), to=field[0]),
        Rename(territory=field[1], to="North"),
        Add(territory="New", person="bob"),
        Move(accounts=("A6", "A7"), to="New"),
        Lock(accounts=("A6",)),
        Staff(territory=field[0], person="cy"),
        Merge(territories=(field[2], "North"), into="North"),
    ]
    for edit in edits:
        change(market, carved.plan_id, edit)

        the_same(market, carved.plan_id)
    for _ in range(3):
        with market.writing() as tx:
            plans.undo(tx, carved.plan_id, revision=None, by=PIA, at=TUESDAY)

        the_same(market, carved.plan_id)
    with market.writing() as tx:
        plans.redo(tx, carved.plan_id, revision=None, by=PIA, at=TUESDAY)
    the_same(market, carved.plan_id)


def test_without_shapes_everything_is_told_but_compactness(market, carved):
    change(market, carved.plan_id, Move(accounts=("A3",), to="Strategic"))

    lean = remembered(market, carved.plan_id, shapes=False)
    full = remembered(market, carved.plan_id)

    assert lean.territories["compactness"].is_null().all()
    assert full.territories["compactness"].is_not_null().any()
    assert_frame_equal(lean.territories.drop("compactness"), full.territories.drop("compactness"))
    assert_frame_equal(lean.assignments, full.assignments)


def test_what_a_transaction_wrote_and_took_back_is_not_remembered(market, carved):
    def where(account):
        found = remembered(market, carved.plan_id).assignments.filter(pl.col("account_id") == account)
        return found["territory"][0]

    before = where("A3")
    with market.engine.connect() as tx:
        tx.info.clear()
        tx.info["record"] = market
        with tx.begin() as begun:
            plans.edit(tx, carved.plan_id, Move(accounts=("A3",), to="Strategic"), revision=None, by=ADA, at=TUESDAY)
            seen = plans.state(tx, carved.plan_id, by=ADA, at=TUESDAY).assignments
            assert dict(seen.select("account_id", "territory").iter_rows())["A3"] == "Strategic"
            begun.rollback()

    assert where("A3") == before
    # The edit that follows has the number of the one that was taken back.
    change(market, carved.plan_id, Move(accounts=("A4",), to="Strategic"))
    assert (where("A3"), where("A4")) == (before, "Strategic")
    the_same(market, carved.plan_id)


def test_it_is_the_same_object_until_something_changes(market, carved):
    with market.reading() as tx:
        first = standing(tx, store.get(tx, carved.plan_id))
    with market.reading() as tx:
        assert standing(tx, store.get(tx, carved.plan_id)) is first
    change(market, carved.plan_id, Lock(accounts=("A3",)))
    with market.reading() as tx:
        assert standing(tx, store.get(tx, carved.plan_id)) is not first
