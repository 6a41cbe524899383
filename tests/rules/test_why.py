"""A record is told which rule took it, which nearly did and by which field, and what would lead it elsewhere."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules.context import Context, ValueList
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.why import why

SCHEMA = {"state": "text", "employees": "count", "revenue_usd": "money", "since": "date", "name": "text"}
RULES = [
    ("Enterprise East", "state IN ('GA', 'FL') AND employees > 500"),
    ("Whales", "revenue_usd >= 1000000 AND employees > 50"),
    ("South", "state IN ('GA', 'FL')"),
    ("Georgia", "state = 'GA'"),
    ("Old", "since < '2020-01-01'"),
]


@pytest.fixture
def rules():
    return OrderedRules.of(RULES, SCHEMA, rest="House")


def test_the_winner_the_near_misses_and_the_change_are_told_in_sentences(rules):
    assert why(rules, {"state": "GA", "employees": 420, "revenue_usd": 5.0}).says == (
        "Rule 3 (South) takes it, since state is GA or FL.",
        "Rule 4 (Georgia) holds as well, but comes after it.",
        "Rule 1 (Enterprise East) nearly took it: employees is 420, needs above 500.",
        "Rule 2 (Whales) nearly took it: revenue_usd is 5, needs at least 1,000,000.",
        "With 501 instead of 420 in employees it would go to Enterprise East.",
    )


def test_the_rule_that_lacks_fewest_fields_comes_first_and_of_these_the_closest(rules):
    told = why(rules, {"state": "GA", "employees": 40, "revenue_usd": 999_999.0})

    assert [near.rule.number for near in told.nearly] == [1, 2]
    told = why(rules, {"state": "GA", "employees": 60, "revenue_usd": 999_999.0})
    assert [near.rule.number for near in told.nearly] == [2, 1]


def test_only_rules_before_the_winner_can_nearly_have_won(rules):
    told = why(rules, {"state": "GA", "employees": 900})

    assert told.rule.number == 1
    assert told.nearly == ()
    assert str(told.changes[0]) == "With 500 instead of 900 in employees it would go to South"


def test_a_record_no_rule_takes_goes_to_the_rest(rules):
    told = why(rules, {"state": "NY", "employees": 900, "since": date(2020, 2, 1)})

    assert told.outcome == "House"
    assert told.says[0] == "No rule takes it, so it goes to House."
    assert [str(change) for change in told.changes] == [
        "With 2019-12-31 instead of 2020-02-01 in since it would go to Old",
        "With 1,000,000 instead of nothing in revenue_usd it would go to Whales",
        "With GA instead of NY in state it would go to Enterprise East",
    ]


def test_nobody_has_the_rest_where_no_house_is():
    assert why(OrderedRules.of({"South": "state = 'GA'"}), {"state": None}).says == (
        "No rule takes it.",
        "Rule 1 (South) nearly took it: state is empty, needs GA.",
        "With GA instead of nothing in state it would go to South.",
    )


def test_what_names_a_record_and_what_a_function_computes_are_not_changed():
    context = Context(lists={"targets": ValueList.of(["Acme"])})
    rules = OrderedRules.of([("Named", "account_id = 7"), ("Targets", "in_list(name, 'targets')")], context=context)

    told = why(rules, {"account_id": 8, "name": "Other"})

    assert told.changes == ()
    assert len(told.nearly) == 2


def test_a_rule_that_is_never_true_did_not_nearly_win():
    rules = OrderedRules.of({"Never": "employees > 50 AND employees < 20", "Other": "employees > 90"}, SCHEMA)

    assert [near.rule.outcome for near in why(rules, {"employees": 40}).nearly] == ["Other"]


CONDITIONS = st.sampled_from(
    ["employees < 2", "employees BETWEEN 2 AND 4", "NOT employees = 3", "state = 'GA'", "state LIKE 'G%'",
     "state IS NULL", "state = 'GA' AND employees >= 3", "state = 'FL' OR employees = 5", "employees IS NOT NULL"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    conditions=st.lists(CONDITIONS, min_size=1, max_size=4),
    employees=st.sampled_from([None, 0, 1, 2, 3, 4, 5, 6]),
    state=st.sampled_from([None, "GA", "FL", "TX"]),
)
def test_a_change_leads_where_it_says_and_no_smaller_one_leads_elsewhere(conditions, employees, state):
    rules = OrderedRules.of([(f"T{n}", text) for n, text in enumerate(conditions)], SCHEMA)
    record = {"employees": employees, "state": state}
    told = why(rules, record)

    for change in told.changes:
        assert rules.outcome({**record, change.field: change.now}) == change.outcome != told.outcome
    by_employees = [change for change in told.changes if change.field == "employees"]
    others = [n for n in range(-2, 9) if rules.outcome({**record, "employees": n}) != told.outcome]
    assert bool(by_employees) == bool(others)
    if by_employees and employees is not None:
        assert abs(by_employees[0].now - employees) == min(abs(n - employees) for n in others)


@settings(max_examples=30, deadline=None)
@given(conditions=st.lists(CONDITIONS, min_size=1, max_size=4))
def test_what_nearly_won_does_not_hold_and_comes_before_the_winner(conditions):
    rules = OrderedRules.of([(f"T{n}", text) for n, text in enumerate(conditions)], SCHEMA)

    for employees, state in itertools.product([None, 1, 3, 5], [None, "GA", "TX"]):
        record = {"employees": employees, "state": state}
        told = why(rules, record)
        for near in told.nearly:
            assert not rules.holds(near.rule.number - 1, record)
            assert near.lacks
            assert told.rule is None or near.rule.number < told.rule.number
