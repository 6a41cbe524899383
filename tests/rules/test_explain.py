"""A condition reads as plain words, and a record that fails it is told where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.rules.condition import truth
from patchbook.rules.explain import failures, in_words
from patchbook.rules.parse import parse


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("state = 'GA'", "state is GA"),
        ("NOT state = 'GA'", "state is anything but GA"),
        ("state <> ''", "state is anything but an empty text"),
        ("employees < 1500.5", "employees is below 1,500.5"),
        ("NOT employees <= 5", "employees is above 5"),
        ("employees NOT BETWEEN 100 AND 2000", "employees is below 100 or above 2,000"),
        ("state IN ('GA', 'FL', 'TX')", "state is GA, FL or TX"),
        ("zip NOT IN ('1','2','3','4','5','6')", "zip is anything but one of 6 values (1, 2, 3, 4, 5, …)"),
        ("zip LIKE '303%'", "zip begins with 303"),
        ("domain LIKE '%.gov'", "domain ends with .gov"),
        ("name NOT LIKE '%bank%'", "name does not contain bank"),
        ("zip LIKE '303_1'", "zip fits the pattern '303_1'"),
        ("zip LIKE '%%303'", "zip fits the pattern '%%303'"),
        ("zip LIKE '30301'", "zip equals 30301"),
        ("segment IS NOT NULL AND tier IS NULL", "segment is not empty, and tier is empty"),
        ("is_customer", "is_customer is yes"),
        ("NOT (a = 1 AND (b = 2 OR c = 3))", "a is anything but 1, or (b is anything but 2, and c is anything but 3)"),
        ("TRUE", "always"),
        ("NOT TRUE", "never"),
    ],
)
def test_a_condition_reads_as_plain_words(rule, words):
    assert in_words(parse(rule)) == words


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("employees >= 500 AND state = 'GA'", ["employees is 420, needs at least 500"]),
        ("employees >= 500 AND state = 'FL'", ["employees is 420, needs at least 500", "state is GA, needs FL"]),
        ("segment = 'Field'", ["segment is empty, needs Field"]),
        ("segment IS NOT NULL", ["segment is empty, needs a value"]),
        ("state IS NULL", ["state is GA, needs no value"]),
        ("NOT state LIKE 'G%'", ["state is GA, needs text that does not begin with G"]),
        ("(state = 'FL' AND segment = 'x') OR employees > 999", ["employees is 420, needs above 999"]),
        ("FALSE", ["the rule is never true, needs to be changed"]),
        ("state = 'GA' OR FALSE", []),
        ("state = 'FL' OR FALSE", ["state is GA, needs FL"]),
    ],
)
def test_a_record_that_fails_is_told_what_is_needed(rule, said):
    record = {"employees": 420, "state": "GA", "segment": None}

    assert [str(failure) for failure in failures(parse(rule), record)] == said


@given(
    employees=st.none() | st.integers(0, 20),
    state=st.sampled_from(["GA", "FL", None]),
    rule=st.sampled_from(
        [
            "employees > 10 AND NOT state = 'GA'",
            "NOT (employees BETWEEN 3 AND 9 OR state IS NULL)",
            "state LIKE 'G%' OR employees NOT IN (1, 2)",
        ]
    ),
)
def test_a_record_has_failures_exactly_when_the_rule_does_not_match(employees, state, rule):
    record = {"employees": employees, "state": state}

    assert (failures(parse(rule), record) == ()) == (truth(parse(rule), record) is True)
