"""Plans as one YAML file: what is exported and taken again is the same plan."""

from __future__ import annotations

import pytest
import yaml
from polars.testing import assert_frame_equal

from builders.plans import ADA, MONDAY, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.imports.snapshots import SnapshotMissing
from patchbook.plans import actions as plans
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
                tx, plan.plan_id, one, why="agreed in Boston:\nyes", revision=plan.revision, overrule="agreed",
                by=ADA, at=TUESDAY,
            )  # fmt: skip
    with record.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)
    return plan


def exported(record, plan_id):
    with record.reading() as tx:
        return export(tx, plan_id, by=ADA, at=TUESDAY), plans.state(tx, plan_id, by=ADA, at=TUESDAY)


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


def test_an_exported_plan_reads_well(sqlite_record):
    a_market(sqlite_record)
    text, _ = exported(sqlite_record, worked_on(sqlite_record).plan_id)

    assert text.startswith(
        "patchbook_plan: 1\nname: Field 2027\neffective: 2027-02-01\ndocument: |\n  plan: Field 2027"
    )
    assert "\n- move:\n    accounts: [A5, A6]\n    to: " in text
    assert text.count("\n- ") == 5  # the last edit was undone


def test_a_draft_without_a_carve_is_exported_too(sqlite_record):
    a_market(sqlite_record)
    draft = a_draft(sqlite_record, confidential=True)
    with sqlite_record.reading() as tx:
        text = export(tx, draft.plan_id, by=ADA, at=TUESDAY)
    with sqlite_record.writing() as tx:
        taken = take(tx, text, name="Again", by=ADA, at=TUESDAY)

    assert (taken.name, taken.confidential, taken.document) == ("Again", True, draft.document)
    assert "edits" not in text
    assert "carved" not in text


def test_edits_that_no_longer_fit_are_told_and_the_others_hold(sqlite_record):
    a_market(sqlite_record)
    text, _ = exported(sqlite_record, worked_on(sqlite_record).plan_id)
    told = yaml.safe_load(text)
    told["edits"][1] = {"lock": {"accounts": ["A66"]}, "by": "ada", "at": "2027-01-04"}
    with sqlite_record.writing() as tx:
        taken = take(tx, yaml.safe_dump(told), by=ADA, at=TUESDAY)

    kept = plans.carve_now(sqlite_record, taken.plan_id, by=ADA, clock=lambda: TUESDAY)

    assert kept.not_applied == ("lock: The plan has no account 'A66'; the nearest is 'A6'.",)
    assert "North: 'east' & more" in str(exported(sqlite_record, taken.plan_id)[1].territories["territory"].to_list())


def test_the_accounts_a_plan_was_carved_with_must_be_there_unless_it_is_to_be_carved_afresh(sqlite_record):
    a_market(sqlite_record)
    text, _ = exported(sqlite_record, worked_on(sqlite_record).plan_id)
    told = yaml.safe_load(text)
    told["carved"]["snapshot"] = "accounts-0123456789abcdef"

    with sqlite_record.writing() as tx:
        with pytest.raises(SnapshotMissing, match="Snapshot accounts-0123456789abcdef is not in"):
            take(tx, yaml.safe_dump(told), by=ADA, at=TUESDAY)
        assert take(tx, yaml.safe_dump(told), fresh=True, by=ADA, at=TUESDAY).snapshot_id is None


GOOD = {"patchbook_plan": 1, "name": "P", "document": "plan: P\naccounts: a.csv\nlayers:\n  - house: rest\n"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"patchbook_plan": 2}, "The file says patchbook_plan: 2; this version of Patchbook reads 1."),
        ({"layers": []}, "The file has a part 'layers'; an exported plan has name, effective"),
        ({"name": 7}, "name is '7'; an exported plan has text there."),
        ({"document": None}, "document is 'None'; an exported plan has text there."),
        ({"effective": "soon"}, "effective is 'soon'; it must be a date, as 2027-02-01."),
        ({"confidential": "yes"}, "confidential is 'yes'; an exported plan has true or false there."),
        ({"files": {"a": 1}}, "files holds something other than text; give each file's content."),
        ({"files": {1: "a"}}, "files has a key that is no text."),
        ({"carved": {"seed": "x"}}, "carved has seed 'x' and seconds None; both are numbers."),
        ({"edits": ["move"]}, "edits[1] is 'move'; an edit is a group"),
        ({"edits": [{"by": "ada"}]}, "edits[1] names no edit; it must name one."),
        ({"edits": [{"move": {"accounts": ["A1"]}, "by": "ada", "at": "2027-01-01"}]}, "edits[1]: The edit move needs"),
        ({"edits": [{"lock": {"accounts": ["A1"]}, "by": "ada", "at": "soon"}]}, "edits[1]: 'soon' is no date"),
        ({"edits": [{"lock": {"accounts": ["A1"]}, "at": "2027-01-01"}]}, "edits[1] is by None; by is the id"),
    ],
)
def test_what_is_no_exported_plan_is_refused_with_one_sentence(sqlite_record, changes, message):
    with sqlite_record.writing() as tx, pytest.raises(NotAnExport) as refusal:
        take(tx, yaml.safe_dump({**GOOD, **changes}), by=ADA, at=MONDAY)

    assert message in str(refusal.value)
    with sqlite_record.reading() as tx:
        assert plans.plans(tx, by=ADA, at=MONDAY).rows == ()


@pytest.mark.parametrize("text", ["", "plan: P", "a: &x 1\nb: *x", "[", "- 1", "\x00"])
def test_a_text_that_is_no_plan_at_all_is_refused(sqlite_record, text):
    with sqlite_record.writing() as tx, pytest.raises(NotAnExport):
        take(tx, text, by=ADA, at=MONDAY)
