"""The rules of a plan beside its accounts: what each takes, what a change would move, and the change itself."""

from __future__ import annotations

import pytest

from builders.plans import ADA, ANN, DOCUMENT, MONDAY, TUESDAY, a_carved_plan, a_market
from builders.rules import RULES, a_rule_book
from patchbook.errors import NotAllowed
from patchbook.plans import actions, rule_actions
from patchbook.plans.life import WrongStep
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.rule_actions import BadCondition
from patchbook.plans.rule_change import AddLayer, ChangeLayer, MoveLayer, NoSuchLayer, RemoveLayer
from patchbook.plans.rule_fixes import fixes_of
from patchbook.plans.store import StalePlan
from patchbook.rules.prove.finding import Kind
from patchbook.rules.prove.proof import prove


@pytest.fixture
def book(record):
    a_market(record)
    return a_rule_book(record)


def look(record, plan):
    with record.reading() as tx:
        return rule_actions.look(tx, plan.plan_id, by=ADA, at=MONDAY)


def weigh(record, plan, change):
    with record.reading() as tx:
        return rule_actions.weigh(tx, plan.plan_id, change, by=ADA, at=MONDAY)


def change(record, plan, change, *, revision=1, by=ADA):
    with record.writing() as tx:
        return rule_actions.change(tx, plan.plan_id, change, revision=revision, by=by, at=TUESDAY)


def document(record, plan):
    with record.reading() as tx:
        return actions.get(tx, plan.plan_id, by=ADA, at=MONDAY).document


def test_each_layer_says_how_many_accounts_it_takes_now(record, book):
    standing = look(record, book).standing

    # A1 and A2 are named, A18 to A24 are worth 150 and more, and five others are in TX, FL or GA.
    assert standing.counts == (2, 7, 5, 0, 10, 0)
    assert sum(standing.counts) == 24
    assert standing.goes.to_list()[:5] == ["Strategic", "Strategic", "House", "South", "House"]


def test_moving_a_rule_says_first_which_accounts_go_elsewhere(record, book):
    weighed = weigh(record, book, MoveLayer(layer=4, to=3))

    assert weighed.says == "Move rule 4 (Texas) before rule 3 (South)"
    assert weighed.moves.says == "3 of 24 accounts would go elsewhere."
    (way,) = weighed.moves.ways
    assert (way.before, way.after, way.accounts) == ("South", "Texas", 3)
    assert document(record, book) == RULES


def test_a_change_keeps_everything_else_of_the_document(record, book):
    change(record, book, ChangeLayer(layer=3, settings={"where": "state IN ('TX', 'FL')"}))

    assert document(record, book) == RULES.replace("'TX', 'FL', 'GA'", "'TX', 'FL'")


def test_a_rule_is_added_before_the_house_unless_told_otherwise(record, book):
    rule = AddLayer(kind="rule", settings={"territory": "Coast", "where": "state = 'CA'", "person": ""})

    change(record, book, rule)

    layers = look(record, book).standing.plan.layers
    assert [layer.name for layer in layers] == ["Named", "Large", "South", "Texas", "Coast", "House"]
    assert look(record, book).standing.counts[4] == 1


def test_a_condition_that_cannot_be_asked_is_refused_with_what_is_meant(record, book):
    with pytest.raises(BadCondition, match="no field is called 'stat'; did you mean 'state'"):
        change(record, book, ChangeLayer(layer=3, settings={"where": "stat = 'TX'"}))
    with pytest.raises(BadPlanFile, match="a quote is opened and never closed"):
        change(record, book, ChangeLayer(layer=3, settings={"where": "state = 'TX"}))


@pytest.mark.parametrize(
    ("deed", "refusal", "says"),
    [
        (RemoveLayer(layer=9), NoSuchLayer, "has 5 layers"),
        (ChangeLayer(layer=2, settings={"territory": " "}), ValueError, "needs a territory"),
        (ChangeLayer(layer=2, settings={"seats": "9"}), ValueError, "changed in the document"),
        (MoveLayer(layer=5, to=1), BadPlanFile, "house"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(record, book, deed, refusal, says):
    from patchbook.errors import PatchbookError

    with pytest.raises(refusal if issubclass(refusal, PatchbookError) else PatchbookError, match=says):
        change(record, book, deed)

    assert document(record, book) == RULES


def test_only_planners_change_rules_and_only_of_drafts_as_they_are_now(record, book):
    deed = RemoveLayer(layer=4)
    with pytest.raises(NotAllowed):
        change(record, book, deed, by=ANN)
    change(record, book, deed)

    with pytest.raises(StalePlan, match="ada changed the document"):
        change(record, book, deed, revision=1)
    with record.writing() as tx:
        actions.withdraw(tx, book.plan_id, revision=2, by=ADA, at=TUESDAY)
    with pytest.raises(WrongStep):
        change(record, book, deed, revision=None)


def test_every_fix_of_an_overlap_puts_it_right(record, book):
    standing = look(record, book).standing
    found = [one for one in prove(standing.ordered, standing.unnamed).findings if one.kind is Kind.OVERLAP]
    overlap = next(one for one in found if one.rules == (3, 2))
    up, narrower_second, narrower_first = fixes_of(overlap, standing)

    assert up.title == "Move rule 3 (South) above rule 2 (Large)"
    assert weigh(record, book, up.change).moves.moved == 3
    assert weigh(record, book, narrower_second.change).moves.moved == 0
    assert weigh(record, book, narrower_first.change).moves.moved == 3
    for fix in (narrower_second, narrower_first):
        after = weigh(record, book, fix.change).after
        left = prove(after.ordered, after.unnamed).of(Kind.OVERLAP)
        assert (3, 2) not in [one.rules for one in left], fix.title


def test_a_rule_that_never_wins_is_moved_up_or_deleted(record, book):
    standing = look(record, book).standing
    (shadowed,) = prove(standing.ordered, standing.unnamed).of(Kind.SHADOWED)
    up, gone = fixes_of(shadowed, standing)

    assert (up.title, up.change) == ("Move rule 4 (Texas) above rule 3 (South)", MoveLayer(layer=4, to=3))
    assert (gone.title, gone.change) == ("Delete rule 4 (Texas)", RemoveLayer(layer=4))
    assert weigh(record, book, gone.change).moves.moved == 0


def test_a_gap_is_closed_by_a_house_or_a_rule(record):
    a_market(record)
    open_book = a_rule_book(record, RULES.replace("  - house: rest\n", ""))
    standing = look(record, open_book).standing
    gap = prove(standing.ordered, standing.unnamed).of(Kind.GAP)[0]
    house, rule = fixes_of(gap, standing)

    assert standing.counts[-1] == 10
    assert weigh(record, open_book, house.change).after.counts[-1] == 0
    assert rule.change.settings["where"] == gap.condition


def test_excluding_an_overlap_keeps_accounts_whose_field_is_empty(record):
    from patchbook.plans.rule_fixes import without_overlap
    from patchbook.rules import parse, truth

    own = parse("revenue_usd > 10")
    narrowed = parse(without_overlap(own, parse("state = 'GA' AND revenue_usd > 10")))

    assert truth(narrowed, {"revenue_usd": 20, "state": None}) is True
    assert truth(narrowed, {"revenue_usd": 20, "state": "GA"}) is not True


def test_rules_are_held_to_the_last_carve_and_to_another_plan(record):
    a_market(record)
    plan = a_carved_plan(record)
    now = look(record, plan)
    other = a_rule_book(record)
    with record.reading() as tx:
        since = rule_actions.impact(tx, now, against=None, by=ADA, at=MONDAY)
        against = rule_actions.impact(tx, now, against=other.plan_id, by=ADA, at=MONDAY)
        never = rule_actions.impact(tx, look(record, other), against=None, by=ADA, at=MONDAY)

    assert since.says == "None of 24 accounts would go elsewhere."
    assert never is None
    assert against.moved == 22
    assert {way.after for way in against.ways} == {"the carve Field"}

    change(record, plan, RemoveLayer(layer=1), revision=plan.revision)
    with record.reading() as tx:
        since = rule_actions.impact(tx, look(record, plan), against=None, by=ADA, at=MONDAY)
    assert [(way.before, way.after, way.accounts) for way in since.ways] == [("Strategic", "the carve Field", 2)]
    assert document(record, plan) != DOCUMENT


def test_an_alternative_that_is_never_true_is_left_out(record):
    a_market(record)
    odd = "state = 'TX' AND (revenue_usd > 5 AND revenue_usd < 3) OR state = 'TX'"
    book = a_rule_book(record, RULES.replace("state = 'TX'\"", f'{odd}"'))
    standing = look(record, book).standing
    (found,) = prove(standing.ordered, standing.unnamed).of(Kind.CONTRADICTORY)
    (fix,) = fixes_of(found, standing)

    assert fix.change == ChangeLayer(layer=4, settings={"where": "state = 'TX'"})
    assert weigh(record, book, fix.change).moves.moved == 0


def test_the_house_stays_the_house_after_a_carve(record):
    a_market(record)
    plan = a_carved_plan(record, RULES)
    with record.reading() as tx:
        since = rule_actions.impact(tx, look(record, plan), against=None, by=ADA, at=MONDAY)

    assert since.moved == 0
