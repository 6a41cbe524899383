"""A territory of a draft split into equal parts: on the market of twenty-four accounts in twelve cities."""

from __future__ import annotations

import pytest

from builders.plans import ADA, DOCUMENT, MIA, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.people.permission import NotAllowed
from patchbook.plans import actions as plans
from patchbook.plans.edits import Lock, Move
from patchbook.plans.effect import UnknownInPlan
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import NotCarved
from patchbook.plans.splitting import BadSplit, prepare_split


@pytest.fixture
def plan(sqlite_record):
    a_market(sqlite_record)
    return a_carved_plan(sqlite_record)


def names_of(record, plan):
    with record.reading() as tx:
        return plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).territories["territory"].to_list()


def worked_out(record, plan, territory, into, *, by=ADA):
    with record.reading() as tx:
        prepared = prepare_split(tx, plan.plan_id, territory, into, by=by, at=TUESDAY)
    return prepared.run()


def edited(record, plan, edit, **more):
    with record.writing() as tx:
        return plans.edit(tx, plan.plan_id, edit, revision=None, by=ADA, at=TUESDAY, **more)


def held(record, plan):
    with record.reading() as tx:
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
    books = {}
    for account, territory in state.assignments.select("account_id", "territory").iter_rows():
        books.setdefault(territory, set()).add(account)
    return books, {row["territory"]: row for row in state.territories.iter_rows(named=True)}, state.assignments


def test_the_parts_share_the_territory_evenly_and_nothing_else_changes(sqlite_record, plan):
    before, figures, _ = held(sqlite_record, plan)
    whole = next(name for name, row in figures.items() if row["person"] == "ann")
    proposed = worked_out(sqlite_record, plan, whole, 2)

    assert held(sqlite_record, plan)[0] == before
    edited(sqlite_record, plan, proposed.edit, why="Boston hires")
    after, now, assignments = held(sqlite_record, plan)

    parts = [whole, f"{whole} 2"]
    assert set().union(*(after[name] for name in parts)) == before[whole]
    assert {name: after[name] for name in before if name != whole} == {
        name: accounts for name, accounts in before.items() if name != whole
    }
    for name in parts:
        assert now[name]["potential_target"] == pytest.approx(figures[whole]["potential_target"] / 2)
        half = figures[whole]["potential_actual"] / 2
        assert now[name]["potential_actual"] == pytest.approx(half, rel=0.3)  # the plan's tolerance
    assert now[whole]["person"] == "ann"
    assert "home of Ann Able" in proposed.kept_by
    moved = assignments.filter(assignments["territory"] == parts[1])
    assert all(one.startswith("Moved by ada on 2027-01-05, splitting") for one in moved["reason"])
    assert all("(Boston hires). " in one and not one.endswith(". ") for one in moved["reason"])


def test_one_undo_takes_a_split_back_and_redo_makes_it_again(sqlite_record, plan):
    before = held(sqlite_record, plan)
    whole = names_of(sqlite_record, plan)[1]
    edited(sqlite_record, plan, worked_out(sqlite_record, plan, whole, 3).edit)
    split = held(sqlite_record, plan)
    with sqlite_record.writing() as tx:
        plans.undo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)
    undone = held(sqlite_record, plan)
    with sqlite_record.writing() as tx:
        plans.redo(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)

    assert undone[:2] == before[:2]
    assert held(sqlite_record, plan)[:2] == split[:2] != before[:2]


def test_it_splits_the_draft_as_it_stands_and_locked_accounts_stay(sqlite_record, plan):
    books, _, _ = held(sqlite_record, plan)
    whole, other = names_of(sqlite_record, plan)[1:3]
    come = sorted(books[other])[0]
    edited(sqlite_record, plan, Move(accounts=(come,), to=whole), overrule="for the test")
    locked = tuple(sorted(books[whole])[:2])
    edited(sqlite_record, plan, Lock(accounts=locked))
    proposed = worked_out(sqlite_record, plan, whole, 2)

    edited(sqlite_record, plan, proposed.edit)
    after, _, _ = held(sqlite_record, plan)
    assert come in after[whole] | after[f"{whole} 2"]
    assert set(locked) <= after[whole]
    assert proposed.kept_by == "the accounts that are locked stay"


def test_a_territory_outside_any_carve_is_split_by_place(sqlite_record, plan):
    proposed = worked_out(sqlite_record, plan, "Strategic", 2)

    edited(sqlite_record, plan, proposed.edit)
    after, _, _ = held(sqlite_record, plan)
    assert (len(after["Strategic"]), len(after["Strategic 2"])) == (1, 1)


def test_the_same_split_twice_is_the_same(sqlite_record, plan):
    whole = names_of(sqlite_record, plan)[1]
    first = worked_out(sqlite_record, plan, whole, 3)

    assert worked_out(sqlite_record, plan, whole, 3) == first


def test_a_new_name_is_one_that_nobody_has(sqlite_record, plan):
    whole = names_of(sqlite_record, plan)[1]
    edited(sqlite_record, plan, worked_out(sqlite_record, plan, whole, 2).edit)
    again = worked_out(sqlite_record, plan, whole, 2)

    assert [part.territory for part in again.edit.parts] == [f"{whole} 3"]


def test_a_vacant_part_is_split_in_turn(sqlite_record, plan):
    whole = names_of(sqlite_record, plan)[1]
    edited(sqlite_record, plan, worked_out(sqlite_record, plan, whole, 2).edit)
    part = f"{whole} 2"
    proposed = worked_out(sqlite_record, plan, part, 2)
    edited(sqlite_record, plan, proposed.edit)

    assert proposed.kept_by == "there are most accounts"
    assert held(sqlite_record, plan)[0].keys() >= {whole, part, f"{part} 2"}


def test_families_stay_together(sqlite_record):
    a_market(sqlite_record)
    document = DOCUMENT.replace("compact: true", "compact: true, together: state")
    plan = a_carved_plan(sqlite_record, document)
    whole = names_of(sqlite_record, plan)[1]
    edited(sqlite_record, plan, worked_out(sqlite_record, plan, whole, 2).edit)
    after, _, _ = held(sqlite_record, plan)

    twins = [(f"A{n}", f"A{n + 12}") for n in range(3, 13)]
    assert all((one in after[name]) == (other in after[name]) for one, other in twins for name in (whole, f"{whole} 2"))


def test_a_cap_on_moves_is_a_guardrail_that_a_planner_may_overrule(sqlite_record):
    a_market(sqlite_record)
    plan = a_carved_plan(sqlite_record, DOCUMENT.replace("compact: true", "compact: true, keep: {moved_at_most: 30%}"))
    _, _, assignments = held(sqlite_record, plan)
    kept = assignments.filter(assignments["person"] == assignments["previous_owner"])["territory"].mode()[0]
    proposed = worked_out(sqlite_record, plan, kept, 3)

    with pytest.raises(Guarded, match="would change owner"):
        edited(sqlite_record, plan, proposed.edit)
    edited(sqlite_record, plan, proposed.edit, overrule="We grow")
    assert f"{kept} 3" in held(sqlite_record, plan)[1]


@pytest.mark.parametrize(
    ("territory", "into", "error", "message"),
    [
        ("Nowhere", 2, UnknownInPlan, "The plan has no territory 'Nowhere'"),
        ("Strategic", 1, BadSplit, "Strategic cannot be split into 1; it is 2 to 100."),
        ("Strategic", 3, BadSplit, "Strategic has 2 accounts, so it cannot be split into 3."),
    ],
)
def test_what_cannot_be_split_is_refused(sqlite_record, plan, territory, into, error, message):
    with pytest.raises(error, match=message):
        worked_out(sqlite_record, plan, territory, into)


def test_only_planners_split_and_only_what_is_carved(sqlite_record, plan):
    with pytest.raises(NotAllowed):
        worked_out(sqlite_record, plan, "Strategic", 2, by=MIA)
    bare = a_draft(sqlite_record, name="Bare")
    with pytest.raises(NotCarved):
        worked_out(sqlite_record, bare, "Strategic", 2)
