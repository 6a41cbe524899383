"""Asking again only what changed gives what asking everything gives."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.random_rules import SCHEMA, a_frame, a_rule
from patchbook.rules.answers import Answers, answers_after, rule_change
from patchbook.rules.book import RuleBook
from patchbook.rules.condition import Condition
from patchbook.rules.parse import parse


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_after_any_accounts_changed_came_or_went_the_answers_are_those_of_a_full_run(seed):
    chance = random.Random(seed)
    book = RuleBook(some_rules(chance, 8))
    accounts = with_ids(a_frame(chance, rows=30), range(30))
    touched = chance.sample(range(40), 12)
    changed = with_ids(a_frame(chance, rows=12), touched)
    gone = [f"A{number}" for number in chance.sample(range(30), 4) if number not in touched]

    answers = Answers.of(book, accounts).again(book, changed, gone)

    now = accounts.filter(~pl.col("account_id").is_in([*changed["account_id"], *gone]))
    full = Answers.of(book, pl.concat([now, changed]))
    assert answers.frame.sort("account_id").equals(full.frame.sort("account_id"))


@settings(max_examples=150)
@given(seed=st.integers(0, 10**9))
def test_after_any_edit_of_the_rules_the_answers_are_those_of_a_full_run(seed):
    chance = random.Random(seed)
    before = some_rules(chance, 10)
    after = list(before)
    for _ in range(chance.choice([0, 1, 1, 2, 5])):
        edit(after, chance)
    frame = a_frame(chance, rows=60)
    book = RuleBook(before)
    answers = book.match_frame(frame)

    new, asked = answers_after(book, answers, after, frame)

    assert new.tolist() == RuleBook(after).match_frame(frame).tolist()
    told = dict(enumerate(before))
    differs = [told.get(was) != dict(enumerate(after)).get(will) for was, will in zip(answers, new, strict=True)]
    assert not np.any(np.array(differs) & ~asked)


def test_a_rule_added_below_all_others_asks_only_accounts_that_no_rule_takes():
    book = RuleBook(["state = 'GA'", "state = 'FL'"])
    frame = pl.DataFrame({"state": ["GA", "FL", "TX"]})

    new, asked = answers_after(book, book.match_frame(frame), (*book.rules, parse("state <> 'FL'")), frame)

    assert new.tolist() == [0, 1, 2]
    assert asked.tolist() == [False, False, True]


def test_a_moved_rule_is_taken_away_and_added_and_all_others_are_kept():
    rules = [parse(f"employees = {number}") for number in range(100)]
    moved = [*rules[:10], *rules[11:60], rules[10], *rules[60:]]

    change = rule_change(rules, moved)

    assert (change.removed, change.added) == ((10,), (59,))
    assert len(change.kept) == 99


def some_rules(chance: random.Random, count: int) -> list[Condition]:
    return [parse(f"({a_rule(chance, depth=2)}) AND ({a_rule(chance, depth=1)})", SCHEMA) for _ in range(count)]


def edit(rules: list[Condition], chance: random.Random) -> None:
    """Add, remove, change or move one rule."""
    place = chance.randrange(len(rules)) if rules else 0
    kind = chance.choice(["add", "remove", "change", "move"]) if rules else "add"
    if kind != "add":
        rule = rules.pop(place)
    if kind in ("add", "change"):
        rules.insert(place, *some_rules(chance, 1))
    if kind == "move":
        rules.insert(chance.randint(0, len(rules)), rule)


def with_ids(frame: pl.DataFrame, numbers: object) -> pl.DataFrame:
    return frame.with_columns(pl.Series("account_id", [f"A{number}" for number in numbers]))
