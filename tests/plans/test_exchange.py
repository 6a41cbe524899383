"""Plans as one YAML file: what is exported and taken again is the same plan."""

from __future__ import annotations

import pytest
import yaml
from polars.testing import assert_frame_equal

from builders.plans import ADA, MONDAY, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.imports.snapshots import SnapshotMissing
from patchbook.plans import actions as plans
from patchbook.plans import store
from patchbook.plans.edits import Lock, Merge, Move, Rename, Staff, Vacate
from patchbook.plans.exchange import NotAnExport, export, take


def worked_on(record):
    """A carved plan with an edit of most kinds."""
    plan = a_carved_plan(record)
    with record.reading() as tx:
        names = plans.state(tx, plan.plan_id, by=ADA, at=MONDAY).territories["territory"].to_list()
    edits = [
        Move(accounts=("A5", "A6"), to=names[1]),
        Lock(accounts=("A5",)),
        Rename(territory=names[1], to="North: 'east' & more"),
        Merge(territories=(names[2],), into=names[3]),
        Staff(territory=names[3], person="mia"),
        Vacate(territory="Strategic", interim="bob"),
    ]
    for one in edits:
        with record.writing() as tx:
            plan = plans.edit(
                tx, plan.plan_id, one, why="agreed in Boston:\nyes", revision=plan.revision, overrule="agreed in Boston",
                by=ADA, at=TUESDAY,
            )  # fmt: skip
    with record.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)
    return plan


def exported(record, plan_id):
    with record.reading() as tx:
        return export(tx, plan_id, by=ADA, at=TUESDAY), plans.state(tx, plan_id, by=ADA, at=TUESDAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def other_record(request):
    """A record of the other engine."""
    return request.getfixturevalue(f"{'postgresql' if request.param == 'sqlite' else 'sqlite'}_record")


def test_a_plan_taken_into_an_empty_record_with_the_same_accounts_is_the_same(sqlite_record, postgresql_record):
    for record in (sqlite_record, postgresql_record):
        a_market(record)
    text, before = exported(sqlite_record, worked_on(sqlite_record).plan_id)

    with postgresql_record.writing() as tx:
        taken = take(tx, text, by=ADA, at=TUESDAY)
    kept = plans.carve_now(postgresql_record, taken.plan_id, by=ADA, clock=lambda: TUESDAY)
    again, after = exported(postgresql_record, taken.plan_id)

    assert kept.not_applied == ()
    assert_frame_equal(after.assignments, before.assignments)
    assert_frame_equal(after.territories, before.territories)
    told, told_again = yaml.safe_load(text), yaml.safe_load(again)
    del told["carved"]["owners_at"], told_again["carved"]["owners_at"]
    assert told_again == told
