"""What a change of the rules would move is known before it is saved."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.random_rules import SCHEMA, a_frame, a_rule
from patchbook.rules.book import RuleBook
from patchbook.rules.context import Context, ValueList
from patchbook.rules.impact import Moves, impact
from patchbook.rules.parse import parse

ACCOUNTS = pl.DataFrame(
    {
        "account_id": ["A1", "A2", "A3", "A4"],
        "state": ["GA", "GA", "FL", None],
        "employees": [900, 10, 900, 10],
    }
)
BOOK = RuleBook(["state = 'GA'", "employees >= 500"])


def test_a_rule_taken_away_tells_where_its_accounts_would_go():
    found = impact(BOOK, BOOK.rules[1:], ACCOUNTS, territories=(["South", "Large"], ["Large"]))

    assert found.says == "2 of 4 accounts would move."
    assert found.moves == (
        Moves(before="South", after=None, rule_before=0, rule_after=None, accounts=1, examples=("A2",)),
        Moves(before="South", after="Large", rule_before=0, rule_after=0, accounts=1, examples=("A1",)),
    )


def test_a_rule_moved_up_takes_what_another_took():
    found = impact(BOOK, BOOK.rules[::-1], ACCOUNTS, territories=(["South", "Large"], ["Large", "South"]))

    assert [(one.before, one.after, one.examples) for one in found.moves] == [("South", "Large", ("A1",))]


def test_another_rule_for_the_same_territory_moves_nobody():
    found = impact(BOOK, BOOK.rules[::-1], ACCOUNTS, territories=(["South", "South"], ["South", "South"]))

    assert found.moved == 0
    assert found.says == "None of 4 accounts would move."


def test_the_largest_move_is_told_first_with_a_few_ids():
    many = pl.DataFrame({"account_id": [f"A{n}" for n in range(100)], "state": ["GA"] * 99 + ["FL"]})
    book = RuleBook(["state = 'GA'", "state = 'FL'"])

    found = impact(book, [], many)

    assert [(one.accounts, len(one.examples)) for one in found.moves] == [(99, 5), (1, 1)]


def test_a_list_that_changed_moves_accounts_like_a_rule_that_changed():
    rules = ["in_list(state, 'south')"]
    was = RuleBook(rules, context=Context(today=date(2027, 2, 1), lists={"south": ValueList.of(["GA"])}))
    will = Context(today=date(2027, 2, 1), lists={"south": ValueList.of(["GA", "FL"])})

    found = impact(was, was.rules, ACCOUNTS, context=will)

    assert [one.examples for one in found.moves] == [("A3",)]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_the_counts_are_those_of_two_full_runs(seed):
    chance = random.Random(seed)
    before, after = ([parse(a_rule(chance, depth=2), SCHEMA) for _ in range(6)] for _ in range(2))
    after = [*before[:3], *after[:2], *before[4:]]
    names = [chance.choice("ABC") for _ in before], [chance.choice("ABC") for _ in after]
    frame = a_frame(chance, rows=80).with_columns(account_id=pl.col("row").cast(pl.String))
    book = RuleBook(before)
    old, new = book.match_frame(frame), RuleBook(after).match_frame(frame)

    found = impact(book, after, frame, territories=names)

    expected: dict[tuple[int, int], int] = {}
    for was, will in zip(old.tolist(), new.tolist(), strict=True):
        if ([*names[0], None][was]) != ([*names[1], None][will]):
            expected[was, will] = expected.get((was, will), 0) + 1
    told = {
        (-1 if one.rule_before is None else one.rule_before, -1 if one.rule_after is None else one.rule_after): one
        for one in found.moves
    }
    assert {key: one.accounts for key, one in told.items()} == expected
    assert found.moved == sum(expected.values())
