"""What became of a plan, revision by revision and edit by edit."""

from __future__ import annotations

import pytest

from builders.counting import statements
from builders.plans import ADA, TUESDAY, the_plan
from patchbook.plans import actions as plans
from patchbook.plans.edits import Lock, Move, Rename, Vacate
from patchbook.web.pages.plan_history import load


@pytest.fixture
def company(market):
    return market


def edited(record, name, *edits):
    plan = the_plan(record, name)
    with record.writing() as tx:
        for edit in edits:
            plan = plans.edit(tx, plan.plan_id, edit, why="Because", revision=None, overrule="x", by=ADA, at=TUESDAY)
    return plan


def page(record, plan_id, **asked):
    with record.reading() as tx:
        return load(tx, plan_id, by=ADA, at=TUESDAY, **asked)


def test_every_edit_is_told_in_one_line_with_its_reason(company):
    plan = edited(
        company, "Field 2027", Rename(territory="Strategic", to="Key"), Move(accounts=("A3",), to="Key"),
        Move(accounts=("A4", "A5"), to="Key"), Lock(accounts=("A3", "A4")), Vacate(territory="Key"),
    )  # fmt: skip

    shown = page(company, plan.plan_id)

    assert [one.what for one in shown.edits] == [
        "Called Strategic Key", "Moved A3 to Key", "Moved 2 accounts to Key", "Locked 2 accounts", "Left Key vacant",
    ]  # fmt: skip
    assert {(one.by, one.counts) for one in shown.edits} == {("Ada Plan", True)}
    assert shown.edits[0].why.startswith("Because")
    assert [one.revision for one in shown.versions] == list(range(1, plan.revision + 1))


def test_an_edit_taken_back_stays_in_the_list_as_undone(company):
    plan = edited(company, "Field 2027", Rename(territory="Strategic", to="Key"))
    with company.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)

    (edit,) = page(company, plan.plan_id).edits

    assert (edit.counts, edit.undone_by) == (False, "Ada Plan")


def test_a_scenario_says_what_it_was_cloned_from_by_its_name(company):
    shown = page(company, the_plan(company, "Anew").plan_id)

    assert shown.versions[0].what == "cloned it from Field 2027"


def test_long_histories_come_page_by_page_and_ask_as_much_each_time(company):
    plan_id = the_plan(company).plan_id
    with company.reading() as tx, statements(tx) as few:
        load(tx, plan_id, by=ADA, at=TUESDAY)
    edited(company, "Field 2027", *[Lock(accounts=(f"A{number % 24 + 1}",)) for number in range(60)])

    first = page(company, plan_id)
    with company.reading() as tx, statements(tx) as many:
        second = load(tx, plan_id, after=first.next, edit=first.next_edit, by=ADA, at=TUESDAY)

    assert len(first.edits) == 50
    assert len(second.edits) == 10
    assert second.versions[0].revision == 51
    assert many.number == few.number == 6


def test_names_in_edits_are_shown_as_text(visitor, company):
    plan = edited(company, "Field 2027", Rename(territory="Strategic", to="<img src=x onerror=alert(1)>"))

    shown = visitor("ada").get(f"/plans/{plan.plan_id}/history").text

    assert "&lt;img src=x" in shown
    assert "<img" not in shown
