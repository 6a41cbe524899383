"""Rules are kept as JSON and come back equal, without SQL being parsed."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.random_rules import SCHEMA, a_rule
from patchbook.rules.parse import parse
from patchbook.rules.stored import BadStoredRules, condition_from_json, rules_from_json, rules_to_json

ALL = [
    "state = 'GA' AND NOT (employees >= 500 OR revenue_usd < 1.5)",
    "state NOT IN ('GA', 'O''Hara') OR postal_code LIKE '303%'",
    "employees BETWEEN 1 AND 9 AND is_customer IS NOT NULL AND TRUE",
    "created_on >= today - 90 AND created_on <> DATE '2027-02-01'",
    "lookup(postal_code, 'zips') = 'East' AND within_km(33.75, -84.39, 50)",
]


def test_every_kind_of_condition_comes_back_equal_and_so_does_its_type():
    rules = [parse(text) for text in ALL]

    back = rules_from_json(rules_to_json(rules))

    assert list(back) == rules
    assert repr(back) == repr(tuple(rules))


@given(seed=st.integers(0, 10**9))
def test_a_random_rule_comes_back_equal(seed):
    rule = parse(a_rule(random.Random(seed), depth=5), SCHEMA)

    assert rules_from_json(rules_to_json([rule])) == (rule,)


def test_stored_rules_are_matched_without_sqlglot_being_loaded():
    text = rules_to_json([parse("state IN ('GA', 'FL') AND employees >= 500")])
    program = (
        "import sys; from patchbook.rules.book import RuleBook; from patchbook.rules.stored import rules_from_json;"
        f"book = RuleBook(rules_from_json({text!r}));"
        "print(book.match({'state': 'GA', 'employees': 900}), 'sqlglot' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["0", "False"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "the text is not JSON"),
        ("[" * 100_000, "the text is not JSON"),
        ("[]", 'there is no list "rules"'),
        ('{"format":2,"rules":[]}', "their format is 2, and this version reads 1"),
        ('{"format":1,"rules":[["~","state","GA"]]}', r'\["~", "state", "GA"\] is no condition'),
        ('{"format":1,"rules":[["=",7,"GA"]]}', "7 is no field"),
        ('{"format":1,"rules":[["=","state",null]]}', "None is no value"),
        ('{"format":1,"rules":[["=","state",NaN]]}', "nan is no value"),
        ('{"format":1,"rules":[["=","day",{"date":"2027-02-30"}]]}', "'2027-02-30' is no date"),
        ('{"format":1,"rules":[["=",{"call":"launch","arguments":[]},true]]}', "is no field"),
        ('{"format":1,"rules":[["=",{"call":"has","arguments":[null]},true]]}', "None is no argument"),
    ],
)
def test_what_is_not_stored_rules_is_refused_in_one_sentence(text, problem):
    with pytest.raises(BadStoredRules, match=problem):
        rules_from_json(text)


def test_a_condition_stands_in_json_as_it_reads():
    told = ["and", ["=", "state", "GA"], ["not", ["null", "employees"]]]

    assert json.loads(rules_to_json([condition_from_json(told)]))["rules"] == [told]
