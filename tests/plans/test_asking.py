"""Studies of plans of the record: asked, kept, found again, and forgotten when the plan is another."""

from __future__ import annotations

import pytest

from builders.plans import ADA, ANN, MIA, TUESDAY, a_carved_plan, a_draft, a_market
from patchbook.carving.solution import Progress
from patchbook.db.record import open_record
from patchbook.errors import NotAllowed
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.plans import actions as plans
from patchbook.plans import asking
from patchbook.plans.life import NotCarved
from patchbook.plans.studies import BadChoice, NoStudy


@pytest.fixture
def market(sqlite_record):
    a_market(sqlite_record)
    return sqlite_record


@pytest.fixture
def plan(market):
    return a_carved_plan(market)


def ask(record, plan_id, *, stop=lambda: False, by=ADA, **choices):
    with record.reading() as tx:
        prepared = asking.prepare_study(tx, plan_id, "balance", choices, by=by, at=TUESDAY)
    return prepared.run(stop=stop)


def told(record, plan_id, **asked):
    with record.reading() as tx:
        return asking.answer(tx, plan_id, "balance", by=ADA, at=TUESDAY, **asked)


def test_an_answer_is_found_again_by_whoever_opens_the_record_next(market, plan):
    answer = ask(market, plan.plan_id)
    again = open_record(market.folder)

    found = told(again, plan.plan_id)
    again.close()

    assert found == answer
    assert (found.by, found.at, found.seed) == ("ada", TUESDAY, plan.seed)
    assert "Field, potential" in found.found.says[0]
    with market.reading() as tx:
        assert plans.get(tx, plan.plan_id, by=ADA, at=TUESDAY) == plan


def test_answers_with_other_choices_are_kept_beside_each_other_and_the_newest_comes_first(market, plan):
    first = ask(market, plan.plan_id)
    second = ask(market, plan.plan_id, measure="potential")
    again = ask(market, plan.plan_id)

    with market.reading() as tx:
        kept = asking.answers(tx, plan.plan_id, by=ADA, at=TUESDAY)["balance"]
    assert [one.key for one in kept] == [again.key, second.key]
    assert first.key == again.key
    assert told(market, plan.plan_id, key=second.key).choices == {"measure": "potential"}


def test_the_deals_of_the_record_are_what_money_learns_from(market, plan):
    with market.writing() as tx:
        rows = "opportunity_id,account_id,stage,amount_usd,closed_on\n1,A3,Won,100,2026-01-01\n2,A4,Won,50,2026-12-31\n"
        imports.opportunities(tx, rows.encode(), name="deals.csv", by=system(), at=TUESDAY)
        asked = asking.prepare_study(tx, plan.plan_id, "money", {"history": "record"}, by=ADA, at=TUESDAY)

    says = asked.run().found.says

    assert any("The record has 2 opportunities won in 1.0 years, with 2 accounts of the plan" in line for line in says)


def test_the_answer_does_not_outlive_what_the_plan_means(market, plan):
    ask(market, plan.plan_id)
    with market.writing() as tx:
        document = plan.document.replace("tolerance: 30%", "tolerance: 20%")
        plans.change_document(tx, plan.plan_id, document, revision=plan.revision, by=ADA, at=TUESDAY)

    with pytest.raises(asking.NotAsked, match="as it is now; ask it"):
        told(market, plan.plan_id)


def test_a_plan_that_is_no_draft_any_more_can_be_asked_about(market, plan):
    with market.writing() as tx:
        plans.submit(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)

    assert ask(market, plan.plan_id).found.says


def test_no_name_of_a_person_is_kept(market, plan):
    ask(market, plan.plan_id)

    (file,) = (market.folder / asking.FOLDER).iterdir()
    assert not [name for name in ("Ann Able", "Bob Best", "Cy Core") if name in file.read_text()]


def test_a_study_that_is_stopped_tells_what_it_found_and_the_next_has_the_whole(market, plan):
    stopped = ask(market, plan.plan_id, stop=lambda: True)
    whole = ask(market, plan.plan_id)

    assert (stopped.found.was_stopped, whole.found.was_stopped) == (True, False)


def test_whoever_waits_is_told_how_far_it_is(market, plan):
    asking._CARVED.forget_all()
    heard: list[Progress] = []
    with market.reading() as tx:
        prepared = asking.prepare_study(tx, plan.plan_id, "balance", {}, by=ADA, at=TUESDAY)

    prepared.run(tell=heard.append)

    assert {"reading"} < {one.phase for one in heard}


def test_what_cannot_be_asked_is_refused_with_what_would_be_right(market, plan):
    draft = a_draft(market, name="Next")
    with market.reading() as tx:
        now = {"at": TUESDAY}
        with pytest.raises(NotCarved):
            asking.check_study(tx, draft.plan_id, "balance", {}, by=ADA, **now)
        with pytest.raises(NoStudy):
            asking.check_study(tx, plan.plan_id, "luck", {}, by=ADA, **now)
        with pytest.raises(BadChoice):
            asking.check_study(tx, plan.plan_id, "balance", {"x": "1"}, by=ADA, **now)
        with pytest.raises(NotAllowed):
            asking.check_study(tx, plan.plan_id, "balance", {}, by=MIA, **now)
        with pytest.raises(NotAllowed):
            asking.answers(tx, plan.plan_id, by=ANN, **now)
        assert asking.answers(tx, draft.plan_id, by=ADA, **now) == {}


def test_moves_made_by_hand_are_said_not_to_be_in_it(market, plan):
    with market.reading() as tx:
        rows = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY).assignments.drop_nulls("seat")
    account, here = rows["account_id"][0], rows["territory"][0]
    other = next(territory for territory in rows["territory"] if territory != here)
    from patchbook.plans.edits import Move

    before = ask(market, plan.plan_id)
    with market.writing() as tx:
        plans.edit(
            tx, plan.plan_id, Move(accounts=(account,), to=other), why="they asked", revision=plan.revision,
            overrule=None, by=ADA, at=TUESDAY,
        )  # fmt: skip

    assert (before.has_moves, ask(market, plan.plan_id).has_moves) == (False, True)
